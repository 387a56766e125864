"""Expressions other than elementwise, indexing and reductions; the table of all of them."""

from dataclasses import replace
from functools import partial

from dpc.compiler.dialects import arith, array, func, memref, scf
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Value
from dpc.compiler.ir.types import I1, I64, INDEX, Type
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.buffers import allocate, assign_part, assign_whole
from dpc.compiler.lowering.derivatives import lower_derivative
from dpc.compiler.lowering.elementwise import (
    apply,
    broadcast,
    lower_convert,
    lower_elementwise,
    operation_builder,
)
from dpc.compiler.lowering.extents import run_time_extent
from dpc.compiler.lowering.generators import lower_comprehension, lower_reduce_generator
from dpc.compiler.lowering.guarded import lower_guarded
from dpc.compiler.lowering.indexing import lower_index, lower_transpose
from dpc.compiler.lowering.ir_types import buffer_type, element_type, static_shape, value_type
from dpc.compiler.lowering.linear_algebra import lower_linear_algebra, lower_product
from dpc.compiler.lowering.rearranged import lower_assembly, lower_view
from dpc.compiler.lowering.reductions import lower_reduce
from dpc.compiler.lowering.scope import Handler, Leaf, Leaves, Scope
from dpc.compiler.lowering.signature import extents_of, sized_symbol
from dpc.compiler.lowering.tree import parts, size
from dpc.dsl import typed
from dpc.dsl.check.calling import returns_once
from dpc.dsl.shapes import Atom, Dimension, Local, Poly, dimensions_in
from dpc.dsl.types import ArrayType, ScalarType, leaves


def _constant(scope: Scope, node: typed.Expr) -> Leaves:
    assert isinstance(node, typed.Constant)
    assert isinstance(node.type, ScalarType)
    return (scope.constant(node.value, element_type(node.type)),)


def _constant_array(scope: Scope, node: typed.Expr) -> Leaves:
    assert isinstance(node, typed.ConstantArray)
    assert isinstance(node.type, ArrayType)
    type_ = buffer_type(node.type)
    table = scope.table(memref.Constant(memref.constant_data(node.values, type_.element), type_))

    def element(indices: tuple[Value, ...]) -> Value:
        return scope.emit(memref.Load(table, indices))

    return (Array(node.type, element, view=True),)


def _read(scope: Scope, node: typed.Expr) -> Leaves:
    assert isinstance(node, typed.Read)
    variable = node.variable
    found = enumerate(leaves(variable.type))
    return tuple(scope.read(variable, position, leaf.type) for position, leaf in found)


def _extent(scope: Scope, node: typed.Expr) -> Leaves:
    assert node.poly is not None
    return (scope.as_i64(scope.extent(node.poly)),)


def _field(scope: Scope, node: typed.Expr) -> Leaves:
    """The leaves of the base that lie under the field; of a variable only those are read."""
    assert isinstance(node, typed.Field)
    path: list[str | int] = [node.name]
    base = node.base
    while isinstance(base, typed.Field):
        path.insert(0, base.name)
        base = base.base
    positions = [
        (position, leaf.type)
        for position, leaf in enumerate(leaves(base.type))
        if leaf.path[: len(path)] == tuple(path)
    ]
    if isinstance(base, typed.Read):
        return tuple(scope.read(base.variable, p, type_) for p, type_ in positions)
    values = scope.leaves(base)
    return tuple(values[position] for position, _ in positions)


def _make(scope: Scope, node: typed.Expr) -> Leaves:
    """A record or tuple: the leaves of its parts; records store arrays at their fields' types."""
    if isinstance(node, typed.MakeRecord):
        items = node.values
    else:
        assert isinstance(node, typed.MakeTuple)
        items = node.items
    return tuple(leaf for item in items for leaf in scope.leaves(item))


def _array_literal(scope: Scope, node: typed.Expr) -> Leaves:
    """Elements in row-major order, stored one by one in a buffer."""
    assert isinstance(node, typed.ArrayLiteral)
    assert isinstance(node.type, ArrayType)
    if isinstance(node.elements[0].type, ArrayType):
        return (_literal_of_rows(scope, node, node.type),)
    values = [scope.scalar(e) for e in node.elements]
    buffer = allocate(scope, node.type)
    shape = [e.value or 0 for e in node.type.shape]
    for position, value in enumerate(values):
        indices: list[Value] = []
        for extent in reversed(shape):
            position, index = divmod(position, extent)
            indices.insert(0, scope.constant(index, INDEX))
        scope.add(memref.Store(value, buffer, tuple(indices)))
    return (scope.of_tensor(node.type, scope.emit(array.Read(buffer))),)


def _literal_of_rows(scope: Scope, node: typed.ArrayLiteral, type_: ArrayType) -> Leaf:
    """Arrays, assigned to one row after another of a buffer."""
    row_type = ArrayType(type_.element, type_.shape[1:])
    rows = [broadcast(scope, scope.array(element), row_type) for element in node.elements]
    buffer = allocate(scope, type_)
    for position, row in enumerate(rows):
        first = scope.constant(position, INDEX)
        assign_part(scope, row, buffer, partial(_behind, first))
    return scope.of_tensor(type_, scope.emit(array.Read(buffer)))


