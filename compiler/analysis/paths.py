"""How a derivative gets from an input through an operation to a result, for people to read."""

from collections.abc import Iterable
from dataclasses import dataclass

from dpc.compiler.analysis.activity import Activity, Carries, edges_of
from dpc.compiler.ir.core import Function, Op, Value

# For each value reached the value before it, and the operation between.
_Reached = dict[Value, tuple[Value, Op] | None]


@dataclass(frozen=True, slots=True)
class Path:
    """`source` is the input that it starts from; the operations before and behind the one that it
    leads through, in order.
    """

    source: Value
    before: tuple[Op, ...]
    behind: tuple[Op, ...]


def path_through(
    function: Function, op: Op, activity: Activity, inputs: Iterable[Value], carries: Carries
) -> Path:
    """A shortest path of active values from one of the inputs through an operation to a result."""
    ways: dict[Value, list[tuple[Value, Op]]] = {}
    back: dict[Value, list[tuple[Value, Op]]] = {}
    for each in function.body.walk():
        for source, target in edges_of(each, carries):
            if source in activity and target in activity:
                ways.setdefault(source, []).append((target, each))
                back.setdefault(target, []).append((source, each))
    own = list(edges_of(op, carries))
    reached = _reach([v for v in inputs if v in activity], ways)
    entered = next(s for s, _ in own if s in reached)
    source, before = _walk(entered, reached)
    ends = {*function.arguments, *function.body.terminator.operands}
    left = _reach([v for v in ends if v in activity], back)
    found = next((t for _, t in own if t in left), None)
    behind = () if found is None else _walk(found, left)[1]
    return Path(source, tuple(reversed(before)), tuple(behind))


def _reach(starts: Iterable[Value], ways: dict[Value, list[tuple[Value, Op]]]) -> _Reached:
    found: _Reached = dict.fromkeys(starts)
    pending = list(found)
    for value in pending:
        for target, op in ways.get(value, ()):
            if target not in found:
                found[target] = (value, op)
                pending.append(target)
    return found


def _walk(value: Value, reached: _Reached) -> tuple[Value, list[Op]]:
    """Back to the start; the operations met on the way."""
    ops: list[Op] = []
    while (step := reached[value]) is not None:
        value, op = step
        ops.append(op)
    return value, ops
