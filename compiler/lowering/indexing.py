"""Indexing: rows, elements, slices; their checks; how an index of the part maps to one of the base.

Nothing clips: an index lies in 0..n-1, the bounds of a slice in 0..n, else it is an error.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dpc.compiler.dialects import arith, memref
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import INDEX, MemRefType
from dpc.compiler.lowering.array_value import Array
from dpc.compiler.lowering.extents import known_nonnegative
from dpc.compiler.lowering.nests import for_all
from dpc.compiler.lowering.scope import Leaf, Leaves, Scope
from dpc.dsl import typed
from dpc.dsl.shapes import ONE, ZERO, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import ArrayType, leaves

Indices = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """How one axis of the base follows from the part's indices: fixed, or start + step * index."""

    start: Value
    step: int = 0  # 0: fixed at start
    position: int = 0  # the part's axis

    def locate(self, scope: Scope, indices: Indices) -> Value:
        """The base's index for the part's indices."""
        if self.step == 0:
            return self.start
        return scope.add_index(self.start, scope.scale_index(indices[self.position], self.step))


@dataclass(frozen=True, slots=True)
class GatheredAxis:
    """One axis of the base whose index is an element of an array of checked indices."""

    index: Array
    end: int  # behind the last of the part's axes that are the array's

    def locate(self, scope: Scope, indices: Indices) -> Value:
        """The base's index for the part's indices; an extent 1 is stretched."""
        shape = self.index.type.shape
        zero = scope.constant(0, INDEX)
        own = indices[self.end - len(shape) : self.end]
        at = (zero if extent == ONE else i for extent, i in zip(shape, own, strict=True))
        return scope.as_index(self.index.element(tuple(at)))


@dataclass(frozen=True, slots=True)
class Part:
    """Checked index items: where each axis of the base is."""

    axes: tuple[Axis | GatheredAxis, ...]

    @property
    def repeats(self) -> bool:
        """True when several indices of the part may be one of the base."""
        return any(isinstance(axis, GatheredAxis) for axis in self.axes)

    @property
    def stable(self) -> bool:
        """True when no index is read from a buffer that may change later."""
        return all(a.index.stable for a in self.axes if isinstance(a, GatheredAxis))

    def locate(self, scope: Scope, indices: Indices) -> Indices:
        """The base's indices for the part's indices."""
        return tuple(axis.locate(scope, indices) for axis in self.axes)


def lower_index(scope: Scope, node: typed.Expr) -> Leaves:
    """`base[items]`: an element is loaded, anything else is a view."""
    assert isinstance(node, typed.Index)
    buffer = buffer_of(scope, node.base)
    if buffer is not None and not isinstance(node.type, ArrayType):
        part = checked_part(scope, node.items, node.base.type, node.base.span.text)
        return (scope.emit(memref.Load(buffer, part.locate(scope, ()))),)
    base = scope.array(node.base)
    part = checked_part(scope, node.items, base.type, node.base.span.text)
    if isinstance(node.type, ArrayType):
        view = base.reindexed(node.type, lambda indices: part.locate(scope, indices))
        return (replace(view, stable=base.stable and part.stable),)
    return (base.element(part.locate(scope, ())),)


def buffer_of(scope: Scope, node: typed.Expr) -> Value | None:
    """The buffer behind a variable or a field of one, if it lives in a buffer."""
    found = variable_leaf(node)
    if found is None:
        return None
    leaf: Leaf | None = scope.env.get(found)
    return leaf if isinstance(leaf, Value) and isinstance(leaf.type, MemRefType) else None


def variable_leaf(node: typed.Expr) -> tuple[typed.Variable, int] | None:
    """The variable leaf that an array expression names: `x`, `m.w`."""
    path: list[str | int] = []
    while isinstance(node, typed.Field):
        path.append(node.name)
        node = node.base
    if not isinstance(node, typed.Read):
        return None
    for position, leaf in enumerate(leaves(node.variable.type)):
        if leaf.path == tuple(reversed(path)):
            return node.variable, position
    return None


# --- checked items -------------------------------------------------------------------------------


def checked_part(scope: Scope, items: tuple[typed.IndexItem, ...], base: object, name: str) -> Part:
    """Lower index items and check them against the base's extents."""
    assert isinstance(base, ArrayType)
    shown = " ".join(name.split()).replace("{", "{{").replace("}", "}}")
    axes: list[Axis | GatheredAxis] = []
    placed = typed.layout(items)
    for item, position in zip(items, placed.axes, strict=True):
        if isinstance(item, typed.NewAxis):
            continue
        where = f"axis {len(axes)} of `{shown}`"
        extent = base.shape[len(axes)]
        if isinstance(item, typed.At):
            axes.append(Axis(_checked_index(scope, item.index, extent, where)))
        elif isinstance(item, typed.Gather):
            indices = _checked_indices(scope, item.index, extent, where)
            axes.append(GatheredAxis(indices, position + placed.rank))
        else:
            axes.append(_checked_slice(scope, item, extent, where, position))
    return Part(tuple(axes))


