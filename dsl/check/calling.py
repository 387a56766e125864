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
    """The functions themselves, all they call, directly or not, and their rules, each once."""
    found: dict[typed.Function, None] = {}
    pending = list(reversed(list(functions)))
    while pending:
        function = pending.pop()
        if function not in found:
            found[function] = None
            pending.extend(call.function for call in calls(function))
            if function.rule is not None:
                pending.append(function.rule.function)
    return found


def needed_by(call: typed.Call | typed.LiftedCall | typed.Derivative) -> set[typed.Function]:
    """The functions whose values a call needs, of a derivative with all derivatives it needs: that
    of a function's rule, where there is one, elsewhere those of what the function calls.
    """
    found: set[tuple[typed.Function, bool]] = set()
    pending = [(call.function, False)]
    through = isinstance(call, typed.Derivative)
    if through:
        pending.append((call.function, True))
    while pending:
        function, differentiated = pending.pop()
        if (function, differentiated) in found:
            continue
        found.add((function, differentiated))
        if differentiated and function.rule is not None:
            pending += ((function.rule.function, kind) for kind in (False, True))
            continue
        for inner in calls(function):
            derives = isinstance(inner, typed.Derivative)
            if through or not derives:
                kinds = {False, differentiated or derives}
                pending += ((inner.function, kind) for kind in kinds)
    return {function for function, differentiated in found if not differentiated}


def returns_once(function: typed.Function) -> bool:
    """True when the only `return` is the last statement."""
    pending: list[object] = list(function.body[:-1])
    while pending:
        node = pending.pop()
        if isinstance(node, typed.Return):
            return False
        pending.extend(parts_of(node))
    return bool(function.body) and isinstance(function.body[-1], typed.Return)


def prints(function: typed.Function) -> bool:
    """True when it prints itself."""
    pending: list[object] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, typed.Print):
            return True
        pending.extend(parts_of(node))
    return False
