"""Assignments: whole variables and fields, elements, slices; plain and augmented."""

from dpc.compiler.dialects import array, memref
from dpc.compiler.dialects.arith import Constant
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import MemRefType
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.buffers import assign_part, assign_whole
from dpc.compiler.lowering.elementwise import Combine, apply, broadcast, combiner, constant_integer
from dpc.compiler.lowering.indexing import Part, checked_part
from dpc.compiler.lowering.nests import for_all
from dpc.compiler.lowering.scope import Leaf, Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.shapes import ZERO, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import I64, ArrayType, ScalarType, leaves

LeafKey = tuple[typed.Variable, int]


def lower_assign(scope: Scope, stmt: typed.Assign) -> None:
    """`places = value`: the right side is complete before anything is stored."""
    values = scope.leaves(stmt.value)
    if len(stmt.places) > 1:
        values = tuple(scope.materialised(v) if isinstance(v, Array) else v for v in values)
    position = 0
    for place in stmt.places:
        count = len(leaves(place.type))
        with scope.builder.at(place.span):
            _store(scope, place, values[position : position + count])
        position += count


def lower_augmented(scope: Scope, stmt: typed.AugmentedAssign) -> None:
    """`place op= value`: the old value is read where the new one goes."""
    place = stmt.place
    assert isinstance(place.type, ScalarType | ArrayType)
    types = (place.type, stmt.value.type)
    combine = combiner(scope, stmt.operator, types, constant_integer(stmt.value))
    (key,) = _leaves_of(place)
    part = _part(scope, place, key) if place.items else None
    (value,) = scope.leaves(stmt.value)
    if isinstance(place.type, ScalarType):
        _augment_scalar(scope, key, part, combine, value)
    else:
        _augment_array(scope, place.type, key, part, combine, value)


def bind_leaf(scope: Scope, key: LeafKey, value: Leaf) -> None:
    """A variable's leaf becomes a scalar or a tensor.

    A view of a buffer that may change is copied now: only that part, not the whole buffer.
    """
    if isinstance(value, Array) and not (value.view and value.stable):
        value = scope.materialised(value)
    if isinstance(value, Value) and not value.name and not isinstance(value.op, Constant):
        value.name = key[0].name
    scope.env[key] = value


def _leaves_of(place: typed.Place) -> list[LeafKey]:
    """The leaves of the variable that a place covers."""
    depth = len(place.fields)
    return [
        (place.variable, position)
        for position, leaf in enumerate(leaves(place.variable.type))
        if leaf.path[:depth] == place.fields
    ]


def _buffer(scope: Scope, key: LeafKey) -> Value | None:
    leaf = scope.env.get(key)
    return leaf if isinstance(leaf, Value) and isinstance(leaf.type, MemRefType) else None


def _part(scope: Scope, place: typed.Place, key: LeafKey) -> Part:
    type_ = leaves(place.variable.type)[key[1]].type
    assert isinstance(type_, ArrayType)
    name = ".".join((place.variable.name, *place.fields))
    rest = (_whole(e, place.span) for e in type_.shape[len(place.items) :])
    return checked_part(scope, (*place.items, *rest), type_, name)


def _whole(extent: Poly, span: Span) -> typed.Slice:
    """All of an axis that a field of records has besides those of the array of records."""
    start = typed.Extent(type=I64, span=span, poly=ZERO)
    stop = typed.Extent(type=I64, span=span, poly=extent)
    return typed.Slice(start, stop, 1, extent)


def _store(scope: Scope, place: typed.Place, values: Leaves) -> None:
    keys = _leaves_of(place)
    kinds = leaves(place.type)
    for key, value, kind in zip(keys, values, kinds, strict=True):
        if place.items:
            _store_part(scope, place, key, kind.type, value)
            continue
        buffer = _buffer(scope, key)
        if buffer is None:
            bind_leaf(scope, key, value)
        else:
            type_ = leaves(key[0].type)[key[1]].type
            assert isinstance(type_, ArrayType)
            assign_whole(scope, broadcast(scope, value, type_), buffer)


def _store_part(
    scope: Scope, place: typed.Place, key: LeafKey, type_: ScalarType | ArrayType, value: Leaf
) -> None:
    """An element, a row or a slice of one leaf, of that type."""
    buffer = _buffer(scope, key)
    assert buffer is not None
    part = _part(scope, place, key)
    if isinstance(type_, ArrayType):
        whole = broadcast(scope, value, type_)
        if part.repeats:
            _scatter(scope, whole, buffer, part, None)
            return
        assign_part(scope, whole, buffer, lambda indices: part.locate(scope, indices))
    else:
        assert isinstance(value, Value)
        scope.add(memref.Store(value, buffer, part.locate(scope, ())))


def _augment_scalar(
    scope: Scope, key: LeafKey, part: Part | None, combine: Combine, value: Leaf
) -> None:
    if part is None:
        old = scope.env[key]
        scope.env[key] = combine(old, value)
        return
    buffer = _buffer(scope, key)
    assert buffer is not None
    indices = part.locate(scope, ())
    new = combine(scope.emit(memref.Load(buffer, indices)), value)
    scope.add(memref.Store(new, buffer, indices))


def _scatter(
    scope: Scope, value: Array, buffer: Value, part: Part, combine: Combine | None
) -> None:
    """Store, or combine with what is there, one element after another: a repeated index sees what
    went before, and the last one stays.
    """
    value = value if value.stable else scope.materialised(value)

    def step(indices: tuple[Value, ...]) -> None:
        where = part.locate(scope, indices)
        new = value.element(indices)
        if combine is not None:
            new = combine(scope.emit(memref.Load(buffer, where)), new)
        scope.add(memref.Store(new, buffer, where))

    for_all(scope, scope.shape(value.type), step)


def _augment_array(
    scope: Scope,
    type_: ArrayType,
    key: LeafKey,
    part: Part | None,
    combine: Combine,
    value: Leaf,
) -> None:
    buffer = _buffer(scope, key)
    assert buffer is not None
    base_type = leaves(key[0].type)[key[1]].type
    assert isinstance(base_type, ArrayType)
    if isinstance(value, Array):
        value = broadcast(scope, value, type_)
    if part is not None and part.repeats:
        _scatter(scope, broadcast(scope, value, type_), buffer, part, combine)
        return
    base = scope.of_tensor(base_type, scope.emit(array.Read(buffer)), stable=False)

    def mapping(indices: tuple[Value, ...]) -> tuple[Value, ...]:
        return indices if part is None else part.locate(scope, indices)

    new = apply(scope, type_, combine, (base.reindexed(type_, mapping), value))
    assert isinstance(new, Array)
    assign_part(scope, new, buffer, mapping)


__all__ = ["bind_leaf", "lower_assign", "lower_augmented"]