def _checked_index(scope: Scope, node: typed.Expr, extent: Poly, where: str) -> Value:
    index = scope.index(node)
    low = None if node.poly is None else node.poly
    conditions = _AtLeast(scope, node.span)
    with scope.builder.at(node.span):
        conditions.require(index, low, scope.constant(0, INDEX), ZERO)
        conditions.require(
            scope.extent(extent), extent, index, low if low is None else low + ONE, strict=True
        )
        message = f"index {{}} is out of bounds for {where} with extent {{}}"
        conditions.check(message, index, scope.extent(extent))
    return index


def _checked_indices(scope: Scope, node: typed.Expr, extent: Poly, where: str) -> Array:
    """An array of indices; every one is checked before any is used."""
    found = scope.array(node)
    array = found if found.view else scope.materialised(found)
    size = scope.extent(extent)
    zero = scope.constant(0, INDEX)

    def check(indices: Indices) -> None:
        index = scope.as_index(array.element(indices))
        conditions = _AtLeast(scope, node.span)
        conditions.require(index, None, zero, None)
        conditions.require(size, None, index, None, strict=True)
        message = f"index {{}} is out of bounds for {where} with extent {{}}"
        conditions.check(message, index, size)

    with scope.builder.at(node.span):
        for_all(scope, scope.shape(array.type), check)
    return array


def _checked_slice(
    scope: Scope, item: typed.Slice, extent: Poly, where: str, position: int
) -> Axis:
    """start:stop of a slice: 0 <= start <= stop <= n; downwards -1 <= stop <= start <= n - 1."""
    start, stop = scope.index(item.start), scope.index(item.stop)
    span = item.start.span
    low, high, low_poly, high_poly = start, stop, item.start.poly, item.stop.poly
    least, most = ZERO, extent
    if item.step < 0:
        low, high, low_poly, high_poly = stop, start, high_poly, low_poly
        least, most = ZERO - ONE, extent - ONE
    conditions = _AtLeast(scope, span)
    with scope.builder.at(span):
        conditions.require(low, low_poly, scope.extent(least), least)
        conditions.require(high, high_poly, low, low_poly)
        conditions.require(scope.extent(most), most, high, high_poly)
        message = f"the slice from {{}} to {{}} is out of bounds for {where} with extent {{}}"
        conditions.check(message, start, stop, scope.extent(extent))
    return Axis(start, item.step, position)


class _AtLeast:
    """Collects conditions `left >= right`, without those the polynomials prove."""

    def __init__(self, scope: Scope, span: Span) -> None:
        self.scope = scope
        self.conditions: list[Callable[[], Value]] = []

    def require(
        self,
        left: Value,
        left_poly: Poly | None,
        right: Value,
        right_poly: Poly | None,
        strict: bool = False,
    ) -> None:
        """Left >= right (left > right when strict; `right_poly` then is one more)."""
        if _at_least(left_poly, right_poly):
            return
        if strict:
            self.conditions.append(lambda: self.scope.emit(arith.CmpI("slt", right, left)))
        else:
            self.conditions.append(lambda: self.scope.emit(arith.CmpI("sge", left, right)))

    def check(self, message: str, *values: Value) -> None:
        """Emit one check of everything collected."""
        if not self.conditions:
            return
        holds = self.conditions[0]()
        for condition in self.conditions[1:]:
            holds = self.scope.emit(arith.AndI(holds, condition()))
        self.scope.check(holds, "bounds", message, *values)


def _at_least(left: Poly | None, right: Poly | None) -> bool:
    """True when the polynomials show left >= right."""
    return left is not None and right is not None and known_nonnegative(left - right)


def lower_transpose(scope: Scope, node: typed.Expr) -> Leaves:
    """`x.T`: the axes reversed."""
    assert isinstance(node, typed.Transpose)
    assert isinstance(node.type, ArrayType)
    base = scope.array(node.operand)
    return (base.reindexed(node.type, lambda indices: tuple(reversed(indices))),)


__all__ = [
    "Indices",
    "Part",
    "buffer_of",
    "checked_part",
    "lower_index",
    "lower_transpose",
    "variable_leaf",
]
