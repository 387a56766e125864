"""What the results of a function depend on, whatever the floats are: code that records it.

Every float becomes a number: 0 for what depends on no input, 1 + i for input element i, more for a
set of such numbers that stands in the log. Arrays of floats become arrays of numbers. What computes
integers stays; of a branch that floats decide both sides run, and what they leave is the union.

    [inputs], room -> the numbers of all float results, the log, how long it is

`log[p]` is how many members a set has, those behind it are they; p + 1 + the count of inputs is its
number. The caller makes room for the log, and more if it turns out to be longer.
"""

from dataclasses import dataclass, replace

from dpc.compiler.ad.compressed import parts_of
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.inlined import inlined
from dpc.compiler.ad.layout import Argument, arguments, distinct, extents_of
from dpc.compiler.ad.record_log import Log, recorded_type
from dpc.compiler.ad.recording import Inputs, Recording
from dpc.compiler.ad.recording_control import CONTROL
from dpc.compiler.ad.recording_memory import MEMORY
from dpc.compiler.ad.rules.table import carries
from dpc.compiler.ad.selection import Wrt, is_float_leaf, unique
from dpc.compiler.ad.terms import Simplify
from dpc.compiler.analysis.float_decided import float_decided
from dpc.compiler.analysis.reduced import reduced
from dpc.compiler.dialects import func
from dpc.compiler.dialects.casts import IndexCast
from dpc.compiler.ir.core import Function, Module, Parameter, Value
from dpc.compiler.ir.rewrite import clone_block
from dpc.compiler.ir.types import I64, INDEX, MemRefType, holds_float, is_float
from dpc.compiler.signature import Entry, Group, Signature, Slot
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.typed import Binding
from dpc.dsl.types import I64 as WHOLE
from dpc.dsl.types import ArrayType, Leaf, with_shape
from dpc.dsl.types import shape_of as extents_in


def recorded(entry: Entry, wrt: Wrt, simplify: Simplify) -> Entry:
    """The function that records. Raises `NotRecorded` where native code can't find it."""
    parts = parts_of(entry, wrt)
    whole = inlined(entry.function)
    function = replace(whole, body=clone_block(whole.body, {}), callees=())
    made = _Recorder(reduced(function, carries, checks=True), parts.positions).function()
    (simple,) = simplify(Module((made,))).functions
    return Entry(_signature(entry.signature), simple)


@dataclass(slots=True)
class _Recorder:
    """`positions`: those of the parameters' leaves among the inputs."""

    old: Function
    positions: tuple[int, ...]

    def function(self) -> Function:
        """The function that records."""
        old, emit = self.old, Emit(self.old.span)
        name = unique("room", {p.name for p in old.parameters})
        size = Value(INDEX, None, name)
        room: Argument = (Parameter(f"{name}.given", "input", (name,)), Value(_LOG))
        log: Argument = (Parameter(f"{name}.log", "output", (name,)), Value(_LOG))
        outputs = [a for a in arguments(old, "output") if holds_float(a[1].type)]
        made = [_numbers(a) for a in outputs]
        inputs, count = self._inputs(emit)
        sets = Log(log[1], size, emit, count)
        recording = Recording(old, float_decided(old), inputs, sets, {**CONTROL, **MEMORY})
        recording.env.update((o[1], m[1]) for o, m in zip(outputs, made, strict=True))
        for _, output in arguments(old, "output"):
            if not holds_float(output.type):
                assert isinstance(output.type, MemRefType)
                recording.env[output] = emit.alloc(output.type, extents_of(old, output))
        recording.ops(old.body, emit, unsure=False)
        scalars = [v for v in old.body.terminator.operands if is_float(v.type)]
        length = recording.log.length(emit)
        results = (*(recording.number(emit, v) for v in scalars), length)
        emit.add(func.Return(results))
        layout = (
            *arguments(old, "dimension"), (Parameter(name, "dimension"), size),
            *arguments(old, "input"), room, *made, log,
        )  # fmt: skip
        return Function(
            f"recorded_{old.name}",
            tuple(p for p, _ in distinct(layout)),
            (I64,) * len(results),
            emit.block(tuple(v for _, v in layout)),
            old.span,
        )

    def _inputs(self, emit: Emit) -> tuple[Inputs, Value]:
        """The number of each parameter's first element, and the count of all."""
        every = [v for _, v in arguments(self.old, "input")]
        first: Inputs = {v: None for v in every if holds_float(v.type)}
        count = emit.index(0)
        for position in self.positions:
            value = every[position]
            first[value] = emit.addi(count, emit.index(1))
            size = emit.index(1)
            if isinstance(value.type, MemRefType):
                for extent in extents_of(self.old, value):
                    size = emit.muli(size, emit.extent(extent))
            count = emit.addi(count, size)
        return first, emit.emit(IndexCast(count, I64))


_LOG = MemRefType((None,), I64)


def _numbers(argument: Argument) -> Argument:
    """An output for numbers in the place of floats."""
    parameter, value = argument
    return parameter, Value(recorded_type(value.type), None, value.name)


def _signature(old: Signature) -> Signature:
    names = {a.name for e in old.extents for a in e.atoms() if isinstance(a, Dimension)}
    taken = names | {s.name for s in old.inputs}
    count, name = unique("room", taken), unique("room", taken)
    type_ = ArrayType(WHOLE, (Poly.dimension(count),))
    leaves = [leaf for slot in old.results for leaf in slot.leaves if is_float_leaf(leaf)]
    numbers = [with_shape(WHOLE, extents_in(leaf.type)) for leaf in leaves]
    results = tuple(
        Slot(f"part{i}", each, (Leaf((), each),)) for i, each in enumerate((*numbers, type_, WHOLE))
    )
    room = Slot(name, type_, (Leaf((), type_),))
    return Signature(
        f"recorded({old.name})",
        None,
        (*old.bindings, Binding(count, name, (), 0)),
        (*old.extents, Poly.dimension(count)),
        (*old.inputs, room),
        results,
        Group(tuple(range(len(results)))),
    )
