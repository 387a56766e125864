"""Short verbs for building arithmetic: what derivative rules are written in."""

from collections.abc import Callable
from typing import cast

from dpc.compiler.dialects import arith, linalg, memref, scf
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import INDEX, FloatType, MemRefType, ScalarType, Type

Extent = int | Value


class Emit(Builder):
    """A builder with one method for each operation that derivatives need."""

    __slots__ = ()

    def constant(self, value: float, type_: Type) -> Value:
        """A float constant."""
        return self.emit(arith.Constant(float(value), cast(ScalarType, type_)))

    def index(self, value: int) -> Value:
        """An index constant."""
        return self.emit(arith.Constant(value, INDEX))

    def addf(self, left: Value, right: Value) -> Value:
        """Left + right."""
        return self.emit(arith.AddF(left, right))

    def subf(self, left: Value, right: Value) -> Value:
        """Left - right."""
        return self.emit(arith.SubF(left, right))

    def mulf(self, left: Value, right: Value) -> Value:
        """Left * right."""
        return self.emit(arith.MulF(left, right))

    def mulz(self, derivative: Value, partial: Value) -> Value:
        """Derivative x partial: 0 when either is 0."""
        return self.emit(arith.MulZ(derivative, partial))

    def divf(self, left: Value, right: Value) -> Value:
        """Left / right."""
        return self.emit(arith.DivF(left, right))

    def negf(self, operand: Value) -> Value:
        """-operand."""
        return self.emit(arith.NegF(operand))

    def math(self, mnemonic: str, *operands: Value) -> Value:
        """The math op `math.<mnemonic>`."""
        return self.emit(_MATH[f"math.{mnemonic}"](*operands))

    def scaled(self, factor: float, operand: Value) -> Value:
        """factor * operand."""
        return self.mulf(operand, self.constant(factor, operand.type))

    def plus(self, operand: Value, term: float) -> Value:
        """Operand + term."""
        return self.addf(operand, self.constant(term, operand.type))

    def reciprocal(self, operand: Value) -> Value:
        """1 / operand."""
        return self.divf(self.constant(1.0, operand.type), operand)

    def compare(self, predicate: str, left: Value, right: Value) -> Value:
        """A float comparison."""
        return self.emit(arith.CmpF(predicate, left, right))

    def either(self, left: Value, right: Value) -> Value:
        """Left or right, of two i1."""
        return self.emit(arith.OrI(left, right))

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        """Yes if condition else no."""
        return self.emit(arith.Select(condition, yes, no))

    def addi(self, left: Value, right: Value) -> Value:
        """Left + right of integers."""
        return self.emit(arith.AddI(left, right))

    def subi(self, left: Value, right: Value) -> Value:
        """Left - right of integers."""
        return self.emit(arith.SubI(left, right))

    def muli(self, left: Value, right: Value) -> Value:
        """Left * right of integers."""
        return self.emit(arith.MulI(left, right))

    def load(self, buffer: Value, indices: tuple[Value, ...]) -> Value:
        """An element."""
        return self.emit(memref.Load(buffer, indices))

    def store(self, value: Value, buffer: Value, indices: tuple[Value, ...]) -> None:
        """Write an element."""
        self.add(memref.Store(value, buffer, indices))

    def zero(self, buffer: Value) -> None:
        """Set every element of a float buffer to 0."""
        assert isinstance(buffer.type, MemRefType)
        self.add(linalg.Fill(self.constant(0.0, buffer.type.element), buffer))

    def alloc(self, type_: MemRefType, extents: tuple[Extent, ...]) -> Value:
        """A buffer of `type_`; `extents` has one entry for each axis."""
        dynamic = tuple(
            self.extent(e) for e, known in zip(extents, type_.shape, strict=True) if known is None
        )
        return self.emit(memref.Alloc(dynamic, type_))

    def total(self, buffer: Value, extents: tuple[Extent, ...]) -> Value:
        """The sum of all elements of a float buffer."""
        assert isinstance(buffer.type, MemRefType)
        zero = self.constant(0.0, buffer.type.element)
        return self._total(buffer, extents, (), zero)

    def _total(
        self,
        buffer: Value,
        extents: tuple[Extent, ...],
        indices: tuple[Value, ...],
        so_far: Value,
    ) -> Value:
        if not extents:
            return self.addf(so_far, self.load(buffer, indices))
        index, carried, inner = Value(INDEX), Value(so_far.type), Emit(self.span)
        total = inner._total(buffer, extents[1:], (*indices, index), carried)
        inner.add(scf.Yield((total,)))
        body = inner.block((index, carried))
        upper = self.extent(extents[0])
        return self.emit(scf.For(self.index(0), upper, self.index(1), (so_far,), body))

    def extent(self, extent: Extent) -> Value:
        """An extent as a value."""
        return self.index(extent) if isinstance(extent, int) else extent

    def each(
        self, extents: tuple[Extent, ...], body: Callable[["Emit", tuple[Value, ...]], None]
    ) -> None:
        """Loops over every index of an array with these extents."""
        self._each(extents, (), body)

    def _each(
        self,
        extents: tuple[Extent, ...],
        indices: tuple[Value, ...],
        body: Callable[["Emit", tuple[Value, ...]], None],
    ) -> None:
        if not extents:
            body(self, indices)
            return
        index = Value(INDEX)
        inner = Emit(self.span)
        inner._each(extents[1:], (*indices, index), body)
        inner.add(scf.Yield())
        upper = self.extent(extents[0])
        self.add(scf.For(self.index(0), upper, self.index(1), (), inner.block((index,))))


_MATH: dict[str, Callable[..., Op]] = {op.name: op for op in mathd.OPS}


def float_type(value: Value) -> FloatType:
    """The type of a float value."""
    assert isinstance(value.type, FloatType)
    return value.type


def is_constant(value: Value, number: float) -> bool:
    """True for the constant of that value."""
    op = value.op
    return isinstance(op, arith.Constant) and op.value == number


__all__ = ["Emit", "Extent", "float_type", "is_constant"]
