"""The parameters of a definition that is checked for each use: types, `Callable` types, defaults.

A lambda's parameters have no types: they take those of the arguments. In a function inside a
function, the dimension names of the enclosing one keep their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dpc.dsl import ast, typed
from dpc.dsl.check.annotations import Annotations, bindings_of, dimension_names, require_told
from dpc.dsl.check.context import Reported
from dpc.dsl.check.function_values import FunctionType
from dpc.dsl.errors.shapes import UnknownDimension
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.resolve import ModuleNames
from dpc.dsl.types import I64, Type


@dataclass(frozen=True, slots=True)
class Header:
    """A definition's types as written: `parameters` in order, None where a lambda has none.

    `values` determine dimensions from the arguments that are values; each function in turn
    determines what its result's shape leaves open (`results`). `told` are the dimensions that only
    the result has: the value returned tells them.
    """

    parameters: Mapping[str, Type | FunctionType | None]
    result: Type | None
    values: tuple[typed.Binding, ...]
    results: Mapping[str, tuple[typed.Binding, ...]]
    told: tuple[str, ...] = ()

    @property
    def own(self) -> set[str]:
        """The dimension variables that a call determines."""
        rows = (self.values, *self.results.values())
        return {binding.name for row in rows for binding in row}


def is_callable(annotation: ast.Expr | None) -> bool:
    """True for `Callable[...]`."""
    base = annotation.base if isinstance(annotation, ast.Subscript) else annotation
    return isinstance(base, ast.Name) and base.name == "Callable"


def header_of(
    names: ModuleNames,
    node: ast.FunctionDef,
    outer: Mapping[str, object],
    variables: Mapping[str, Type] | None = None,
) -> Header:
    """Read the annotations; `outer` are the dimensions of enclosing functions, `variables` the
    types of type variables.
    """
    known = variables or {}
    of_module = node.name in names.templates and names.templates[node.name].definition is node
    for decorator in () if of_module else node.decorators:
        what = "decorators of functions inside functions"
        names.sink.report(NotSupported(span=decorator.span, what=what))
    failed = bool(node.decorators) and not of_module
    parameters: dict[str, Type | FunctionType | None] = {}
    for parameter in node.parameters:
        try:
            parameters[parameter.name] = _type(names, parameter, known)
        except Reported:
            failed = True
    result: Type | None = None
    try:
        if node.result is not None:
            result = Annotations(names, variables=known).type_of(node.result)
    except Reported:
        failed = True
    if failed:
        raise Reported
    return _solvable(names, node, parameters, result, set(outer))


def _type(
    names: ModuleNames, parameter: ast.Parameter, variables: Mapping[str, Type]
) -> Type | FunctionType | None:
    if parameter.annotation is None:
        return None
    annotations = Annotations(names, parameter.name, variables)
    if is_callable(parameter.annotation):
        return annotations.function_type(parameter.annotation)
    return annotations.type_of(parameter.annotation)


def _solvable(
    names: ModuleNames,
    node: ast.FunctionDef,
    parameters: Mapping[str, Type | FunctionType | None],
    result: Type | None,
    outer: set[str],
) -> Header:
    """How the arguments determine every dimension; what is undetermined is reported."""
    values = {
        n: t for n, t in parameters.items() if t is not None and not isinstance(t, FunctionType)
    }
    integers = {n for n, t in values.items() if t == I64}
    bindings, _ = bindings_of(tuple(values.items()), outer | integers)
    known = {b.name for b in bindings} | outer | integers
    unknown: dict[str, set[str]] = {}
    results: dict[str, tuple[typed.Binding, ...]] = {}
    for name, type_ in parameters.items():
        if isinstance(type_, FunctionType):
            unknown[name] = {d for t in type_.parameters for d in dimension_names(t)} - known
            results[name], open_ = bindings_of([(name, type_.result)], known)
            unknown[name] |= open_
            known |= {b.name for b in results[name]}
    for name, value in values.items():
        unknown[name] = dimension_names(value) - known
    for parameter in node.parameters:
        for dimension in sorted(unknown.get(parameter.name, ())):
            assert parameter.annotation is not None
            names.sink.report(UnknownDimension(span=parameter.annotation.span, name=dimension))
    missing = dimension_names(result) - known if result is not None else set()
    if any(unknown.values()):
        raise Reported
    if node.result is not None and result is not None:
        require_told(names, node.result.span, result, missing)
    wanted = integers & dimension_names(result) if result is not None else set()
    extra = (typed.Binding(n, "", (), 0) for n in sorted(wanted - {b.name for b in bindings}))
    return Header(parameters, result, (*bindings, *extra), results, tuple(sorted(missing)))
