"""Functions with type variables as callers from outside see them: specialised for given types."""

from collections.abc import Mapping

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Reported
from dpc.dsl.check.functions import check_function, check_signature
from dpc.dsl.check.headers import is_callable
from dpc.dsl.check.type_variables import is_generic, variable_of
from dpc.dsl.diagnostics import Sink
from dpc.dsl.resolve import ModuleNames, Template
from dpc.dsl.types import Type


def generics_of(names: ModuleNames) -> dict[str, typed.Generic]:
    """The functions with type variables by their names here, but for those that take functions."""
    return {
        here: _generic(template)
        for here, template in names.templates.items()
        if here not in names.failed
        and is_generic(template.home, template.definition)
        and not any(is_callable(p.annotation) for p in template.definition.parameters)
    }


def _generic(template: Template) -> typed.Generic:
    node, home = template.definition, template.home
    return typed.Generic(
        name=node.name,
        doc=node.doc,
        parameters=tuple(_parameter(home, p) for p in node.parameters),
        result="" if node.result is None else node.result.span.text,
        specialised=lambda types: _specialised(home, node, types),
    )


def _parameter(home: ModuleNames, node: ast.Parameter) -> typed.GenericParameter:
    variable = variable_of(home, node.annotation)
    text = "" if node.annotation is None else node.annotation.span.text
    return typed.GenericParameter(node.name, variable, isinstance(node.annotation, ast.Name), text)


def _specialised(
    home: ModuleNames, node: ast.FunctionDef, types: Mapping[str, Type]
) -> typed.Function:
    """The function for these types of its type variables; `CompileError` where they don't fit."""
    outer, home.sink = home.sink, Sink()
    try:
        function = check_signature(home, node, types)
        check_function(home, node, function, types)
    except Reported:
        home.sink.raise_if_failed()
        raise
    finally:
        sink, home.sink = home.sink, outer
    sink.raise_if_failed()
    return function
