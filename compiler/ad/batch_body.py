"""One run inside the loop over members: its members placed, their inputs made, results put away."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dpc.compiler.ad.batch_frame import Frame, cell, fill_zero
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.members import Label, lane_of, member
from dpc.compiler.dialects import arith, io, memref, scf
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.rewrite import clone_ops, rebuild_block
from dpc.compiler.ir.types import INDEX, MemRefType

Indices = tuple[Value, ...]
Action = Callable[[Emit, Indices], None]


def batch_body(frame: Frame, sizes: list[Value], seeds: dict[Value, Value]) -> Block:
    """The body of the loop; `seeds`: buffers of zeros for the arrays that unit vectors are in."""
    return _Body(frame, sizes, seeds, Emit(frame.of.function.span)).block()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member lies in a segment; `inside` is None where it always does."""

    segment: int
    inside: Value | None
    flat: Value


@dataclass(frozen=True, slots=True)
class _Direct:
    """Stands for the part of a stacked array that belongs to the member."""

    buffer: Value
    axis: int
    indices: Indices


@dataclass
class _Body:
    frame: Frame
    sizes: list[Value]
    seeds: dict[Value, Value]
    emit: Emit
    direct: dict[Value, _Direct] = field(default_factory=dict)

    def block(self) -> Block:
        frame, emit = self.frame, self.emit
        run = Value(INDEX, None, "run")
        self.first = emit.emit(arith.CmpI("eq", run, emit.index(0)))
        places = [self._places(run, number) for number in range(frame.lanes)]
        env = dict(frame.env)
        for label, (_, old) in frame.old_inputs():
            number, name = lane_of(label)
            if name in frame.members.seeds:
                env[old] = self._seed(old, places[number or 0][frame.members.seeds[name]])
            elif name in frame.members.mapped:
                env[old] = self._mapped(name, old, places[number or 0])
        for label, (_, old) in frame.old_outputs():
            number, name = lane_of(label)
            env[old] = self._output(name, old, places[number or 0])
        for op in clone_ops(frame.of.function.body.ops[:-1], env):
            emit.add(op)
        returned = zip(frame.of.scalars, frame.of.function.body.terminator.operands, strict=True)
        outputs = [(label, old) for label, (_, old) in frame.old_outputs()]
        for label, old in (*returned, *outputs):
            number, name = lane_of(label)
            for own in (number,) if number is not None else range(frame.lanes):
                self._put(name, old, env.get(old, old), places[own])
        for label, (_, old) in frame.old_inputs():
            number, name = lane_of(label)
            if old in self.seeds:
                self._set(old, places[number or 0][frame.members.seeds[name]], 0.0)
        emit.add(scf.Yield())
        return rebuild_block(emit.block((run,)), {}, self._rewrite)

    # --- places ------------------------------------------------------------------------------

    def _places(self, run: Value, number: int) -> list[_Place]:
        """Where the member of a lane lies, segment by segment."""
        emit, lanes = self.emit, self.frame.lanes
        flat = run
        if lanes > 1:
            flat = emit.addi(emit.muli(run, emit.index(lanes)), emit.index(number))
        always = lanes == 1 or self.frame.members.exact
        if len(self.sizes) == 1 and always and not self.frame.runs_always:
            return [_Place(0, None, flat)]
        found = []
        for segment, size in enumerate(self.sizes):
            begun = emit.emit(arith.CmpI("sge", flat, emit.index(0)))
            inside = emit.emit(arith.AndI(begun, emit.emit(arith.CmpI("slt", flat, size))))
            found.append(_Place(segment, inside, flat))
            flat = emit.subi(flat, size)
        return found

    def _indices(self, emit: Emit, place: _Place) -> Indices:
        """The indices of a member, which lies in the segment."""
        rest, found = place.flat, []
        for extent in reversed(self.frame.extents(place.segment)[1:]):
            divisor = emit.extent(extent)
            found.append(emit.emit(arith.FloorModSI(rest, divisor)))
            rest = emit.emit(arith.FloorDivSI(rest, divisor))
        if self.frame.extents(place.segment):
            found.append(rest)
        return tuple(reversed(found))

    def _where(self, place: _Place, action: Action) -> None:
        """Do something if the member lies in the segment."""
        if place.inside is None:
            action(self.emit, self._indices(self.emit, place))
            return
        then, otherwise = Emit(self.emit.span), Emit(self.emit.span)
        action(then, self._indices(then, place))
        then.add(scf.Yield())
        otherwise.add(scf.Yield())
        self.emit.add(scf.If(place.inside, then.block(), otherwise.block()))

    # --- inputs ------------------------------------------------------------------------------

    def _seed(self, old: Value, place: _Place) -> Value:
        """The unit vector of the member."""
        emit = self.emit
        if old in self.seeds:
            self._set(old, place, 1.0)
            return self.seeds[old]
        one, zero = emit.constant(1.0, old.type), emit.constant(0.0, old.type)
        return one if place.inside is None else emit.select(place.inside, one, zero)

    def _set(self, old: Value, place: _Place, number: float) -> None:
        buffer = self.seeds[old]
        assert isinstance(buffer.type, MemRefType)
        type_ = buffer.type.element
        self._where(place, lambda e, at: e.store(e.constant(number, type_), buffer, at))

    def _mapped(self, name: Label, old: Value, places: list[_Place]) -> Value:
        """The member's own part of an input."""
        axis = self.frame.members.mapped[name]
        if places[0].inside is None:
            source, at = self._stacked_input(name, 0), self._indices(self.emit, places[0])
            if not isinstance(old.type, MemRefType):
                return self.emit.load(source, at) if at else source
            if self._by_element(old):
                return self._part(old, _Direct(source, axis, at))
        is_array = isinstance(old.type, MemRefType)
        target = self.frame.local(self.emit, old) if is_array else cell(self.emit, old.type)
        if is_array and self.frame.lanes > 1:
            # A lane without a member computes too: with zeros, as garbage may be slow numbers.
            fill_zero(self.emit, target)
        for place in places:
            source = self._stacked_input(name, place.segment)
            self._where(place, self._gather(old, source, target, axis))
        return target if is_array else self.emit.load(target, (self.emit.index(0),))

    def _stacked_input(self, name: Label, segment: int) -> Value:
        return self.frame.inputs[member(segment, name)][1]

    def _gather(self, old: Value, source: Value, target: Value, axis: int) -> Action:
        def copy(emit: Emit, at: Indices) -> None:
            if not isinstance(old.type, MemRefType):
                number = emit.load(source, at) if at else source
                emit.store(number, target, (emit.index(0),))
                return
            extents = self.frame.extents_of(old)
            emit.each(
                extents, lambda e, i: e.store(e.load(source, _joined(i, axis, at)), target, i)
            )

        return copy

    def _by_element(self, buffer: Value) -> bool:
        """True if the function touches a buffer element by element alone."""
        return all(
            isinstance(op, memref.Load | memref.Store) and op.buffer is buffer
            for op in self.frame.of.function.body.walk()
            if buffer in op.operands
        )

    def _part(self, old: Value, direct: _Direct) -> Value:
        stand_in = Value(old.type, None, old.name)
        self.direct[stand_in] = direct
        return stand_in

    # --- results -----------------------------------------------------------------------------

    def _output(self, name: Label, old: Value, places: list[_Place]) -> Value:
        """Where the function writes a result of the member."""
        axis = self.frame.members.stacked.get(name)
        if axis is not None and places[0].inside is None and self._by_element(old):
            target = self.frame.outputs[member(0, name)][1]
            return self._part(old, _Direct(target, axis, self._indices(self.emit, places[0])))
        return self.frame.local(self.emit, old)

    def _put(self, name: Label, old: Value, value: Value, places: list[_Place]) -> None:
        """Put a result where it belongs."""
        if value in self.direct:
            return
        if name in self.frame.members.stacked:
            axis = self.frame.members.stacked[name]
            for place in places:
                target, indices = self._target(member(place.segment, name))
                self._where(place, self._scatter(old, value, target, axis, indices))
        elif name in self.frame.members.summed:
            target, indices = self._target(name)
            if not isinstance(old.type, MemRefType):
                indices = indices or (self.emit.index(0),)
                total = self.emit.addf(self.emit.load(target, indices), value)
                self.emit.store(total, target, indices)
                return
            self.emit.each(
                self.frame.extents_of(old),
                lambda e, i: e.store(e.addf(e.load(target, i), e.load(value, i)), target, i),
            )

    def _target(self, kept: Label) -> tuple[Value, Indices]:
        """The output of that label; the cell, with its index, where it is a number."""
        if kept in self.frame.cells:
            return self.frame.cells[kept], (self.emit.index(0),)
        return self.frame.outputs[kept][1], ()

    def _scatter(
        self, old: Value, value: Value, target: Value, axis: int, indices: Indices
    ) -> Action:
        def copy(emit: Emit, at: Indices) -> None:
            if not isinstance(old.type, MemRefType):
                emit.store(value, target, indices or at)
                return
            extents = self.frame.extents_of(old)
            emit.each(extents, lambda e, i: e.store(e.load(value, i), target, _joined(i, axis, at)))

        return copy

    def _rewrite(self, op: Op) -> tuple[list[Op], Indices] | None:
        """Accesses of a member's part go to the stacked array; prints show once."""
        if isinstance(op, memref.Load | memref.Store) and op.buffer in self.direct:
            direct = self.direct[op.buffer]
            at = _joined(op.indices, direct.axis, direct.indices)
            if isinstance(op, memref.Load):
                new: Op = memref.Load(direct.buffer, at, span=op.span)
            else:
                new = memref.Store(op.value, direct.buffer, at, span=op.span)
            return [new], new.results
        if isinstance(op, io.Print) and self.frame.members.shows_once:
            shown, nothing = Block((), (op, scf.Yield())), Block((), (scf.Yield(),))
            return [scf.If(self.first, shown, nothing, span=op.span)], ()
        return None


def _joined(own: Indices, axis: int, at: Indices) -> Indices:
    return (*own[:axis], *at, *own[axis:])
