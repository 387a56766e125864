"""What must be stored of a sequential loop so that its iterations can run again: its states.

A state is what an iteration starts from, as far as the reverse pass needs it: with `wanted`, the
values that the tape of an iteration holds,

    replay    the backward closure of `wanted` over the body and around the back edge
    X         carried values in the replay, and arrays that it reads and the loop writes

Not in X are arrays whose elements still hold, after the loop, what the replay reads of them (a row
for each step), and those that each iteration overwrites before it reads them. Arrays that only code
behind the loop overwrites are copied once.

On entry: a function with its reverse code drafted and planned. On exit: a `Checkpoint` for each
loop that asks for it and can run again, and for another why it can't.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.iterations import Iterations
from dpc.compiler.ad.plan import TapePlan, lasts
from dpc.compiler.ad.replay import Barred, Closure, Replay, check_repeatable, writers_of
from dpc.compiler.ad.sweep import Sweep
from dpc.compiler.ad.trips import has_shape
from dpc.compiler.analysis.effects import EffectsOf
from dpc.compiler.analysis.needed import Nest
from dpc.compiler.analysis.versions import covered
from dpc.compiler.dialects import linalg, memref, scf
from dpc.compiler.dialects.memory import reads, writes
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import rebuild_block

AUTO = "auto"  # a loop that may be reversed from states, as the budget of the call asks


@dataclass(frozen=True, slots=True)
class Wish:
    """What a loop's `checkpoint` says: at most so many bytes, or so many states; None for neither.

    Text: "auto", "memory=1000000" or "slots=12".
    """

    memory: int | None = None
    slots: int | None = None

    @staticmethod
    def of(text: str) -> "Wish":
        """The wish that a text says."""
        if text == AUTO:
            return Wish()
        name, _, number = text.partition("=")
        return Wish(**{name: int(number)})


def allow_checkpoints(module: Module) -> Module:
    """Let all loops be reversed from states, those that say nothing else as the budget asks."""

    def allow(op: Op) -> tuple[list[Op], tuple[Value, ...]] | None:
        if not isinstance(op, scf.For | scf.While) or op.checkpoint:
            return None
        allowed = replace(op, checkpoint=AUTO)
        for new, old in zip(allowed.results, op.results, strict=True):
            new.name = old.name
        return [allowed], allowed.results

    return module.map(lambda f: f.with_body(rebuild_block(f.body, {}, allow)))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is stored of a loop, and what of its body runs again.

    carried: positions of the carried values in X; buffers: the arrays in X; scratch: other arrays
    from outside that the replay writes; once: arrays to be copied where the loop begins. stored:
    the values on the tape of an iteration.
    """

    replay: Replay
    carried: tuple[int, ...]
    buffers: tuple[Value, ...]
    scratch: tuple[Value, ...]
    once: tuple[Value, ...]
    stored: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The loops to be reversed from stored states, and why others that ask for it are not."""

    loops: dict[Op, Checkpoint]
    barred: dict[Op, str]


def checkpoints(sweep: Sweep, chosen: Iterations, outcome: TapePlan) -> Checkpoints:
    """Find the loops of a function that can run again from stored states."""
    nest = chosen.nest
    stored = [v for v, d in outcome.items() if d.stored and nest.frame(nest.homes[v]) is nest.body]
    found: dict[Op, Checkpoint] = {}
    barred: dict[Op, str] = {}
    reversed_ = {m.primal for m in sweep.mirrors.values()}
    for op in _outermost(nest.body, nest):
        own = tuple(v for v in stored if nest.inside(nest.homes[v], op.body))
        if not op.checkpoint or not own or op.body not in reversed_:
            continue
        try:
            found[op] = _checkpoint(op, own, sweep, nest)
        except Barred as bar:
            barred[op] = str(bar)
    return Checkpoints(found, barred)


def _outermost(block: Block, nest: Nest) -> Iterator[scf.For]:
    """The loops of a block, those under conditions too, that are not frames."""
    for op in block.ops:
        if isinstance(op, scf.For) and op.body not in nest.frames:
            yield op
        elif isinstance(op, scf.If):
            for inner in op.blocks:
                yield from _outermost(inner, nest)


def _checkpoint(op: scf.For, stored: tuple[Value, ...], sweep: Sweep, nest: Nest) -> Checkpoint:
    if not has_shape(op.body, nest):
        raise Barred("how often it runs is not known before")
    if EffectsOf().op(op).calls:
        raise Barred("it calls functions that keep a tape of their own")
    closure = _States(op.body, nest, (), writers_of(op.body))
    closure.run(stored)
    if closure.outside:
        raise Barred("an iteration needs values that are gone later")
    replay = closure.replay()
    killed = {b for b in closure.needed if _overwritten_first(op.body, b, replay, sweep.function)}
    return Checkpoint(
        replay,
        tuple(sorted(closure.own)),
        tuple(b for b in closure.needed if b not in killed),
        tuple(b for b in closure.changed if b not in closure.needed or b in killed),
        tuple(closure.once),
        stored,
    )


@dataclass(slots=True)
class _States(Closure):
    """The closure over all iterations.

    own: positions of the carried values included; needed: arrays that are read and written;
    changed: arrays from outside that are written; once: arrays overwritten behind the loop.
    """

    own: set[int] = field(default_factory=set)
    needed: dict[Value, None] = field(default_factory=dict)
    changed: dict[Value, None] = field(default_factory=dict)
    once: dict[Value, None] = field(default_factory=dict)

    def kept(self, value: Value) -> None:
        """Nothing: the values wanted are on the tape."""

    def around(self, value: Value) -> None:
        """A value carried from iteration to iteration, or the number of the iteration."""
        position = self.body.arguments.index(value) - 1
        if position >= 0 and position not in self.own:
            self.own.add(position)
            self.values((self.body.terminator.operands[position],))

    def check_memory(self, op: Op) -> None:
        """Include the arrays from outside that an op touches."""
        nest = self.nest
        check_repeatable(op)
        for buffer in writes(op):
            if not nest.inside(nest.homes[buffer], self.body):
                self._require_at_hand(buffer)
                self.changed[buffer] = None
        for buffer in reads(op):
            if nest.inside(nest.homes[buffer], self.body):
                continue
            if isinstance(op, memref.Load) and lasts(op, nest):
                continue
            self._require_at_hand(buffer)
            if buffer in self.writers:
                self.needed[buffer] = None
                for writer, block in self.writers[buffer]:
                    self.op(writer, block)
            elif not nest.stable(buffer, self.body):
                self.once[buffer] = None

    def _require_at_hand(self, buffer: Value) -> None:
        if not self.nest.at_hand(buffer):
            raise Barred(f"`{buffer.name}` is gone later")


def _overwritten_first(body: Block, buffer: Value, replay: Replay, function: Function) -> bool:
    """True if each iteration overwrites an array before anything of the replay reads it."""
    for op in body.ops:
        if op not in replay.ops:
            continue
        touched = EffectsOf().op(op)
        if buffer in touched.reads or _reads_partly(op, buffer):
            return False
        if buffer in touched.writes:
            whole = isinstance(op, linalg.Fill | memref.Copy)
            return whole or (isinstance(op, scf.For) and buffer in covered(op, function))
    return False


def _reads_partly(op: Op, buffer: Value) -> bool:
    return any(buffer in reads(inner) for b in op.blocks for inner in b.walk())