def _behind(first: Value, indices: tuple[Value, ...]) -> tuple[Value, ...]:
    return (first, *indices)


def _fill(scope: Scope, node: typed.Expr) -> Leaves:
    assert isinstance(node, typed.Fill)
    assert isinstance(node.type, ArrayType)
    return (broadcast(scope, scope.scalar(node.value), node.type),)


# --- conditions ----------------------------------------------------------------------------------

_CHEAP = frozenset(
    {"neg", "not", "add", "sub", "mul", "lt", "le", "gt", "ge", "eq", "ne", "min", "max", "abs"}
)


def is_cheap(node: typed.Expr) -> bool:
    """A few total scalar operations: evaluating them in vain costs less than a branch."""
    return size(node) <= 4 and _is_total(node)


def _is_total(node: typed.Expr) -> bool:
    if not isinstance(node.type, ScalarType):
        return False
    if isinstance(node, typed.Elementwise) and node.name not in _CHEAP:
        return False
    kinds = typed.Constant | typed.Read | typed.Extent | typed.Elementwise
    return isinstance(node, kinds) and all(_is_total(part) for part in parts(node))


def _branch(builder: Builder, values: tuple[Value, ...]) -> Block:
    builder.add(scf.Yield(values))
    return builder.block()


def _short_circuit(scope: Scope, node: typed.Expr) -> Leaves:
    assert isinstance(node, typed.ShortCircuit)
    left = scope.scalar(node.left)
    is_and = node.operator == "and"
    if is_cheap(node.right):
        right = scope.scalar(node.right)
        return (scope.emit((arith.AndI if is_and else arith.OrI)(left, right)),)
    with scope.block() as inner:
        decided = _branch(inner, (scope.scalar(node.right),))
    with scope.block() as inner:
        known = _branch(inner, (scope.constant(not is_and, I1),))
    then, otherwise = (decided, known) if is_and else (known, decided)
    return (scope.emit(scf.If(left, then, otherwise)),)


def _compare_chain(scope: Scope, node: typed.Expr) -> Leaves:
    assert isinstance(node, typed.CompareChain)
    first = scope.scalar(node.operands[0])
    return (_compare_from(scope, node, 0, first),)


def _compare_from(scope: Scope, node: typed.CompareChain, position: int, left: Value) -> Value:
    """The comparisons from `position` on, `left` being the operand there."""
    right = scope.scalar(node.operands[position + 1])
    operand_type = node.operands[position].type
    assert isinstance(operand_type, ScalarType)
    build = operation_builder(node.operators[position], operand_type.is_float)
    holds = build(scope, left, right)
    if position + 1 == len(node.operators):
        return holds
    if all(is_cheap(operand) for operand in node.operands[position + 2 :]):
        return scope.emit(arith.AndI(holds, _compare_from(scope, node, position + 1, right)))
    with scope.block() as inner:
        then = _branch(inner, (_compare_from(scope, node, position + 1, right),))
    with scope.block() as inner:
        otherwise = _branch(inner, (scope.constant(False, I1),))
    return scope.emit(scf.If(holds, then, otherwise))


def _conditional(scope: Scope, node: typed.Expr) -> Leaves:
    """Scalars are yielded; arrays are assigned to buffers, since tensors don't leave blocks."""
    assert isinstance(node, typed.Conditional)
    condition = scope.scalar(node.condition)
    if is_cheap(node.then) and is_cheap(node.otherwise):
        then, otherwise = scope.scalar(node.then), scope.scalar(node.otherwise)
        return (scope.emit(arith.Select(condition, then, otherwise)),)
    types = [leaf.type for leaf in leaves(node.type)]
    buffers = [allocate(scope, t) if isinstance(t, ArrayType) else None for t in types]

    def side(value: typed.Expr) -> Block:
        with scope.block() as inner:
            scalars: list[Value] = []
            for leaf, type_, buffer in zip(scope.leaves(value), types, buffers, strict=True):
                if buffer is not None:
                    assert isinstance(leaf, Array)
                    assert isinstance(type_, ArrayType)
                    assign_whole(scope, broadcast(scope, leaf, type_), buffer)
                else:
                    assert isinstance(leaf, Value)
                    scalars.append(leaf)
            return _branch(inner, tuple(scalars))

    results = iter(scope.add(scf.If(condition, side(node.then), side(node.otherwise))))
    values: list[Leaf] = []
    for type_, buffer in zip(types, buffers, strict=True):
        if buffer is None:
            values.append(next(results))
        else:
            assert isinstance(type_, ArrayType)
            values.append(scope.of_tensor(type_, scope.emit(array.Read(buffer))))
    return tuple(values)


# --- calls ---------------------------------------------------------------------------------------


