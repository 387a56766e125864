"""Callees that may run again without anybody noticing, and those that may be left out."""

from collections.abc import Callable, Iterable

from dpc.compiler.analysis.callees import circular, invocations
from dpc.compiler.analysis.effects import FAILING, calls_once, may_fail
from dpc.compiler.dialects import ad, cf, func, scf
from dpc.compiler.ir.core import Function, Op


def repeatable(
    callees: Iterable[Function], bars: Callable[[Function], bool] = lambda function: False
) -> dict[str, int]:
    """The callees that print nothing, call no C function that is not pure, do not lead back to
    themselves and are not barred, nor is anything that they invoke; each with the height of its
    tree of invocations.
    """
    return _heights(callees, _once, bars)


def _once(op: Op) -> bool:
    told = isinstance(op, FAILING) and not isinstance(op, cf.Assert)
    return told or isinstance(op, func.Forall) or calls_once(op)


def idle(callees: Iterable[Function]) -> frozenset[str]:
    """The callees that are repeatable, have no checks and end: nothing but results and buffers
    shows that they ran.
    """
    return frozenset(_heights(callees, _shows, lambda function: False))


def _shows(op: Op) -> bool:
    if isinstance(op, ad.Custom):
        return may_fail(op.function)
    if isinstance(op, scf.While):
        return op.bound is None
    return isinstance(op, (*FAILING, func.Forall)) or calls_once(op)


def _heights(
    callees: Iterable[Function], op_bars: Callable[[Op], bool], bars: Callable[[Function], bool]
) -> dict[str, int]:
    """The callees that are not barred and do not lead back to themselves, with their heights."""
    by_name = {callee.name: callee for callee in callees}
    barred = set(circular(by_name.values()))
    for name, callee in by_name.items():
        shared = any(p.role == "shared" for p in callee.parameters)
        if shared or any(map(op_bars, callee.body.walk())) or bars(callee):
            barred.add(name)
    heights: dict[str, int] = {}

    def height(name: str) -> int | None:
        if name in barred:
            return None
        if name not in heights:
            inner = [height(op.callee) for op in invocations(by_name[name].body)]
            known = [h for h in inner if h is not None]
            if len(known) < len(inner):
                barred.add(name)
                return None
            heights[name] = 1 + max(known, default=0)
        return heights[name]

    return {name: h for name in by_name if (h := height(name)) is not None}


__all__ = ["idle", "repeatable"]
