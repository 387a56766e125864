"""What operations do to buffers: which they read, which they write, whether they can fail.

Exact up to control flow: buffers are distinct Values and never overlap, so effects on different
Values commute. Inner blocks count as executed; buffers allocated inside a block are dropped from
the effects of the op that holds it, since nobody outside can see them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dpc.compiler.dialects import (
    ad,
    cf,
    extern,
    func,
    io,
    memref,
    tape,
)
from dpc.compiler.dialects.memory import READS, WRITES, reads, writes
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import MemRefType


@dataclass(frozen=True, slots=True)
class Effects:
    """Buffers (and stacks) read and written, and whether a check or print inside may leave the
    function.

    `calls` is True when a function is called: its checks are unknown.
    """

    reads: frozenset[Value] = frozenset()
    writes: frozenset[Value] = frozenset()
    fails: bool = False
    calls: bool = False

    def conflicts(self, other: "Effects") -> bool:
        """True when the order of the two on buffers matters."""
        return bool(
            self.writes & other.writes or self.writes & other.reads or self.reads & other.writes
        )

    @property
    def removable(self) -> bool:
        """Nothing is lost when an unused op with these effects is deleted."""
        return not (self.writes or self.fails or self.calls)


NONE = Effects()

# What may leave the function; a print may, where the output fails, a count, where it is shown.
FAILING = (cf.Assert, io.Print, tape.Count, tape.Expect)

# Functions of the program: nothing is known of their checks.
CALLING = (func.Call, func.Invoke, func.Forall, ad.Derivative, ad.Call)
TOUCHING = frozenset((*READS, *WRITES, *FAILING, *CALLING))


def union(effects: Iterable[Effects]) -> Effects:
    """All the effects together."""
    read: set[Value] = set()
    written: set[Value] = set()
    fails = calls = False
    for effect in effects:
        read |= effect.reads
        written |= effect.writes
        fails |= effect.fails
        calls |= effect.calls
    return Effects(frozenset(read), frozenset(written), fails, calls)


class EffectsOf:
    """Effects of ops and blocks, each computed once; valid as long as nothing is rebuilt.

    `known`: callees whose invocations do nothing but to fill what they are given, each with whether
    checks inside may leave.
    """

    def __init__(self, known: Mapping[str, bool] | None = None) -> None:
        self._callees = known or {}
        self._known: dict[int, tuple[Op, Effects]] = {}

    def op(self, op: Op) -> Effects:
        """Effects of an op with everything inside."""
        if type(op) not in TOUCHING and not op.kinds.blocks:
            return NONE
        known = self._known.get(id(op))
        if known is None:
            known = (op, self._compute(op))
            self._known[id(op)] = known
        return known[1]

    def block(self, block: Block) -> Effects:
        """Effects of a block that are visible outside it."""
        return self.ops(block.ops)

    def ops(self, ops: Iterable[Op]) -> Effects:
        """Effects of a sequence of ops, without those on buffers allocated by it."""
        listed = tuple(ops)
        total = union(self.op(op) for op in listed)
        local = {op.result for op in listed if isinstance(op, memref.Alloc | tape.Stack)}
        if not local:
            return total
        return Effects(total.reads - local, total.writes - local, total.fails, total.calls)

    def _compute(self, op: Op) -> Effects:
        kind = type(op)
        reads_, writes_ = frozenset(reads(op)), frozenset(writes(op))
        if isinstance(op, io.Print):
            reads_ = frozenset(v for v in op.values if isinstance(v.type, MemRefType))
        fails = kind in FAILING or calls_once(op)
        fails = fails or (isinstance(op, ad.Custom) and may_fail(op.function))
        calls = kind in CALLING
        if isinstance(op, func.Invoke) and op.callee in self._callees:
            fails, calls = self._callees[op.callee], False
        own = Effects(reads_, writes_, fails, calls)
        if not op.blocks:
            return own
        return union((own, *(self.block(block) for block in op.blocks)))


@lru_cache(maxsize=256)
def may_fail(function: ad.CustomFunction) -> bool:
    """True if a call of the function may leave, or print, so that it has to be made once."""
    return any(
        isinstance(op, FAILING)
        or calls_once(op)
        or (isinstance(op, ad.Custom) and may_fail(op.function))
        for op in _ops(function)
    )


@lru_cache(maxsize=256)
def runs_once(function: ad.CustomFunction) -> bool:
    """True if a second run of the function would show."""
    return any(
        isinstance(op, io.Print)
        or (isinstance(op, extern.Call) and not op.repeatable)
        or (isinstance(op, ad.Custom) and runs_once(op.function))
        for op in _ops(function)
    )


@lru_cache(maxsize=256)
def _calls_once(function: ad.CustomFunction) -> bool:
    return any(calls_once(op) for op in _ops(function))


def _ops(function: ad.CustomFunction) -> Iterator[Op]:
    """The ops of a function with a rule and of its callees."""
    primal = function.primal()
    return (op for f in (primal, *primal.callees) for op in f.body.walk())


def calls_once(op: Op) -> bool:
    """True for calls of C functions that are not pure, and of functions that call such."""
    if isinstance(op, extern.Call):
        return not op.repeatable
    return isinstance(op, ad.Custom) and _calls_once(op.function)


def effects_of(op: Op) -> Effects:
    """Effects of one op, uncached."""
    return EffectsOf().op(op)


__all__ = [
    "NONE",
    "READS",
    "WRITES",
    "Effects",
    "EffectsOf",
    "effects_of",
    "may_fail",
    "runs_once",
    "union",
]
