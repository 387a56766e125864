"""Reductions of arrays: whole, and along axes."""

import math
from collections.abc import Callable

from dpc.compiler.dialects import ad, arith, array, scf
from dpc.compiler.dialects.math import UNARY, IsFinite
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import I1, INDEX, FloatType, IntType
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.convert import convert
from dpc.compiler.lowering.ir_types import element_type
from dpc.compiler.lowering.scope import Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.types import ArrayType, ScalarType, element_of

Element = Callable[[tuple[Value, ...]], Value]
# Emits the reduction of one kind over a space of indices: (op kind, init, conversion) -> result.
Accumulate = Callable[[str, Value, Callable[[Value], Value]], Value]

OP_KINDS = {"sum": "add", "prod": "mul", "min": "min", "max": "max", "any": "or", "all": "and"}
ScalarIr = FloatType | IntType


def identity(scope: Scope, kind: str, type_: ScalarIr) -> Value:
    """What a reduction yields for no elements (for min and max: what never wins)."""
    if kind in ("any", "all"):
        return scope.constant(kind == "all", I1)
    if kind in ("sum", "prod"):
        number = 0 if kind == "sum" else 1
        return scope.constant(float(number) if isinstance(type_, FloatType) else number, type_)
    if isinstance(type_, FloatType):
        return scope.constant(math.inf if kind == "min" else -math.inf, type_)
    if type_ == I1:
        return scope.constant(kind == "min", I1)
    limit = 1 << (type_.width - 1)
    return scope.constant(limit - 1 if kind == "min" else -limit, type_)


def op_kind(kind: str, type_: ScalarIr) -> str:
    """The kind of `array.reduce`; the smaller of two bools is their `and`."""
    if type_ == I1 and kind in ("min", "max"):
        return "and" if kind == "min" else "or"
    return OP_KINDS[kind]


def check_not_empty(scope: Scope, kind: str, count: Value) -> None:
    """The least and the largest of nothing are errors."""
    holds = scope.emit(arith.CmpI("sgt", count, scope.constant(0, INDEX)))
    scope.check(holds, "empty", f"{kind} of no elements")


def mean(scope: Scope, total: Value, count: Value) -> Value:
    """The quotient; NaN for no elements."""
    assert isinstance(total.type, FloatType)
    return scope.emit(arith.DivF(total, scope.emit(arith.SIToFP(scope.as_i64(count), total.type))))


def logsumexp(scope: Scope, type_: FloatType, accumulate: Accumulate) -> Value:
    """The logarithm of the sum of exp, in two passes.

    The shift is the largest element, 0 when that is infinite or NaN; it carries no derivative:
    shift + log(sum(exp(x - shift))) has the right one for any constant shift.
    """
    unchanged: Callable[[Value], Value] = lambda x: x  # noqa: E731
    largest = accumulate("max", identity(scope, "max", type_), unchanged)
    largest = scope.emit(ad.StopGradient(largest))
    zero = scope.constant(0.0, type_)
    shift = scope.emit(arith.Select(scope.emit(IsFinite(largest)), largest, zero))

    def shifted(x: Value) -> Value:
        return scope.emit(UNARY["exp"](scope.emit(arith.SubF(x, shift))))

    total = accumulate("add", zero, shifted)
    return scope.emit(arith.AddF(shift, scope.emit(UNARY["log"](total))))


def reduce_space(
    scope: Scope, kind: str, extents: tuple[Value, ...], init: Value, element: Element
) -> Value:
    """`array.reduce` over all indices below `extents`."""
    with scope.block() as inner:
        indices = tuple(Value(INDEX) for _ in extents)
        value = element(indices)
        inner.add(scf.Yield((value,)))
        body = inner.block(indices)
    return scope.emit(array.Reduce(kind, extents, init, body))


