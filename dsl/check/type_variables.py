"""Type variables: a single capital letter as an annotation stands for the type of the argument.

A definition with type variables is checked for each use. The extents of the types found become
dimensions of the definition (`T.0`, `T.1`, ...), so that all arguments of one variable agree.
"""

from collections.abc import Callable, Mapping

from dpc.dsl import ast
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.errors.types import TypeMismatch
from dpc.dsl.resolve import ModuleNames
from dpc.dsl.shapes import Poly
from dpc.dsl.types import (
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    restacked,
    with_shape,
)

Variables = Mapping[str, Type]


def variable_of(names: ModuleNames, annotation: ast.Expr | None) -> str | None:
    """The type variable that an annotation `T` or `T[n]` names, if any."""
    base = annotation.base if isinstance(annotation, ast.Subscript) else annotation
    if not isinstance(base, ast.Name) or len(base.name) != 1 or not base.name.isupper():
        return None
    return None if base.name in names.definitions else base.name


def is_generic(names: ModuleNames, node: ast.FunctionDef) -> bool:
    """True when a parameter's type is a type variable."""
    return any(variable_of(names, p.annotation) for p in node.parameters)


def solved(
    body: Body, home: ModuleNames, node: ast.FunctionDef, given: Mapping[str, object]
) -> Variables:
    """The types of a definition's type variables for the arguments; a literal decides only where
    nothing else does.
    """
    found: dict[str, Type] = {}
    for weak in (False, True):
        for parameter in node.parameters:
            name = variable_of(home, parameter.annotation)
            operand = given[parameter.name]
            if name is None or name in found:
                continue
            if not isinstance(operand, Operand):
                raise body.error(
                    TypeMismatch(
                        span=parameter.span,
                        what=f"argument `{parameter.name}` of `{node.name}`",
                        expected=f"{name}",
                        found="a function",
                    )
                )
            if operand.weak == weak:
                type_ = settled_type(body, operand)
                if isinstance(parameter.annotation, ast.Subscript):
                    type_ = _element(type_)
                found[name] = generalised(type_, name)
    return found


def settled_type(body: Body, operand: Operand) -> Type:
    """The operand's type; that of a literal in the working precision."""
    type_ = operand.type
    if operand.weak and isinstance(type_, ScalarType) and type_.is_float:
        return body.real
    if operand.weak and isinstance(type_, ArrayType) and type_.element.is_float:
        return with_shape(body.real, type_.shape)
    return type_


def _element(type_: Type) -> Type:
    if isinstance(type_, ArrayType):
        return type_.element
    return restacked(type_, ()) if isinstance(type_, RecordType) else type_


def generalised(type_: Type, name: str) -> Type:
    """The type with a dimension `name.0`, `name.1`, ... for each extent that is not constant."""
    fresh: dict[Poly, Poly] = {}

    def renamed(extent: Poly) -> Poly:
        if extent.value is not None:
            return extent
        return fresh.setdefault(extent, Poly.dimension(f"{name}.{len(fresh)}"))

    return mapped(type_, renamed)


def mapped(type_: Type, extent: Callable[[Poly], Poly]) -> Type:
    """The type with other extents; the fields of a record follow from its arguments."""
    match type_:
        case ArrayType(element=element, shape=shape):
            return ArrayType(element, tuple(map(extent, shape)))
        case TupleType(items=items):
            return TupleType(tuple(mapped(item, extent) for item in items))
        case RecordType():
            return _mapped_record(type_, extent)
        case _:
            return type_


def _mapped_record(record: RecordType, extent: Callable[[Poly], Poly]) -> RecordType:
    given = (*record.shape, *record.arguments)
    atoms = {atom: extent(e) for e in given for atom in e.atoms() if e == Poly.atom(atom)}

    def of_field(found: Poly) -> Poly:
        known = found.atoms() <= atoms.keys()
        return found.substitute(atoms) if known else extent(found)

    return RecordType(
        record.name,
        tuple(map(extent, record.arguments)),
        tuple((name, mapped(type_, of_field)) for name, type_ in record.fields),
        tuple(map(extent, record.shape)),
    )
