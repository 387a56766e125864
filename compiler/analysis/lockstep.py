"""Loops whose iterations may run side by side, one a lane, each op for all lanes before the next.

An iteration may keep what it likes in buffers of its own. Of the buffers that iterations share,
those that are written must be touched by different iterations at different elements, or only be
added to. What a loop carries must be a sum, a maximum or a minimum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dpc.compiler.analysis.accumulation import Accumulation, accumulations
from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.independence import apart, only_added_to, written
from dpc.compiler.analysis.sums import adds_to
from dpc.compiler.analysis.varying import bounds, varying
from dpc.compiler.dialects import arith, cf, linalg, memref, scf
from dpc.compiler.dialects.scalar import Scalar
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.rewrite import defined_in
from dpc.compiler.ir.types import I1, FloatType
from dpc.dsl.source import Span

SUM, LARGEST, LEAST = "add", "maximumf", "minimumf"
_EXTREMES: dict[type[Op], str] = {arith.MaximumF: LARGEST, arith.MinimumF: LEAST}
_STRUCTURE = (scf.For, scf.If, scf.While, scf.Yield, scf.Condition)
_MEMORY = (memref.Alloc, memref.Constant, memref.Load, memref.Store, memref.Copy, linalg.Fill)


class NotInLockstep(Exception):  # noqa: N818 - an answer, not an error
    """Why the iterations may not run side by side, and the place that shows it."""

    def __init__(self, reason: str, span: Span | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span


@dataclass(frozen=True, slots=True)
class Lockstep:
    """What is known of a loop whose iterations may run side by side.

    different: values that differ between iterations. private: buffers that an iteration makes for
    itself. sums: stores that only add to elements that other iterations may add to as well.
    kinds: how the iterations' parts of each carried value are combined. checks: those that differ
    between iterations, and in between what they ask about; an iteration can do this first.
    """

    different: set[Value]
    private: set[Value]
    sums: dict[Op, Accumulation]
    kinds: tuple[str, ...]
    checks: tuple[Op, ...]


def lockstep(loop: scf.For, uses: Mapping[Value, int], exact: bool) -> Lockstep:
    """What is known of a loop; `NotInLockstep` where its iterations have to follow one another.

    `uses` counts the uses of values in the function; `exact`: sums keep their order.
    """
    if constant_of(loop.step) != 1:
        raise NotInLockstep("its step is not 1", loop.span)
    ops = list(loop.body.walk())
    for op in ops:
        if not isinstance(op, (Scalar, cf.Assert, *_STRUCTURE, *_MEMORY)):
            raise NotInLockstep(f"an iteration does more than compute: {op.name}", op.span)
    kinds = tuple(_kinds(loop, uses))
    private = {op.result for op in ops if isinstance(op, memref.Alloc)}
    shared = written(loop.body) - private
    sums = _sums(loop, shared, uses)
    floats = [isinstance(v.type, FloatType) for v in loop.inits]
    if exact and (sums or any(f and k == SUM for f, k in zip(floats, kinds, strict=True))):
        raise NotInLockstep("sums keep their order where math is strict", loop.span)
    different = varying(loop, private | shared)
    checks = _checks(loop, different, private | shared)
    within = defined_in(loop.body)
    for op in loop.body.ops:
        _require_same(op, different, private, within, masked=False)
    return Lockstep(different, private, sums, kinds, checks)


def _checks(loop: scf.For, different: set[Value], changed: set[Value]) -> tuple[Op, ...]:
    """Checks of the body that differ between iterations, with what they depend on, in order.

    Buffers that change are not asked about: whether a check holds does not depend on the
    iterations before.
    """
    wanted: set[Value] = set()
    found: list[Op] = []
    for op in reversed(loop.body.ops):
        if isinstance(op, cf.Assert):
            if not _check_differs(op, different):
                continue
            wanted.add(op.condition)
        elif wanted.isdisjoint(op.results):
            continue
        elif not (
            isinstance(op, Scalar) or (isinstance(op, memref.Load) and op.buffer not in changed)
        ):
            raise NotInLockstep("a check differs between iterations", op.span)
        else:
            wanted.update(op.operands)
        found.append(op)
    return tuple(reversed(found))


def _kinds(loop: scf.For, uses: Mapping[Value, int]) -> list[str]:
    """How the iterations' parts of each carried value are combined."""
    kinds: list[str] = []
    carried = zip(loop.body.arguments[1:], loop.body.terminator.operands, strict=True)
    for value, yielded in carried:
        op = yielded.op
        alone = uses.get(value) == uses.get(yielded) == 1 and op in loop.body.ops
        if value.type != I1 and adds_to(yielded, value, loop.body):
            kinds.append(SUM)
        elif alone and type(op) in _EXTREMES and op is not None and value in op.operands:
            kinds.append(_EXTREMES[type(op)])
        else:
            raise NotInLockstep("an iteration needs a value of the one before", loop.span)
    return kinds


def _sums(loop: scf.For, shared: set[Value], uses: Mapping[Value, int]) -> dict[Op, Accumulation]:
    """Stores that add to shared elements; all others are at elements of the iteration's own."""
    body, induction = loop.body, loop.body.arguments[0]
    found: dict[Op, Accumulation] = {}
    for buffer in shared:
        if apart(body, induction, buffer):
            continue
        if not only_added_to(body, buffer, uses):
            accesses = (op for op in body.walk() if buffer in op.operands)
            where = next((op for op in accesses if op.span is not None), loop)
            raise NotInLockstep("iterations share elements of an array", where.span)
        blocks = (body, *(b for op in body.walk() for b in op.blocks))
        for block in blocks:
            for store, sum_ in accumulations(block, uses).items():
                if sum_.load.buffer is buffer:
                    found[store] = sum_
    return found


def _check_differs(op: Op, different: set[Value]) -> bool:
    """The check, or what it reports, is not the same in all lanes."""
    return any(v in different for v in op.operands)


def _require_same(
    op: Op, different: set[Value], private: set[Value], within: set[Value], masked: bool
) -> None:
    """Checks inside, lengths of loops and what is done to whole buffers must be the same in all
    lanes; `masked`: not all lanes come here.
    """
    reason = _differs(op, different, private, within, masked)
    if reason:
        raise NotInLockstep(reason, op.span)
    branches = isinstance(op, scf.If) and op.condition in different
    for block in op.blocks:
        for inner in block.ops:
            if isinstance(inner, cf.Assert) and (
                masked or branches or _check_differs(inner, different)
            ):
                raise NotInLockstep("a check differs between iterations", inner.span)
            _require_same(inner, different, private, within, masked or branches)


def _differs(
    op: Op, different: set[Value], private: set[Value], within: set[Value], masked: bool
) -> str:
    """Why an op stands in the way, or nothing."""
    if isinstance(op, scf.While):
        return "an inner loop has no known length"
    if isinstance(op, scf.For) and any(v in different for v in bounds(op)):
        return "an inner loop runs differently often"
    if isinstance(op, memref.Alloc) and not within.isdisjoint(op.extents):
        return "an iteration computes the extents of an array"
    if isinstance(op, memref.Copy) and (masked or not {op.source, op.target} <= private):
        return "a whole array is copied"
    if isinstance(op, linalg.Fill) and (
        masked or op.buffer not in private or op.value in different
    ):
        return "a whole array is filled"
    return ""