def lower_reduce(scope: Scope, node: typed.Expr) -> Leaves:
    """`sum(x)`, `max(x, axis=0)`, ..."""
    assert isinstance(node, typed.Reduce)
    assert isinstance(node.type, ScalarType | ArrayType)
    operand = scope.array(node.operand)
    if node.kind == "logsumexp":
        operand = scope.materialised(operand)
    axes = tuple(sorted(node.axes))
    extents = tuple(scope.extent(operand.type.shape[axis]) for axis in axes)
    to = element_type(node.type)
    if node.kind in ("min", "max"):
        check_not_empty(scope, node.kind, _product(scope, extents))

    def reduced(kept: tuple[Value, ...]) -> Value:
        return _reduce_at(scope, node.kind, to, operand, axes, extents, kept)

    if isinstance(node.type, ScalarType):
        return (reduced(()),)
    axis_count = operand.type.rank

    def element(indices: tuple[Value, ...]) -> Value:
        if node.keepdims:
            indices = tuple(indices[a] for a in range(axis_count) if a not in axes)
        return reduced(indices)

    return (scope.generate(node.type, element),)


def _reduce_at(
    scope: Scope,
    kind: str,
    to: ScalarIr,
    operand: Array,
    axes: tuple[int, ...],
    extents: tuple[Value, ...],
    kept: tuple[Value, ...],
) -> Value:
    """The reduction over `axes` at fixed indices of the other axes."""

    def accumulate(name: str, init: Value, change: Callable[[Value], Value]) -> Value:
        def element(reduced: tuple[Value, ...]) -> Value:
            indices = list(kept)
            for axis, index in zip(axes, reduced, strict=True):
                indices.insert(axis, index)
            return change(convert(scope, operand.element(tuple(indices)), to))

        return reduce_space(scope, name, extents, init, element)

    return finish(scope, kind, to, accumulate, lambda: _product(scope, extents))


def finish(
    scope: Scope, kind: str, to: ScalarIr, accumulate: Accumulate, count: Callable[[], Value]
) -> Value:
    """The value of a reduction of any kind, given how to accumulate over its elements.

    `count` tells how many there were, after accumulating.
    """
    if kind == "logsumexp":
        assert isinstance(to, FloatType)
        return logsumexp(scope, to, accumulate)
    if kind == "mean":
        total = accumulate("add", identity(scope, "sum", to), lambda x: x)
        return mean(scope, total, count())
    return accumulate(op_kind(kind, to), identity(scope, kind, to), lambda x: x)


def _product(scope: Scope, extents: tuple[Value, ...]) -> Value:
    total = scope.constant(1, INDEX)
    for position, extent in enumerate(extents):
        total = scope.emit(arith.MulI(total, extent)) if position else extent
    return total


def lower_matmul(scope: Scope, node: typed.Expr) -> Leaves:
    """`a @ b` and `dot(a, b)` on ranks 1 and 2: sums of products along the contracted axis.

    An operand of which each element is used more than once is computed first.
    """
    assert isinstance(node, typed.MatMul)
    assert isinstance(node.type, ScalarType | ArrayType)
    left, right = scope.array(node.left), scope.array(node.right)
    left_rank, right_rank = left.type.rank, right.type.rank
    if right_rank == 2 and not left.view:
        left = scope.materialised(left)
    if left_rank == 2 and not right.view:
        right = scope.materialised(right)
    multiply = arith.MulF if element_of(node.type).is_float else arith.MulI
    extent = scope.extent(left.type.shape[-1])
    zero = identity(scope, "sum", element_type(node.type))

    def product(indices: tuple[Value, ...]) -> Value:
        row, column = indices[: left_rank - 1], indices[left_rank - 1 :]

        def element(contracted: tuple[Value, ...]) -> Value:
            a = left.element((*row, *contracted))
            b = right.element((*contracted, *column))
            return scope.emit(multiply(a, b))

        return reduce_space(scope, "add", (extent,), zero, element)

    if isinstance(node.type, ScalarType):
        return (product(()),)
    return (scope.generate(node.type, product),)
