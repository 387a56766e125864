"""Which functions call which."""

from collections.abc import Iterable, Iterator

from dpc.dsl import typed
from dpc.dsl.check.flow import parts_of


def calls(function: typed.Function) -> Iterator[typed.Call | typed.LiftedCall | typed.Derivative]:
    """Every call in a function's body, in order."""
    pending: list[object] = list(reversed(function.body))
    while pending:
        node = pending.pop()
        if isinstance(node, (typed.Call, typed.LiftedCall, typed.Derivative)):
            yield node
        pending.extend(reversed(list(parts_of(node))))


def reached(functions: Iterable[typed.Function]) -> dict[typed.Function, None]:
    """The functions themselves and all they call, directly or not, each once."""
    found: dict[typed.Function, None] = {}
    pending = list(reversed(list(functions)))
    while pending:
        function = pending.pop()
        if function not in found:
            found[function] = None
            pending.extend(call.function for call in calls(function))
    return found


def returns_once(function: typed.Function) -> bool:
    """True when the only `return` is the last statement."""
    pending: list[object] = list(function.body[:-1])
    while pending:
        node = pending.pop()
        if isinstance(node, typed.Return):
            return False
        pending.extend(parts_of(node))
    return bool(function.body) and isinstance(function.body[-1], typed.Return)
