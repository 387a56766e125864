"""Runs a program's text as Python over NumPy: an oracle for values.

Where the meaning differs the text is changed first: names that are assigned, passed, captured or
returned are copied (dp has value semantics), comprehensions make arrays, dimension names become
variables, functions of scalars apply elementwise, repeated indices of a scatter all count.
"""

import __future__

import ast
import types
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from tests.semantics.annotations import Annotations, dimension_text
from tests.semantics.derivatives import DERIVATIVES
from tests.semantics.names import NAMES
from tests.semantics.records import Records, array_of, plain, record_type, value_of

_FUTURE = __future__.annotations.compiler_flag


def by_python(
    text: str,
    arguments: dict[str, Any],
    name: str = "f",
    modules: Mapping[str, str] | None = None,
) -> Any:
    """The result of a function, records as dictionaries; `modules` are what may be imported, the
    standard library aside.
    """
    tree = ast.parse(text)
    known = {**_library(), **(modules or {})}
    namespace = _executed(tree, known)
    function = namespace[name]
    annotations = Annotations(tree, known)
    hints = function.__annotations__
    given = {
        key: _argument(namespace, annotations, ast.parse(hints[key], mode="eval").body, value)
        for key, value in arguments.items()
    }
    with np.errstate(all="ignore"):
        return plain(function(**given))


@cache
def _library() -> dict[str, str]:
    paths = (p for p in (files("dpc.dsl") / "std").iterdir() if p.name.endswith(".dp"))
    return {path.name.removesuffix(".dp"): path.read_text() for path in paths}


def _executed(tree: ast.Module, modules: Mapping[str, str]) -> dict[str, Any]:
    """The names that a module defines."""
    namespace = {**NAMES, **DERIVATIVES, **_SUPPORT}
    annotations = Annotations(tree, modules)
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            fields = [f.target.id for f in node.body if _is_field(f)]  # type: ignore[attr-defined]
            namespace[node.name] = record_type(node.name, tuple(fields))
        elif isinstance(node, ast.ImportFrom):
            imported = _executed(ast.parse(modules[node.module or ""]), modules)
            for alias in node.names:
                namespace[alias.asname or alias.name] = imported[alias.name]
        elif not annotations.is_alias(node):
            body.append(node)
    changed = _Values(annotations).visit(ast.Module(body, []))
    with np.errstate(all="ignore"):
        code = compile(ast.fix_missing_locations(changed), "program", "exec", flags=_FUTURE)
        exec(code, namespace)
    return namespace


def _is_field(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def _argument(
    namespace: dict[str, Any], annotations: Annotations, annotation: ast.expr, value: Any
) -> Any:
    """A dict as the record, or the array of records, that the annotation names."""
    if not isinstance(value, dict):
        return _number(value)
    resolved = annotations.resolved(annotation)
    type_ = annotations.record_of(resolved)
    assert type_ is not None
    fields = {
        field: _argument(namespace, annotations, annotations.fields[type_][field], part)
        for field, part in value.items()
    }
    if isinstance(resolved, ast.Subscript):
        return Records(namespace[type_], fields)
    return namespace[type_](**fields)


def _number(value: Any) -> Any:
    """Integers of 64 bits, which wrap; arrays that are the function's own."""
    if isinstance(value, int) and not isinstance(value, bool):
        return np.int64(value)
    return np.copy(value) if isinstance(value, np.ndarray) else value


def by_value(function: Any) -> Any:
    """A function whose captured variables keep the values they have now."""
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(types.CellType(value_of(cell.cell_contents)))
        except ValueError:  # assigned later: a function that names itself
            cells.append(cell)
    made = types.FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        tuple(cells),
    )
    made.__annotations__ = function.__annotations__
    return made


def lifted(function: Any) -> Any:
    """A function of scalars, elementwise on arrays."""

    def call(*given: Any, **named: Any) -> Any:
        if not any(np.ndim(v) for v in (*given, *named.values())):
            return function(*given, **named)
        names = list(named)
        parts = np.broadcast_arrays(*given, *named.values())
        found = [
            function(*items[: len(given)], **dict(zip(names, items[len(given) :], strict=True)))
            for items in zip(*(p.ravel() for p in parts), strict=True)
        ]
        return np.array(found).reshape(parts[0].shape)

    call.__wrapped__ = function  # type: ignore[attr-defined]
    call.__annotations__ = function.__annotations__
    return call


