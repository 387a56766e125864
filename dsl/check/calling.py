"""Which functions call which."""

from collections.abc import Iterable, Iterator

from dpc.dsl import typed
from dpc.dsl.check.flow import parts_of
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.differentiability import DifferentiatesItself
from dpc.dsl.errors.functions import RecursiveExtent
from dpc.dsl.errors.support import NotSupported


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


def calls_itself(function: typed.Function) -> bool:
    """True when a function's value needs another value of it."""
    return any(
        function in needed_by(call)
        for call in calls(function)
        if not isinstance(call, typed.Derivative)
    )


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


def refused(
    function: typed.Function, call: typed.Call | typed.LiftedCall | typed.Derivative
) -> Diagnostic | None:
    """Why a call can't stand where it does, if so."""
    callee = call.function
    leads_back = function in needed_by(call)
    if leads_back and isinstance(call, typed.Derivative):
        return DifferentiatesItself(span=call.span, function=callee.name.split(".")[0])
    if leads_back and callee.result_dimensions:
        names = ", ".join(f"`{name}`" for name in callee.result_dimensions)
        return RecursiveExtent(span=call.span, function=callee.name, dimensions=names)
    if callee.result_dimensions and _asks_twice(callee):
        what = f"calling `{callee.name}`, which prints and returns at several places"
        advice = "its extents are asked for first: let it return once, or not print"
        return NotSupported(span=call.span, what=what, advice=advice)
    return None


def _asks_twice(function: typed.Function) -> bool:
    """True when it would print once for its extents and once for its value."""
    return not returns_once(function) and any(prints(f) for f in reached([function]))


def refused_rule(function: typed.Function) -> bool:
    """True if a function with a derivative rule, or the rule, needs recursion."""
    assert function.rule is not None
    return any(calls_itself(f) for f in reached((function, function.rule.function)))
