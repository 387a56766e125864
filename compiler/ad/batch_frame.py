"""What the making of a function over many members has at hand: its arguments and its cells."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import cast

from dpc.compiler.ad.emit import Emit, Extent
from dpc.compiler.ad.layout import Argument, arguments, extents_of
from dpc.compiler.ad.members import Label, Labelled, Members, lane_of, member
from dpc.compiler.dialects import arith, cf, func, io, linalg
from dpc.compiler.ir.core import Parameter, Value
from dpc.compiler.ir.types import INDEX, MemRefType, ScalarType, Type


@dataclass
class Frame:
    """Arguments of the new function by label, and `env`, from the old function's values to its own.

    cells: buffers of one number, for scalar results that no array of members holds.
    """

    of: Labelled
    members: Members
    lanes: int
    env: dict[Value, Value] = field(default_factory=dict)
    dimensions: dict[str, Argument] = field(default_factory=dict)
    inputs: dict[Label, Argument] = field(default_factory=dict)
    outputs: dict[Label, Argument] = field(default_factory=dict)
    cells: dict[Label, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._name_dimensions()
        for label, argument in self.old_inputs():
            self._name_input(lane_of(label)[1], argument)

    def old_inputs(self) -> Iterator[tuple[Label, Argument]]:
        """Inputs of the function with their labels."""
        yield from zip(self.of.inputs, arguments(self.of.function, "input"), strict=True)

    def old_outputs(self) -> Iterator[tuple[Label, Argument]]:
        """Outputs of the function with their labels."""
        yield from zip(self.of.outputs, arguments(self.of.function, "output"), strict=True)

    def _name_dimensions(self) -> None:
        for parameter, old in arguments(self.of.function, "dimension"):
            self.env[old] = Value(INDEX, None, old.name)
            self.dimensions[parameter.name] = (parameter, self.env[old])
        for name in (e for extents in self.members.segments for e in extents):
            if isinstance(name, str) and name not in self.dimensions:
                value = Value(INDEX, None, name)
                self.dimensions[name] = (Parameter(name, "dimension"), value)

    def _name_input(self, name: Label, argument: Argument) -> None:
        if name in self.members.seeds:
            return
        if name in self.members.mapped:
            for segment in range(len(self.members.segments)):
                axis = self.members.mapped[name]
                made = self._with_axes(argument, segment, axis)
                self.inputs.setdefault(member(segment, name), made)
            return
        parameter, old = argument
        fresh = (parameter, Value(old.type, None, old.name))
        self.env[old] = self.inputs.setdefault(name, fresh)[1]

    def name_results(self, emit: Emit) -> None:
        """Outputs for all that is kept but single numbers, which have cells; sums start at 0."""
        rows = zip(self.of.scalars, self.of.function.result_types, strict=True)
        scalars = [(n, (Parameter(f"out{i}"), Value(t))) for i, (n, t) in enumerate(rows)]
        for label, argument in (*scalars, *self.old_outputs()):
            name = lane_of(label)[1]
            stacked = name in self.members.stacked
            for segment, kept in self.kept(name):
                if kept in self.cells or kept in self.outputs:
                    continue
                axis = self.members.stacked.get(name, 0)
                parameter, value = self._with_axes(argument, segment, axis) if stacked else argument
                if not isinstance(value.type, MemRefType):
                    self.cells[kept] = cell(emit, value.type)
                    continue
                value = Value(value.type, None, value.name)
                self.outputs[kept] = (replace(parameter, role="output"), value)
                if name in self.members.summed:
                    fill_zero(emit, value)

    def kept(self, name: Label) -> Iterator[tuple[int, Label]]:
        """The results that a result of the function goes to, with their segments."""
        if name in self.members.stacked:
            for segment in range(len(self.members.segments)):
                yield segment, member(segment, name)
        elif name in self.members.summed:
            yield 0, name

    def _with_axes(self, argument: Argument, segment: int, axis: int) -> Argument:
        """The argument with the axes of a segment inserted; a number may stay one."""
        parameter, value = argument
        added = self.members.segments[segment]
        extents = (*parameter.extents[:axis], *added, *parameter.extents[axis:])
        if not extents:
            return parameter, Value(value.type, None, value.name)
        shape = value.type.shape if isinstance(value.type, MemRefType) else ()
        known = tuple(e if isinstance(e, int) else None for e in added)
        type_ = MemRefType((*shape[:axis], *known, *shape[axis:]), element(value.type))
        return replace(parameter, extents=extents), Value(type_, None, value.name)

    def extents(self, segment: int) -> tuple[Extent, ...]:
        """The extents of a segment as values."""
        declared = self.members.segments[segment]
        return tuple(e if isinstance(e, int) else self.dimensions[e][1] for e in declared)

    def extents_of(self, buffer: Value) -> tuple[Extent, ...]:
        """The extents of an argument of the function, as values of the new one."""
        found = extents_of(self.of.function, buffer)
        return tuple(e if isinstance(e, int) else self.env[e] for e in found)

    def local(self, emit: Emit, buffer: Value) -> Value:
        """A local buffer for an argument of the function."""
        assert isinstance(buffer.type, MemRefType)
        return emit.alloc(buffer.type, self.extents_of(buffer))

    @property
    def runs_always(self) -> bool:
        """True if checks or prints have to show where there is no member."""
        shown = cf.Assert | io.Print | func.Invoke
        effects = (isinstance(op, shown) for op in self.of.function.body.walk())
        return self.members.shows_once and any(effects)


def element(type_: Type) -> ScalarType:
    """The type of a number, or of the elements of a buffer."""
    return cast(ScalarType, type_.element if isinstance(type_, MemRefType) else type_)


def cell(emit: Emit, type_: Type) -> Value:
    """A buffer of one number, 0 at first."""
    made = emit.alloc(MemRefType((1,), element(type_)), (1,))
    fill_zero(emit, made)
    return made


def fill_zero(emit: Emit, buffer: Value) -> None:
    """Set every element of a buffer to 0, whatever its type."""
    type_ = element(buffer.type)
    emit.add(linalg.Fill(emit.emit(arith.Constant(_ZERO.get(str(type_), 0), type_)), buffer))


_ZERO: dict[str, bool | float] = {"f64": 0.0, "f32": 0.0, "i1": False}
