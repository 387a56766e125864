"""Annotations to types, and how a call determines dimension variables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Reported, dimensions_of, extents_of
from dpc.dsl.check.function_values import FunctionType
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.errors.functions import MisplacedCallable
from dpc.dsl.errors.names import UnknownType, UseBeforeDefinition
from dpc.dsl.errors.shapes import BadDimension, NegativeExtent
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.habits import TYPES
from dpc.dsl.resolve import ModuleNames, nearest
from dpc.dsl.shapes import Dimension, Poly, linear
from dpc.dsl.source import Span
from dpc.dsl.types import (
    SCALARS,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    leaves,
    restacked,
    shape_of,
    substitute,
)


@dataclass(frozen=True)
class Annotations:
    """Reads annotations. `owner` names a parameter or result, whose bare record gets fresh
    dimensions; `variables` are the types that type variables stand for; `sink` takes the errors
    where that is not the module's own.
    """

    names: ModuleNames
    owner: str = ""
    variables: Mapping[str, Type] = field(default_factory=dict)
    sink: Sink | None = None

    def error(self, diagnostic: Diagnostic) -> Reported:
        """Report; the caller raises what comes back."""
        self._sink.report(diagnostic)
        return Reported()

    @property
    def _sink(self) -> Sink:
        return self.names.sink if self.sink is None else self.sink

    def type_of(self, node: ast.Expr) -> Type:
        """The type that an annotation writes."""
        match node:
            case ast.Name():
                return self._named(node)
            case ast.Subscript(base=ast.Name(name="Callable")):
                raise self.error(MisplacedCallable(span=node.span))
            case ast.Subscript():
                return self._array(node)
            case ast.Call(callee=ast.Name()):
                return self._record(node)
            case ast.TupleDisplay(items=items):
                owners = (f"{self.owner}.{i}" if self.owner else "" for i in range(len(items)))
                parts = (replace(self, owner=o).type_of(i) for o, i in zip(owners, items))
                return TupleType(tuple(parts))
            case _:
                raise self.no_type(node)

    def no_type(self, node: ast.Expr, suggestion: str | None = None) -> Reported:
        """Report an annotation that is no type."""
        text = node.span.text
        habit = TYPES.get(text.rpartition(".")[2])
        match node:
            case ast.Text(value=value) if value.strip():
                suggestion, advice = value.strip(), f"write `{value.strip()}` without quotes"
            case ast.Subscript(base=ast.Subscript(base=inner) as outer, items=items):
                extents = ", ".join(item.span.text for item in (*outer.items, *items))
                suggestion = f"{inner.span.text}[{extents}]"
                advice = f"one pair of brackets holds all extents: `{suggestion}`"
            case ast.Binary(operator="|"):
                advice = TYPES["Union"].advice
            case _ if habit is not None:
                suggestion, advice = habit.here or None, habit.hint
            case _:
                advice = ""
        return self.error(
            UnknownType(span=node.span, text=text, suggestion=suggestion, advice=advice)
        )

    def function_type(self, node: ast.Expr) -> FunctionType:
        """The type that `Callable[[T1, ...], R]` writes."""
        match node:
            case ast.Subscript(items=(ast.ListDisplay(items=items), ast.Expr() as result)):
                parameters = tuple(self.type_of(item) for item in items)
                return FunctionType(parameters, self.type_of(result))
        raise self.error(UnknownType(span=node.span, text=node.span.text))

    def _named(self, node: ast.Name) -> Type:
        name = node.name
        if name in SCALARS:
            return SCALARS[name]
        if name in self.names.failed:
            raise Reported
        if name in self.names.aliases:
            alias = self.names.aliases[name]
            return replace(self, names=alias.home, sink=self._sink).type_of(alias.annotation)
        if name in self.names.records:
            record = self.names.records[name]
            return self._fresh(record, node) if record.arguments else record
        if name == "real":
            return self.names.real
        if name in self.variables:
            return self.variables[name]
        if len(name) == 1 and name.isupper() and name not in self.names.definitions:
            raise self.error(
                NotSupported(
                    span=node.span,
                    what=f"the type variable `{name}` where no argument has that type",
                )
            )
        if name in self.names.definitions:
            definition = self.names.definitions[name]
            use = UseBeforeDefinition(span=node.span, name=name, definition=definition)
            if node.span.start > definition.start:
                use = replace(use, advice=f"a record can't hold itself: `{name}` would be endless")
            raise self.error(use)
        raise self.no_type(node, nearest(name, self.names.types()))

    def _fresh(self, record: RecordType, node: ast.Name) -> Type:
        if not self.owner:
            listed = ", ".join(str(a) for a in record.arguments)
            raise self.error(
                NotSupported(
                    span=node.span,
                    what=f"`{record.name}` without dimensions here",
                    advice=f"name them: `{record.name}({listed})`",
                )
            )
        fresh = {Dimension(str(a)): Poly.dimension(f"{self.owner}.{a}") for a in record.arguments}
        return substitute(record, fresh)

    def _record(self, node: ast.Call) -> Type:
        assert isinstance(node.callee, ast.Name)
        name = node.callee.name
        if name in self.names.failed:
            raise Reported
        if name not in self.names.records:
            near = nearest(name, self.names.records)
            raise self.error(UnknownType(span=node.callee.span, text=name, suggestion=near))
        record = self.names.records[name]
        if node.keywords or len(node.arguments) != len(record.arguments):
            listed = ", ".join(str(a) for a in record.arguments)
            raise self.error(
                WrongArguments(
                    span=node.span,
                    problem=f"`{name}` has {len(record.arguments)} dimensions, "
                    f"{len(node.arguments)} given",
                    signature=f"{name}({listed})",
                )
            )
        given = (self.extent(argument) for argument in node.arguments)
        return substitute(record, {Dimension(str(a)): p for a, p in zip(record.arguments, given)})

    def _array(self, node: ast.Subscript) -> Type:
        element = self.type_of(node.base)
        if not isinstance(element, (ScalarType, RecordType)) or _is_array(element):
            raise self.no_type(node)
        extents: list[Poly] = []
        for item in node.items:
            if not isinstance(item, ast.Expr) or isinstance(item, ast.Ellipsis):
                advice = f"give the extent a name: `{element}[n]`"
                text = item.span.text
                raise self.error(BadDimension(span=item.span, text=text, advice=advice))
            extents.append(self.extent(item))
        if isinstance(element, RecordType):
            return restacked(element, tuple(extents))
        return ArrayType(element, tuple(extents))

    def extent(self, node: ast.Expr) -> Poly:
        """An extent: an integer expression over dimension names."""
        poly = self._poly(node)
        if poly.value is not None and poly.value < 0:
            raise self.error(NegativeExtent(span=node.span, extent=str(poly)))
        return poly

    def _poly(self, node: ast.Expr) -> Poly:
        match node:
            case ast.Number(value=int(value)):
                return Poly.constant(value)
            case ast.Name(name=name):
                return self._dimension(node, name)
            case ast.Unary(operator="-", operand=operand):
                return -self._poly(operand)
            case ast.Binary(operator="+", left=left, right=right):
                return self._poly(left) + self._poly(right)
            case ast.Binary(operator="-", left=left, right=right):
                return self._poly(left) - self._poly(right)
            case ast.Binary(operator="*", left=left, right=right):
                return self._poly(left) * self._poly(right)
            case ast.Binary(operator="//", left=left, right=right):
                divisor = self._poly(right).value
                if divisor is not None and divisor > 0:
                    return self._poly(left) // divisor
        raise self.error(BadDimension(span=node.span, text=node.span.text))

    def _dimension(self, node: ast.Expr, name: str) -> Poly:
        if name in self.names.failed:
            raise Reported
        constant = self.names.constants.get(name)
        if isinstance(constant, typed.Constant) and type(constant.value) is int:
            return Poly.constant(constant.value)
        if constant is not None or name in self.names.types() | set(self.names.functions) | set(
            self.names.templates
        ):
            raise self.error(BadDimension(span=node.span, text=name))
        return Poly.dimension(name)


def _is_array(type_: Type) -> bool:
    return isinstance(type_, RecordType) and bool(type_.shape)


def bindings_of(
    parameters: Sequence[tuple[str, Type]], integers: Iterable[str]
) -> tuple[tuple[typed.Binding, ...], set[str]]:
    """How each dimension follows from the parameters' extents, in an order that can be solved;
    and the dimensions that do not. A dimension is bound where it stands alone, else where it is the
    only unknown of a linear extent.
    """
    axes = [
        (name, leaf.path, axis, extent)
        for name, type_ in parameters
        for leaf in leaves(type_)
        for axis, extent in enumerate(shape_of(leaf.type))
    ]
    unknown = {d for _, _, _, extent in axes for d in dimensions_of(extent)}
    bindings = [typed.Binding(d, "", (), 0) for d in sorted(unknown & set(integers))]
    unknown -= {b.name for b in bindings}
    for parameter, path, axis, extent in axes:
        for name in sorted(unknown):
            if extent == Poly.dimension(name):
                bindings.append(typed.Binding(name, parameter, path, axis))
                unknown.discard(name)
    progress = True
    while progress and unknown:
        progress = False
        for parameter, path, axis, extent in axes:
            solved = linear(extent, unknown)
            if solved is not None:
                name, coefficient, rest = solved
                bindings.append(typed.Binding(name, parameter, path, axis, coefficient, rest))
                unknown.discard(name)
                progress = True
    return tuple(bindings), unknown


def dimension_names(type_: Type) -> set[str]:
    """Every dimension variable in a type."""
    return {name for extent in extents_of(type_) for name in dimensions_of(extent)}


def require_told(names: ModuleNames, span: Span, result: Type, dimensions: Collection[str]) -> None:
    """The value returned tells dimensions that only the result has: each extent with one is linear
    in it. Otherwise reported and `Reported` raised.
    """
    for extent in extents_of(result):
        found = {*dimensions_of(extent)} & {*dimensions}
        solved = linear(extent, found)
        if found and (solved is None or solved[1] < 0):
            what = f"the extent {extent}, which does not tell `{min(found)}`"
            advice = f"a name of its own will do: `[k]` in place of `[{extent}]`"
            names.sink.report(NotSupported(span=span, what=what, advice=advice))
            raise Reported
