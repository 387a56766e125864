"""Which loops are reversed iteration by iteration, and which of these run only once.

A loop inside of which something would be stored becomes a frame if it can: its tape is then that of
one iteration. There are two ways:

- **fused**: the primal loop moves to where its reverse stands, and each iteration is reversed as
  soon as it ran. So that this changes nothing, the order of the reverse must be free, and neither
  the reverse code before that place nor what stays before it may use what the loop leaves; what
  follows from the loop moves behind it. Checks and prints keep their order, and invocations of
  callees, which have a tape of their own, their places.
- **replayed**: the loop runs as it did, and its reverse runs each iteration again (`replay`).

Loops of a frame may be fused in turn: that is how a sum inside of an iteration is reversed in the
pass that computes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dpc.compiler.ad.plan import TapePlan
from dpc.compiler.ad.replay import Barred, Replay, replay
from dpc.compiler.ad.sweep import Sweep
from dpc.compiler.analysis.effects import Effects, EffectsOf
from dpc.compiler.analysis.needed import Nest, named
from dpc.compiler.dialects import scf
from dpc.compiler.dialects.memory import reads
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.types import MemRefType

FUSED = "the adjoint of what it leaves is known before it runs"
ORDERED = "its iterations must be reversed last to first"
EARLY = "what it leaves is needed before its reverse, or checks and prints would change their order"


@dataclass(slots=True)
class Frame:
    """How both sweeps of a frame run, one after the other.

    replay: what of the primal's block runs; all of it if None. behind: for primal ops that do not
    run first the op of the reverse code behind which they do. fused: for loops of the reverse code
    the primal loop that runs within.
    """

    replay: Replay | None
    behind: dict[Op, Op] = field(default_factory=dict)
    fused: dict[Op, scf.For] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoopChoice:
    """How a loop is reversed, and why: kind "fused", "replayed", or "stored" for iterations whose
    values go to the tape of the frame around.
    """

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Iterations:
    """The frames of a function, its nest with them, and what became of each loop inside of which
    something would be stored.
    """

    nest: Nest
    frames: dict[Block, Frame]
    loops: dict[Op, LoopChoice]

    def outside(self) -> dict[Value, Op | None]:
        """What replays use of blocks that are no frames, each with an op that does."""
        replays = (f.replay for f in self.frames.values() if f.replay is not None)
        return {v: op for r in replays for v, op in r.outside.items()}


def iterations(
    sweep: Sweep, draft: Sequence[Op], wanted: Iterable[Value], outcome: TapePlan
) -> Iterations:
    """Choose the frames of a function with its reverse code in draft.

    `wanted` are the values that the draft names, `outcome` is the plan without any frame but the
    function's body.
    """
    chosen = _Choice(sweep, wanted, outcome)
    chosen.frame(sweep.nest.body, draft, None)
    chosen.replayed(sweep.nest.body)
    return Iterations(sweep.nest.with_frames(chosen.frames), chosen.frames, chosen.loops)


def _holders(stored: Iterable[Value], nest: Nest) -> dict[Op, int]:
    """The ops in which something is stored, each with the depth of the innermost."""
    found: dict[Op, int] = {}
    for value in stored:
        block = nest.homes[value]
        depth = nest.depths[block]
        while block in nest.parents:
            op, block = nest.parents[block]
            found[op] = max(found.get(op, 0), depth)
    return found


class _Choice:
    """The frames chosen so far."""

    def __init__(self, sweep: Sweep, wanted: Iterable[Value], outcome: TapePlan) -> None:
        self.sweep = sweep
        self.nest = sweep.nest
        self.wanted = wanted
        self.plan = outcome
        stored = (v for v, decision in outcome.items() if decision.stored)
        self.holders = _holders(stored, sweep.nest)
        self.frames: dict[Block, Frame] = {}
        self.loops: dict[Op, LoopChoice] = {}
        self.mirrors = {m.primal: (block, m.header) for block, m in sweep.mirrors.items()}
        self.effects = EffectsOf() if sweep.taped is None else sweep.taped.effects()

    def frame(self, block: Block, draft: Sequence[Op], replayed: Replay | None) -> None:
        """Make a block a frame, and those of its loops that can be fused."""
        frame = self.frames[block] = Frame(replayed)
        reverses = {op.blocks[0]: op for op in draft if isinstance(op, scf.For)}
        order = _Order(block, draft, self, replayed is not None)
        loops = [op for op in block.ops if isinstance(op, scf.For) and op in self.holders]
        for op in sorted(loops, key=lambda op: -self.holders[op]):
            reverse = reverses.get(self.mirrors[op.body][0]) if op.body in self.mirrors else None
            self.loops[op] = LoopChoice("stored", ORDERED)
            if reverse is not None and op.body in self.sweep.any_order:
                done = order.try_fusing(op, reverse)
                self.loops[op] = LoopChoice("fused", FUSED) if done else LoopChoice("stored", EARLY)
        frame.behind, frame.fused = order.outcome()
        for fused, primal in frame.fused.items():
            _, header = self.mirrors[primal.body]
            self.frame(primal.body, fused.blocks[0].ops[header:], replayed)

    def replayed(self, block: Block) -> None:
        """Find loops to replay among the ops of a block, outermost first."""
        for op in block.ops:
            if op not in self.holders or any(b in self.frames for b in op.blocks):
                continue
            found = self._replay(op) if isinstance(op, scf.For) else None
            if found is None:
                for inner in op.blocks:
                    self.replayed(inner)
            else:
                why = self.loops[op].reason if op in self.loops else ORDERED
                self.loops[op] = LoopChoice("replayed", why)
                reverse, header = self.mirrors[op.blocks[0]]
                self.frame(op.blocks[0], reverse.ops[header:], found)

    def _replay(self, op: scf.For) -> Replay | None:
        if op.body not in self.mirrors or self.effects.op(op).calls:
            return None
        nest = self.nest
        wanted = [v for v in self.wanted if nest.inside(nest.homes[v], op.body)]
        try:
            return replay(op.body, wanted, nest, self.sweep.same)
        except Barred as bar:
            self.loops[op] = LoopChoice("stored", str(bar))
            return None


class _Order:
    """In which order the ops of a frame and their reverse code run, some loops fused.

    Everything has a time: -1 for the primal, k for what runs right behind op k of the reverse code.
    """

    def __init__(self, block: Block, draft: Sequence[Op], choice: _Choice, silent: bool) -> None:
        self.block = block
        self.draft = draft
        self.nest = choice.nest
        self.given = choice.sweep.same
        self.plan = choice.plan
        self.effects = choice.effects
        self.silent = silent  # checks and prints do not run
        self.fused: dict[Op, int] = {}
        self.times: dict[Op, int] = {}
        self._uses: list[tuple[int, Op, bool]] | None = None

    def try_fusing(self, op: scf.For, reverse: Op) -> bool:
        """Fuse a loop with its reverse, if the whole still holds with it; True if it does."""
        fused = {**self.fused, op: self.draft.index(reverse)}
        times = self._timed(fused)
        if times is None or not self._in_time(times, fused):
            return False
        self.fused, self.times = fused, times
        return True

    def outcome(self) -> tuple[dict[Op, Op], dict[Op, scf.For]]:
        """`behind` and `fused` of the frame."""
        fused = {self.draft[k]: op for op, k in self.fused.items() if isinstance(op, scf.For)}
        times = self.times.items()
        return {op: self.draft[k] for op, k in times if op not in self.fused}, fused

    def _timed(self, fused: dict[Op, int]) -> dict[Op, int] | None:
        """When each op that does not run first runs; None if that cannot be."""
        times: dict[Op, int] = {}
        effects: list[tuple[Effects, int]] = []
        latest = -1
        for op in self.block.ops[:-1]:
            own = self.effects.op(op)
            time = max((t for e, t in effects if e.conflicts(own)), default=-1)
            for value in (*op.operands, *named(o for b in op.blocks for o in b.ops)):
                if value.op in times:
                    time = max(time, times[value.op])
            if op in fused:
                if time >= fused[op]:
                    return None
                time = fused[op]
            if own.calls and time >= 0:
                return None
            if not self.silent and (own.fails or own.calls):
                if time < latest:
                    return None
                latest = time
            if time >= 0:
                times[op] = time
                effects.append((own, time))
        return times

    def _in_time(self, times: dict[Op, int], fused: dict[Op, int]) -> bool:
        """True if every value of the primal that the reverse code names is there by then."""
        for k, op, within in self._named():
            if op in times and not (times[op] < k or (within and fused.get(op) == k)):
                return False
        return True

    def _named(self) -> list[tuple[int, Op, bool]]:
        """(k, op, within): op k of the reverse code needs a value of an op of the frame, or one
        kept `within` it.
        """
        if self._uses is None:
            found: set[tuple[int, Op, bool]] = set()
            for k, reverse in enumerate(self.draft):
                found.update((k, op, within) for op, within in self._sources(named((reverse,))))
            self._uses = list(found)
        return self._uses

    def _sources(self, values: Iterable[Value]) -> Iterator[tuple[Op, bool]]:
        """What must have run for values: those recomputed need only what they are computed from."""
        pending, seen = list(values), set[Value]()
        while pending:
            value = pending.pop()
            home = self.nest.homes.get(value)
            if value in seen or home is None or value in self.given:
                continue
            seen.add(value)
            if isinstance(value.type, MemRefType):  # its contents are read as they are
                yield from ((op, False) for op, _ in self._writers(value, self.block))
            if home is self.block:
                if value.op is not None:
                    yield value.op, False
                continue
            again = self.plan[value].again if value in self.plan else None
            if again is not None:
                pending.extend(v for v in again.operands if not isinstance(v.type, MemRefType))
                for buffer in reads(again):
                    yield from self._writers(buffer, home)
            elif self.nest.inside(home, self.block):
                yield self.block.ops[self.nest.position(home, self.block)], True

    def _writers(self, buffer: Value, home: Block) -> Iterator[tuple[Op, bool]]:
        """The ops that write a buffer, from which a value of a block is read back.

        Within an op that holds the block the value's own element has been written by then.
        """
        for op in self.block.ops:
            if buffer in self.effects.op(op).writes:
                yield op, any(self.nest.inside(home, b) for b in op.blocks)
