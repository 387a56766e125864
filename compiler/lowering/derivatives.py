"""Derivatives of calls, at the array level: one `ad.derivative` with the leaves of both sides.

Entry: a typed derivative. Exit: its arguments are those of the call, then the tangents of the
active leaves, or the cotangents of the float leaves of the result, scalars first.
"""

from dataclasses import replace

from dpc.compiler.dialects import ad
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import Type
from dpc.compiler.lowering.ir_types import static_shape, value_type
from dpc.compiler.lowering.scope import Leaf, Leaves, Scope
from dpc.compiler.lowering.signature import extents_of
from dpc.dsl import typed
from dpc.dsl.diagnostics import InternalError
from dpc.dsl.shapes import Atom, Dimension, Poly
from dpc.dsl.types import ArrayType, ScalarType, TupleType, element_of, leaves
from dpc.dsl.types import Leaf as TypeLeaf


def lower_derivative(scope: Scope, node: typed.Expr) -> Leaves:
    """The value's leaves, then those of the tangent or of the gradients."""
    assert isinstance(node, typed.Derivative)
    callee = node.function
    if callee.result is None:
        raise InternalError(f"{node.span}: the derivative of a function without result")
    dimensions: dict[Atom, Poly] = {Dimension(n): p for n, p in node.dimensions.items()}
    operands = [scope.extent(e.substitute(dimensions)) for e in extents_of(callee)]
    for expr, parameter in zip(node.arguments, callee.parameters, strict=True):
        for value, leaf in zip(scope.leaves(expr), leaves(parameter.type), strict=True):
            operands.append(_argument(scope, value, leaf.type))
    inputs = [
        (position, leaf)
        for position, parameter in enumerate(callee.parameters)
        for leaf in leaves(parameter.type)
    ]
    active = [_is_active(node, position, leaf) for position, leaf in inputs]
    results = leaves(callee.result)
    if node.mode == "jvp":
        tangents = _seeds(scope, node)
        for (position, leaf), flag in zip(inputs, active, strict=True):
            if flag:
                operands.append(_argument(scope, tangents[position, leaf.path], leaf.type))
        extra = [leaf for leaf in results if _is_float(leaf)]
    else:
        (seed,) = node.seeds
        given = list(zip(scope.leaves(seed), results, strict=True))
        for value, leaf in _scalars_first(given):
            if _is_float(leaf):
                operands.append(_argument(scope, value, leaf.type))
        extra = [leaf for (_, leaf), flag in zip(inputs, active, strict=True) if flag]
    types = _in_order(results, extra)
    flags = "".join("01"[flag] for flag in active)
    op = ad.Derivative(node.mode, callee.symbol, flags, tuple(operands), types)
    return _taken(scope, node, scope.add(op), inputs, active)


def _is_float(leaf: TypeLeaf) -> bool:
    return element_of(leaf.type).is_float


def _is_active(node: typed.Derivative, position: int, leaf: TypeLeaf) -> bool:
    parts = (path for at, path in node.wrt if at == position)
    return _is_float(leaf) and any(leaf.path[: len(path)] == path for path in parts)


def _argument(scope: Scope, value: Leaf, type_: ScalarType | ArrayType) -> Value:
    """A value in the callee's type, whose extents may be less constant than the caller's."""
    if isinstance(value, Value):
        return value
    assert isinstance(type_, ArrayType)
    return scope.tensor(scope.generate(value.type, value.element, static_shape(type_)))


def _seeds(scope: Scope, node: typed.Derivative) -> dict[tuple[int, tuple[str | int, ...]], Leaf]:
    """The tangent of each leaf of a part."""
    found: dict[tuple[int, tuple[str | int, ...]], Leaf] = {}
    for (position, path), seed in zip(node.wrt, node.seeds, strict=True):
        for value, leaf in zip(scope.leaves(seed), leaves(seed.type), strict=True):
            found[position, (*path, *leaf.path)] = value
    return found


def _scalars_first(given: list[tuple[Leaf, TypeLeaf]]) -> list[tuple[Leaf, TypeLeaf]]:
    return sorted(given, key=lambda pair: isinstance(pair[1].type, ArrayType))


def _in_order(results: tuple[TypeLeaf, ...], extra: list[TypeLeaf]) -> tuple[Type, ...]:
    """The types of the results: all scalars, then all tensors."""
    both = (*results, *extra)
    scalars = [leaf for leaf in both if not isinstance(leaf.type, ArrayType)]
    tensors = [leaf for leaf in both if isinstance(leaf.type, ArrayType)]
    return tuple(value_type(leaf.type) for leaf in (*scalars, *tensors))


def _taken(
    scope: Scope,
    node: typed.Derivative,
    values: tuple[Value, ...],
    inputs: list[tuple[int, TypeLeaf]],
    active: list[bool],
) -> Leaves:
    """The leaves of the typed result out of the op's results, zeros where there is no float."""
    assert isinstance(node.type, TupleType)
    assert node.function.result is not None
    results = leaves(node.function.result)
    if node.mode == "jvp":
        extra = [((-1, leaf.path), leaf) for leaf in results if _is_float(leaf)]
    else:
        rows = zip(inputs, active, strict=True)
        extra = [((position, leaf.path), leaf) for (position, leaf), flag in rows if flag]
    named = [((-2, leaf.path), leaf) for leaf in results] + extra
    named.sort(key=lambda row: isinstance(row[1].type, ArrayType))
    found = {key: value for (key, _), value in zip(named, values, strict=True)}
    wanted = [(-2, ()), (-1, ())] if node.mode == "jvp" else [(-2, ()), *node.wrt]
    made: list[Leaf] = []
    for (position, path), type_ in zip(wanted, node.type.items, strict=True):
        for leaf in leaves(type_):
            value = found.get((position, (*path, *leaf.path)))
            made.append(_result(scope, value, leaf.type))
    return tuple(made)


def _result(scope: Scope, value: Value | None, type_: ScalarType | ArrayType) -> Leaf:
    """A result in the caller's type."""
    if not isinstance(type_, ArrayType):
        return scope.zero(type_) if value is None else value
    if value is None:
        return scope.generate(type_, lambda indices: scope.zero(type_.element))
    return scope.materialised(replace(scope.of_tensor(type_, value), tensor=None))
