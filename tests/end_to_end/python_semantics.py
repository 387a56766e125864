"""Runs a model's text as Python over NumPy: an oracle for values.

dp has value semantics where NumPy has views, so arrays are a subclass whose plain reads copy.
"""

import __future__

import ast
import builtins
import copy
import types
from typing import Any

import numpy as np

from tests.end_to_end.models import Model


def _reduction(over_array: Any, over_iterable: Any) -> Any:
    """A built-in that takes an array (with axis) or a generator."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        if isinstance(arguments[0], types.GeneratorType):
            return over_iterable(list(arguments[0]))
        if len(arguments) > 1:
            return over_iterable(arguments)
        return over_array(arguments[0], **keywords)

    return call


def _logsumexp(x: Any) -> Any:
    return np.logaddexp.reduce(np.ravel(x))


NAMES: dict[str, Any] = {
    **{n: getattr(np, n) for n in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "hypot")},
    **{n: getattr(np, n) for n in ("zeros", "ones", "dot", "where", "abs", "mean", "arctan2")},
    "atan2": np.arctan2,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "sum": _reduction(np.sum, builtins.sum),
    "prod": _reduction(np.prod, np.prod),
    "max": _reduction(np.max, builtins.max),
    "min": _reduction(np.min, builtins.min),
    "logsumexp": _logsumexp,
}


class _Values(ast.NodeTransformer):
    """Copies wherever a bare name is assigned, passed or returned: dp's value semantics."""

    def _copied(self, node: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name("copy_of", ast.Load()), [node], [])
        return ast.copy_location(call, node)

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        if isinstance(node.value, ast.Tuple):
            node.value.elts = [self._copied(e) for e in node.value.elts]
        else:
            node.value = self._copied(node.value)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        self.generic_visit(node)
        element: ast.expr = node.elt
        for generator in reversed(node.generators):
            inner = ast.ListComp(element, [generator])
            element = ast.Call(
                ast.Attribute(ast.Name("np", ast.Load()), "array", ast.Load()), [inner], []
            )
        return ast.copy_location(element, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        names = [a.arg for a in node.args.args]
        text = "".join(f"{n} = copy_of({n})\n" for n in names)
        shapes = "".join(
            f"{e.id} = {a.arg}.shape[{axis}]\n"
            for a in node.args.args
            for axis, e in enumerate(_extents(a.annotation))
            if isinstance(e, ast.Name)
        )
        node.body[:0] = ast.parse(text + shapes).body
        return node


def _extents(annotation: ast.expr | None) -> list[ast.expr]:
    """The extent expressions of an array annotation."""
    if not isinstance(annotation, ast.Subscript) or ast.unparse(annotation.value) == "Callable":
        return []
    inside = annotation.slice
    return list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]


def _value(argument: Any) -> Any:
    if isinstance(argument, dict):
        return types.SimpleNamespace(**{k: _value(v) for k, v in argument.items()})
    return np.copy(argument) if isinstance(argument, np.ndarray) else argument


def run_as_python(model: Model) -> Any:
    """The value of the model's function at its arguments, computed by Python itself."""
    tree = ast.fix_missing_locations(_Values().visit(ast.parse(model.source)))
    code = compile(tree, model.name, "exec", flags=__future__.annotations.compiler_flag)
    namespace: dict[str, Any] = {**NAMES, "np": np, "copy_of": copy.deepcopy}
    exec(code, namespace)
    arguments = {name: _value(value) for name, value in model.arguments.items()}
    return namespace[model.function](**arguments)
