"""The state of lowering one function: insertion point, variables, known integers.

A lowered expression is a tuple of leaves in the order of `dsl.types.leaves`: scalars are Values,
arrays are `Array`s. A variable's leaf is a scalar Value, an `Array`, or the Value of its buffer.
"""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from dpc.compiler.dialects import arith, array, cf, memref, scf
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import I64, INDEX, MemRefType, ScalarType
from dpc.compiler.lowering.array_value import Array, Element, of_tensor
from dpc.compiler.lowering.extents import extent_value
from dpc.compiler.lowering.ir_types import element_type, static_shape
from dpc.dsl import typed
from dpc.dsl import types as source
from dpc.dsl.diagnostics import InternalError
from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span

Leaf = Value | Array
Leaves = tuple[Leaf, ...]
Handler = Callable[["Scope", typed.Expr], Leaves]

_INDEX_ARITHMETIC: dict[str, Callable[[Value, Value], Op]] = {
    "add": arith.AddI,
    "sub": arith.SubI,
    "mul": arith.MulI,
}
_INDEX_DIVISION: dict[str, Callable[[Value, Value], Op]] = {
    "floordiv": arith.FloorDivSI,
    "mod": arith.FloorModSI,
}


class Scope:
    """Lowers expressions of one function at a moving insertion point.

    `handlers` lowers each class of typed expression. Everything that is only known inside a block
    (variables, polynomials, casts) is forgotten when the block ends.
    """

    def __init__(self, span: Span, handlers: Mapping[type, Handler]) -> None:
        self.entry = Builder(span)  # constants and extents, before everything else
        self.builder = Builder(span)
        self.handlers = handlers
        self.env: dict[tuple[typed.Variable, int], Leaf] = {}
        self.known_polynomials: ChainMap[Poly, Value] = ChainMap()
        self.result_dimensions: frozenset[str] = frozenset()  # determined by the value returned
        self.returns_extents = False  # they are results, not arguments
        self.recursive: frozenset[str] = frozenset()  # symbols of functions that call themselves
        self._casts: ChainMap[tuple[Value, ScalarType], Value] = ChainMap()
        self._constants: dict[tuple[str, ScalarType], Value] = {}
        self._tables: dict[tuple[str, MemRefType], Value] = {}
        self._at_entry: set[Value] = set()

    # --- insertion ---------------------------------------------------------------------------

    def emit(self, op: Op) -> Value:
        """Append an op; its only result."""
        return self.builder.emit(op)

    def add(self, op: Op) -> tuple[Value, ...]:
        """Append an op; its results."""
        return self.builder.add(op)

    def emit_at_entry(self, op: Op) -> Value:
        """Append an op to the start of the function."""
        value = self.entry.emit(op)
        self._at_entry.add(value)
        return value

    def bind_dimension(self, poly: Poly, argument: Value) -> None:
        """A dimension argument of the function holds a polynomial's value."""
        self.known_polynomials[poly] = argument
        self._at_entry.add(argument)

    @property
    def entry_polynomials(self) -> dict[Poly, Value]:
        """Polynomials known in the whole function."""
        return self.known_polynomials.maps[-1]  # type: ignore[return-value]

    @contextmanager
    def block(self) -> Iterator[Builder]:
        """Insert into a new inner block."""
        outer = self.builder, self.known_polynomials, self._casts, self.env
        self.builder = self.builder.nested()
        self.known_polynomials = self.known_polynomials.new_child()
        self._casts = self._casts.new_child()
        self.env = dict(self.env)
        try:
            yield self.builder
        finally:
            self.builder, self.known_polynomials, self._casts, self.env = outer

    def constant(self, value: bool | int | float, type_: ScalarType) -> Value:
        """A constant, once a function."""
        key = (repr(value), type_)
        if key not in self._constants:
            self._constants[key] = self.emit_at_entry(arith.Constant(value, type_))
        return self._constants[key]

    def table(self, op: memref.Constant) -> Value:
        """A buffer of constants, once a function."""
        key = (op.data, op.type)
        if key not in self._tables:
            self._tables[key] = self.emit_at_entry(op)
        return self._tables[key]

    def check(self, condition: Value, kind: str, message: str, *values: Value) -> None:
        """Leave with an error unless the condition holds."""
        self.add(cf.Assert(condition, values, kind, message))

    # --- integers ----------------------------------------------------------------------------

    def extent(self, poly: Poly) -> Value:
        """The index value of a polynomial."""
        value = extent_value(self, poly)
        if value is None:
            raise InternalError(f"the extent {poly} has no value here")
        return value

    def shape(self, type_: source.ScalarType | source.ArrayType) -> tuple[Value, ...]:
        """The extents of an array type; () for a scalar."""
        return tuple(self.extent(e) for e in source.shape_of(type_))

    def _cast(self, value: Value, to: ScalarType) -> Value:
        known = self._casts.get((value, to))
        if known is None:
            level = -1 if value in self._at_entry else 0
            emit = self.emit_at_entry if level else self.emit
            known = emit(arith.IndexCast(value, to))
            self._casts.maps[level][value, to] = known
            if value.type in (I64, INDEX):
                self._casts.maps[level][known, value.type] = value
        return known

    def as_index(self, value: Value) -> Value:
        """An i64 or i32 as index."""
        return self._cast(value, INDEX)

    def as_i64(self, value: Value) -> Value:
        """An index as i64."""
        return self._cast(value, I64)

    def add_index(self, left: Value, right: Value) -> Value:
        """The sum of two indices; adding zero emits nothing."""
        if is_constant(left, 0):
            return right
        return left if is_constant(right, 0) else self.emit(arith.AddI(left, right))

    def scale_index(self, value: Value, factor: int) -> Value:
        """Value * factor on indices."""
        if factor == 1:
            return value
        return self.emit(arith.MulI(value, self.constant(factor, INDEX)))

    # --- expressions -------------------------------------------------------------------------

    def leaves(self, node: typed.Expr) -> Leaves:
        """Lower any expression."""
        with self.builder.at(node.span):
            if node.poly is not None and node.type == source.I64:
                if node.poly.value is not None:
                    return (self.constant(node.poly.value, I64),)
                known = extent_value(self, node.poly)
                if known is not None:
                    return (self.as_i64(known),)
            return self.handlers[type(node)](self, node)

    def scalar(self, node: typed.Expr) -> Value:
        """Lower a scalar expression."""
        (leaf,) = self.leaves(node)
        if not isinstance(leaf, Value):
            raise InternalError(f"{node.span}: a scalar is needed here")
        return leaf

    def array(self, node: typed.Expr) -> Array:
        """Lower an array expression."""
        (leaf,) = self.leaves(node)
        if not isinstance(leaf, Array):
            raise InternalError(f"{node.span}: an array is needed here")
        return leaf

    def index(self, node: typed.Expr) -> Value:
        """Lower an integer expression as an index; its sums and products are index arithmetic."""
        with self.builder.at(node.span):
            known = None if node.poly is None else extent_value(self, node.poly)
            if known is not None:
                return known
            if isinstance(node, typed.Constant):
                return self.constant(int(node.value), INDEX)
            if isinstance(node, typed.Elementwise) and node.type == source.I64:
                operation = _INDEX_ARITHMETIC.get(node.name)
                if operation is None and _divides_by_constant(node):
                    operation = _INDEX_DIVISION[node.name]
                if operation is not None:
                    left, right = (self.index(o) for o in node.operands)
                    return self.emit(operation(left, right))
            return self.as_index(self.scalar(node))

    # --- arrays ------------------------------------------------------------------------------

    def of_tensor(self, type_: source.ArrayType, tensor: Value, stable: bool = True) -> Array:
        """The array that a tensor is."""
        return of_tensor(lambda: self.builder, type_, tensor, stable)

    def generate(
        self,
        type_: source.ArrayType,
        element: Element,
        static: tuple[int | None, ...] | None = None,
    ) -> Array:
        """The array of a type, computed here, whose elements `element` emits.

        `static`: which extents the tensor's type shows as constants; those of `type_` if not given.
        """
        extents = self.shape(type_)
        with self.block() as inner:
            indices = tuple(Value(INDEX) for _ in type_.shape)
            value = element(indices)
            inner.add(scf.Yield((value,)))
            body = inner.block(indices)
        generated = self.emit(array.Generate(extents, static or static_shape(type_), body))
        return self.of_tensor(type_, generated)

    def materialised(self, value: Array) -> Array:
        """The array, computed as a whole here unless it has been."""
        return value if value.tensor is not None else self.generate(value.type, value.element)

    def tensor(self, value: Array) -> Value:
        """The tensor of an array, computed here unless it has been."""
        tensor = self.materialised(value).tensor
        assert tensor is not None
        return tensor

    def read(self, variable: typed.Variable, position: int, type_: source.Type) -> Leaf:
        """The current value of a variable's leaf."""
        leaf = self.env[variable, position]
        if isinstance(leaf, Value) and isinstance(leaf.type, MemRefType):
            assert isinstance(type_, source.ArrayType)
            return self.of_tensor(type_, self.emit(array.Read(leaf)), stable=False)
        return leaf

    def zero(self, type_: source.ScalarType) -> Value:
        """The zero of a scalar type: stands where no value can be needed."""
        zeros = {"bool": False, "i32": 0, "i64": 0}
        return self.constant(zeros.get(type_.name, 0.0), element_type(type_))


def _divides_by_constant(node: typed.Elementwise) -> bool:
    """True for `//` and `%` that need no check."""
    divisor = node.operands[-1]
    nonzero = isinstance(divisor, typed.Constant) and divisor.value != 0
    return nonzero and node.name in _INDEX_DIVISION


def is_constant(value: Value, number: float) -> bool:
    """True when the value is that constant."""
    return isinstance(value.op, arith.Constant) and value.op.value == number


__all__ = ["Handler", "Leaf", "Leaves", "Scope", "is_constant"]
