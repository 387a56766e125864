"""The types of the language. Types are values: equal types are equal objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Union

from dpc.dsl.shapes import Atom, Dimension, Poly

ScalarName = Literal["f64", "f32", "i64", "i32", "bool"]


@dataclass(frozen=True, slots=True)
class ScalarType:
    """`f64 f32 i64 i32 bool`."""

    name: ScalarName

    @property
    def is_float(self) -> bool:
        """Floats are the differentiable scalars."""
        return self.name in ("f64", "f32")

    @property
    def is_integer(self) -> bool:
        """i64 or i32; bool is not an integer type, though it counts as one in arithmetic."""
        return self.name in ("i64", "i32")

    def __str__(self) -> str:
        return self.name


F64 = ScalarType("f64")
F32 = ScalarType("f32")
I64 = ScalarType("i64")
I32 = ScalarType("i32")
BOOL = ScalarType("bool")
SCALARS: dict[str, ScalarType] = {t.name: t for t in (F64, F32, I64, I32, BOOL)}


@dataclass(frozen=True, slots=True)
class ArrayType:
    """`T[e1, ..., er]`, rank at least 1, row-major."""

    element: ScalarType
    shape: tuple[Poly, ...]

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __str__(self) -> str:
        return f"{self.element}[{', '.join(str(e) for e in self.shape)}]"


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record at given dimensions.

    `fields` are (name, type) in order, their shapes already in terms of the enclosing function's
    dimensions. `arguments` are the record's own dimension parameters, so instantiated: two record
    types are the same type when name, arguments and shape are equal.

    With a `shape` it is an array of such records, stored field by field: `fields` are then those
    arrays, whose types start with the shape's extents.
    """

    name: str
    arguments: tuple[Poly, ...]
    fields: tuple[tuple[str, "Type"], ...]
    shape: tuple[Poly, ...] = ()

    def field(self, name: str) -> "Type | None":
        """The type of a field, or None."""
        return dict(self.fields).get(name)

    def __str__(self) -> str:
        text = self.name
        if self.arguments:
            text += f"({', '.join(str(a) for a in self.arguments)})"
        if self.shape:
            text += f"[{', '.join(str(e) for e in self.shape)}]"
        return text


@dataclass(frozen=True, slots=True)
class TupleType:
    """`(T1, ..., Tk)`: results and destructuring."""

    items: tuple["Type", ...]

    def __str__(self) -> str:
        return f"({', '.join(str(i) for i in self.items)})"


Type = Union[ScalarType, ArrayType, RecordType, TupleType]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar or array inside a (possibly nested) value, where records and tuples are flattened.

    `path` is the way to it: field names and tuple positions; empty for a plain scalar or array.
    """

    path: tuple[str | int, ...]
    type: ScalarType | ArrayType


def leaves(type_: Type, path: tuple[str | int, ...] = ()) -> tuple[Leaf, ...]:
    """The leaves of a type in declaration order; the order every layer uses."""
    if isinstance(type_, RecordType):
        return tuple(leaf for name, t in type_.fields for leaf in leaves(t, (*path, name)))
    if isinstance(type_, TupleType):
        return tuple(leaf for i, t in enumerate(type_.items) for leaf in leaves(t, (*path, i)))
    return (Leaf(path, type_),)


def element_of(type_: ScalarType | ArrayType) -> ScalarType:
    """The scalar type of a scalar or array."""
    return type_.element if isinstance(type_, ArrayType) else type_


def shape_of(type_: ScalarType | ArrayType) -> tuple[Poly, ...]:
    """The shape; () for a scalar."""
    return type_.shape if isinstance(type_, ArrayType) else ()


def with_shape(element: ScalarType, shape: tuple[Poly, ...]) -> ScalarType | ArrayType:
    """An array of that shape, or the scalar when the shape is empty."""
    return ArrayType(element, shape) if shape else element


def restacked(type_: RecordType, shape: tuple[Poly, ...]) -> RecordType:
    """An array of that shape of the records that `type_` is or holds; one record for no shape."""
    rank = len(type_.shape)

    def part(inner: Type) -> Type:
        if isinstance(inner, RecordType):
            return restacked_part(inner)
        assert isinstance(inner, ScalarType | ArrayType)
        return with_shape(element_of(inner), shape + shape_of(inner)[rank:])

    def restacked_part(inner: RecordType) -> RecordType:
        fields = tuple((name, part(t)) for name, t in inner.fields)
        return RecordType(inner.name, inner.arguments, fields, shape + inner.shape[rank:])

    return restacked_part(type_)


def substitute(type_: Type, values: Mapping[Dimension, Poly] | Mapping[Atom, Poly]) -> Type:
    """The type with dimension variables (or run-time extents) replaced."""
    mapping: dict[Atom, Poly] = dict(values.items())
    if isinstance(type_, ArrayType):
        return ArrayType(type_.element, tuple(e.substitute(mapping) for e in type_.shape))
    if isinstance(type_, RecordType):
        return RecordType(
            type_.name,
            tuple(a.substitute(mapping) for a in type_.arguments),
            tuple((n, substitute(t, values)) for n, t in type_.fields),
            tuple(e.substitute(mapping) for e in type_.shape),
        )
    if isinstance(type_, TupleType):
        return TupleType(tuple(substitute(t, values) for t in type_.items))
    return type_
