"""Elementwise operations and conversions, on scalars and, by broadcasting, on arrays."""

from collections.abc import Callable

from dpc.compiler.dialects.math import FPowI
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I64, INDEX
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.convert import convert, may_fail
from dpc.compiler.lowering.ir_types import element_type
from dpc.compiler.lowering.scalar_float import FLOAT, Build, power_by_constant
from dpc.compiler.lowering.scalar_integer import CHECKED, INTEGER, integer_power_by_constant
from dpc.compiler.lowering.scope import Leaf, Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.shapes import ONE
from dpc.dsl.types import ArrayType, ScalarType, Type, element_of

Combine = Callable[..., Value]  # (operands...) -> result


def lower_elementwise(scope: Scope, node: typed.Expr) -> Leaves:
    """An elementwise operation: op by op on scalars, a composed function on arrays."""
    assert isinstance(node, typed.Elementwise)
    types = tuple(operand.type for operand in node.operands)
    combine = combiner(scope, node.name, types, constant_integer(node.operands[-1]))
    leaves = tuple(_leaf(scope, operand) for operand in node.operands)
    checked = node.name in CHECKED and not _is_float(types[0])
    return (apply(scope, node.type, combine, leaves, checked),)


def lower_convert(scope: Scope, node: typed.Expr) -> Leaves:
    """A conversion of every element."""
    assert isinstance(node, typed.Convert)
    assert isinstance(node.type, ScalarType | ArrayType)
    to = element_type(node.type)
    operand = node.operand.type
    assert isinstance(operand, ScalarType | ArrayType)
    checked = may_fail(element_type(operand), to)

    def combine(value: Value) -> Value:
        return convert(scope, value, to)

    return (apply(scope, node.type, combine, (_leaf(scope, node.operand),), checked),)


def _leaf(scope: Scope, node: typed.Expr) -> Leaf:
    (leaf,) = scope.leaves(node)
    return leaf


def _is_float(type_: Type) -> bool:
    assert isinstance(type_, ScalarType | ArrayType)
    return element_of(type_).is_float


def combiner(scope: Scope, name: str, types: tuple[Type, ...], last: int | None) -> Combine:
    """What an operation does to its operands' elements.

    The values of `where` and the argument of `polygamma` come second: they decide whether it works
    on floats. `last` is the last operand where that is a constant integer: a constant exponent.
    """
    is_float = _is_float(types[1 if name in ("where", "polygamma") else 0])
    if name == "pow" and not _is_float(types[1]):
        if last is not None and (is_float or last >= 0):
            power = power_by_constant if is_float else integer_power_by_constant
            return lambda base, exponent: power(scope, base, last)
        if is_float:
            return lambda base, exponent: scope.emit(FPowI(base, convert(scope, exponent, I64)))
    build = operation_builder(name, is_float)
    return lambda *values: build(scope, *values)


def operation_builder(name: str, is_float: bool) -> Build:
    """The builder of an operation by its name in the typed tree."""
    return (FLOAT if is_float else INTEGER)[name]


def constant_integer(node: typed.Expr) -> int | None:
    """The value of a constant integer expression."""
    if isinstance(node, typed.Constant):
        return node.value if isinstance(node.value, int) else None
    return None if node.poly is None else node.poly.value


# --- broadcasting --------------------------------------------------------------------------------


def apply(
    scope: Scope,
    type_: object,
    combine: Combine,
    operands: tuple[Leaf, ...],
    checked: bool = False,
) -> Leaf:
    """`combine` on scalars, or on the elements of operands broadcast to an array type.

    A `checked` operation on arrays is computed at once, so that errors keep their order.
    """
    if not isinstance(type_, ArrayType):
        return combine(*operands)
    arrays = [broadcast(scope, operand, type_) for operand in operands]

    def element(indices: tuple[Value, ...]) -> Value:
        return combine(*(a.element(indices) for a in arrays))

    stable = all(a.stable for a in arrays)
    result = Array(type_, element, stable=stable)
    return scope.materialised(result) if checked else result


def broadcast(scope: Scope, value: Leaf, type_: ArrayType) -> Array:
    """A scalar or array seen with a larger shape: missing and unit axes stretch.

    An array that stretches is computed first, unless its elements cost nothing.
    """
    if isinstance(value, Value):
        scalar = value
        return Array(type_, lambda indices: scalar, view=True)
    own = value.type.shape
    aligned = type_.shape[type_.rank - len(own) :]
    stretched = [e == ONE and t != ONE for e, t in zip(own, aligned, strict=True)]
    if len(own) == type_.rank and not any(stretched):
        return value if own == type_.shape else _retyped(value, type_)
    if not value.view:
        value = scope.materialised(value)
    missing = type_.rank - len(own)
    zero = scope.constant(0, INDEX)

    def mapping(indices: tuple[Value, ...]) -> tuple[Value, ...]:
        kept = zip(indices[missing:], stretched, strict=True)
        return tuple(zero if stretch else i for i, stretch in kept)

    return value.reindexed(type_, mapping)


def _retyped(value: Array, type_: ArrayType) -> Array:
    """The same elements under a type whose extents are equal but written differently."""
    return value.reindexed(type_, lambda indices: indices)


__all__ = [
    "Combine",
    "apply",
    "broadcast",
    "combiner",
    "constant_integer",
    "lower_convert",
    "lower_elementwise",
    "operation_builder",
]