def _call(scope: Scope, node: typed.Expr) -> Leaves:
    """A call: dimensions, then the leaves of the arguments."""
    assert isinstance(node, typed.Call)
    callee = node.function
    dimensions: dict[Atom, Poly] = {Dimension(n): p for n, p in node.dimensions.items()}
    given: list[Value] = []
    for argument, parameter in zip(node.arguments, callee.parameters, strict=True):
        for value, leaf in zip(scope.leaves(argument), leaves(parameter.type), strict=True):
            given.append(_argument(scope, value, leaf.type))
    declared = () if callee.result is None else leaves(callee.result)
    types = tuple(value_type(leaf.type) for leaf in declared)
    learnt = [Poly.dimension(name).substitute(dimensions) for name in callee.result_dimensions]
    extents = extents_of(callee)
    own = [e for e in extents if dimensions_in(e).isdisjoint(callee.result_dimensions)]
    if learnt and returns_once(callee):
        results = _asked(scope, sized_symbol(callee), own, dimensions, given, types, learnt)
    else:
        if learnt:  # first the extents, then the value
            symbol = f"{callee.symbol}.extents"
            _asked(scope, symbol, own, dimensions, given, (), learnt)
        all_extents = (scope.extent(e.substitute(dimensions)) for e in extents)
        results = scope.add(func.Call(callee.symbol, (*all_extents, *given), types))
    found = zip(results, leaves(node.type), strict=True)
    made = tuple(call_result(scope, value, leaf.type) for value, leaf in found)
    if callee.symbol not in scope.recursive:
        return made
    # Such a call stays: its arrays are looked at where their extents are known.
    return tuple(
        leaf if isinstance(leaf, Value) else scope.materialised(replace(leaf, tensor=None))
        for leaf in made
    )


def _asked(
    scope: Scope,
    symbol: str,
    extents: list[Poly],
    dimensions: dict[Atom, Poly],
    given: list[Value],
    types: tuple[Type, ...],
    learnt: list[Poly],
) -> tuple[Value, ...]:
    """The results of a call that tells extents too, behind the others; these are known then."""
    arguments = (*(scope.extent(e.substitute(dimensions)) for e in extents), *given)
    kind = INDEX if types else I64
    results = scope.add(func.Call(symbol, arguments, (*types, *(kind for _ in learnt))))
    for poly, value in zip(learnt, results[len(types) :], strict=True):
        (local,) = poly.atoms()
        assert isinstance(local, Local)
        known = value if types else scope.as_index(value)
        scope.known_polynomials[run_time_extent(local.key)] = known
    return results[: len(types)]


def _lifted_call(scope: Scope, node: typed.Expr) -> Leaves:
    """A call for each element. It may fail: errors keep their order, so it is computed at once."""
    assert isinstance(node, typed.LiftedCall)
    callee = node.function
    assert isinstance(callee.result, ScalarType)
    result_types = (value_type(callee.result),)

    def combine(*values: Value) -> Value:
        return scope.emit(func.Call(callee.symbol, values, result_types))

    arguments = tuple(leaf for argument in node.arguments for leaf in scope.leaves(argument))
    return (apply(scope, node.type, combine, arguments, checked=True),)


def _argument(scope: Scope, value: Leaf, type_: ScalarType | ArrayType) -> Value:
    """An argument in the callee's type, whose extents may be less constant than the caller's."""
    if isinstance(value, Value):
        return value
    assert isinstance(type_, ArrayType)
    if static_shape(value.type) == static_shape(type_):
        return scope.tensor(value)
    return scope.tensor(scope.generate(value.type, value.element, static_shape(type_)))


def call_result(scope: Scope, value: Value, type_: ScalarType | ArrayType) -> Leaf:
    """A result of a call in the caller's type."""
    if not isinstance(type_, ArrayType):
        return value
    result = scope.of_tensor(type_, value)
    return result if value.type == value_type(type_) else replace(result, tensor=None)


HANDLERS: dict[type[typed.Expr], Handler] = {
    typed.Constant: _constant,
    typed.ConstantArray: _constant_array,
    typed.Read: _read,
    typed.Extent: _extent,
    typed.Field: _field,
    typed.MakeRecord: _make,
    typed.MakeTuple: _make,
    typed.Convert: lower_convert,
    typed.Elementwise: lower_elementwise,
    typed.ShortCircuit: _short_circuit,
    typed.CompareChain: _compare_chain,
    typed.Conditional: _conditional,
    typed.Index: lower_index,
    typed.Transpose: lower_transpose,
    typed.ArrayLiteral: _array_literal,
    typed.Fill: _fill,
    typed.Comprehension: lower_comprehension,
    typed.Reduce: lower_reduce,
    typed.ReduceGenerator: lower_reduce_generator,
    typed.MatMul: lower_product,
    typed.LinearAlgebra: lower_linear_algebra,
    typed.Call: _call,
    typed.Derivative: lower_derivative,
    typed.LiftedCall: _lifted_call,
    typed.Guarded: lower_guarded,
    typed.View: lower_view,
    typed.Assembly: lower_assembly,
}