_OPERATORS: dict[str, Any] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": np.true_divide,
    "FloorDiv": np.floor_divide,
    "Mod": np.remainder,
    "Pow": np.power,
}


def changed_at(array: Any, index: Any, operator: str, value: Any) -> None:
    """`array[index] op= value`; every one of repeated indices counts."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(p, np.ndarray) and p.ndim for p in parts):
        _OPERATORS[operator].at(array, index, value_of(value))
    else:
        array[index] = _OPERATORS[operator](value_of(array[index]), value)


def with_extents(array: Any, iterables: list[Any]) -> Any:
    """The array of a comprehension; where it is empty NumPy does not know the inner extents."""
    if len(array):
        return array
    return array.reshape([*(len(i) for i in iterables), *array.shape[1:]])


_SUPPORT = {
    "np": np,
    "value_of": value_of,
    "array_of": array_of,
    "by_value": by_value,
    "lifted": lifted,
    "changed_at": changed_at,
    "with_extents": with_extents,
}


class _Values(ast.NodeTransformer):
    """The changes that the module's docstring lists."""

    def __init__(self, annotations: Annotations) -> None:
        self.annotations = annotations
        self.depth = 0

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        if isinstance(node.value, ast.Tuple):
            node.value.elts = [_called("value_of", e) for e in node.value.elts]
        else:
            node.value = _called("value_of", node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        assert node.value is not None
        return self.visit_Assign(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        if isinstance(node.target, ast.Subscript):
            array, index = node.target.value, node.target.slice
            operator = ast.Constant(type(node.op).__name__)
            call = ast.Call(_name("changed_at"), [array, _index(index), operator, node.value], [])
            return ast.copy_location(ast.Expr(call), node)
        read = ast.parse(ast.unparse(node.target), mode="eval").body
        changed = ast.BinOp(read, node.op, node.value)
        return ast.copy_location(ast.Assign([node.target], changed), node)

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        node.iter = _called("value_of", node.iter)
        return node

    def visit_Return(self, node: ast.Return) -> ast.Return:
        self.generic_visit(node)
        if node.value is not None:
            node.value = _called("value_of", node.value)
        return node

    def visit_List(self, node: ast.List) -> ast.expr:
        self.generic_visit(node)
        return _called("array_of", node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        self.generic_visit(node)
        element: ast.expr = node.elt
        for generator in reversed(node.generators):
            element = _called("array_of", ast.ListComp(element, [generator]))
        if len(node.generators) > 1:
            iterables = ast.List([g.iter for g in node.generators], ast.Load())
            element = ast.Call(_name("with_extents"), [element, iterables], [])
        return ast.copy_location(element, node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.generic_visit(node)
        return _called("by_value", node)

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        """`wrt=` takes names, not values."""
        if node.arg == "wrt" and not isinstance(node.value, ast.Constant):
            names = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            texts: list[ast.expr] = [ast.Constant(ast.unparse(n).strip("'")) for n in names]
            several = isinstance(node.value, ast.Tuple)
            node.value = ast.Tuple(texts, ast.Load()) if several else texts[0]
            return node
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        arguments = [a for a in node.args.args if not self.annotations.is_callable(a.annotation)]
        text = "".join(f"{a.arg} = value_of({a.arg})\n" for a in arguments)
        integers = [a.arg for a in arguments if _annotation(a) == "i64"]
        text += "".join(f"{name} = i64({name})\n" for name in integers)
        text += dimension_text(self.annotations, node)
        node.body[:0] = ast.parse(text).body
        if self.depth:
            kept = ast.parse(f"{node.name} = by_value({node.name})").body
            return [node, *kept]
        if self.annotations.is_of_scalars(node):
            node.decorator_list.append(_name("lifted"))
        return node


def _annotation(argument: ast.arg) -> str:
    return "" if argument.annotation is None else ast.unparse(argument.annotation)


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _called(name: str, node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(_name(name), [node], []), node)


def _index(node: ast.expr) -> ast.expr:
    """The value between brackets as an expression: slices as calls of `slice`."""
    if isinstance(node, ast.Tuple):
        return ast.Tuple([_index(e) for e in node.elts], ast.Load())
    if isinstance(node, ast.Slice):
        parts = [part or ast.Constant(None) for part in (node.lower, node.upper, node.step)]
        return ast.Call(_name("slice"), parts, [])
    return node
