"""How the tests of the checker run it, and the invariants of what it yields."""

from collections.abc import Iterator

from dpc.dsl import typed
from dpc.dsl.check import check
from dpc.dsl.check.context import locals_of
from dpc.dsl.check.flow import parts_of
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.parse import parse
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Source
from dpc.dsl.types import BOOL, ArrayType, ScalarType, element_of, leaves, shape_of


def diagnose(text: str) -> tuple[typed.Module, list[Diagnostic]]:
    """The checked module and what was reported; the text is free of syntax errors."""
    sink = Sink()
    tree = parse(Source("test.dp", text), sink)
    assert not sink.failed, sink.diagnostics
    module = check(tree, sink)
    return module, sink.diagnostics


def checked(text: str) -> typed.Module:
    """The module of a program without errors; its invariants hold."""
    module, diagnostics = diagnose(text)
    errors = [d for d in diagnostics if d.level == "error"]
    assert not errors, [(d.code, d.message, d.span.text) for d in errors]
    for function in module.functions.values():
        verify(function)
    return module


def nodes(root: object) -> Iterator[object]:
    """A node and all inside it."""
    yield root
    for part in parts_of(root):
        yield from nodes(part)


def statements(function: typed.Function, kind: type[typed.Stmt]) -> list[typed.Stmt]:
    """Every statement of a kind, in order."""
    return [n for s in function.body for n in nodes(s) if isinstance(n, kind)]


# --- invariants -------------------------------------------------------------------------------

KEPT = {"where": {0}, "pow": {1}, "polygamma": {0}}


def verify(function: typed.Function) -> None:
    """The invariants that the docstring of `dsl.typed` lists."""
    equal = {
        frozenset((n.left, n.right)) for s in function.body for n in nodes(s)
        if isinstance(n, typed.ShapeCheck)
    }  # fmt: skip
    bound: set[int] = set()
    for statement in function.body:
        for node in _in_order(statement):
            if isinstance(node, typed.BindExtent):
                bound.add(node.key)
            if isinstance(node, typed.Expr):
                _extents_bound(node, bound)
                assert (
                    node.poly is None
                    or not list(locals_of(node.poly))
                    or isinstance(node, typed.Extent)
                )
            if isinstance(node, typed.Elementwise):
                _verify_elementwise(node, equal)
            if isinstance(node, typed.Index):
                assert isinstance(node.base.type, ArrayType)
                axes = [i for i in node.items if not isinstance(i, typed.NewAxis)]
                assert len(axes) == node.base.type.rank
            if isinstance(node, typed.Call):
                assert len(node.arguments) == len(node.function.parameters)


def _in_order(node: object) -> Iterator[object]:
    """Preludes before what they guard, otherwise as `nodes`."""
    yield node
    parts = list(parts_of(node))
    if isinstance(node, typed.While):
        parts = [*node.prelude, node.condition, *node.body]
    for part in parts:
        yield from _in_order(part)


def _extents_bound(node: typed.Expr, bound: set[int]) -> None:
    if isinstance(node, typed.Guarded):
        bound.update(s.key for s in node.prelude if isinstance(s, typed.BindExtent))
    for leaf in leaves(node.type):
        for extent in shape_of(leaf.type):
            for local in locals_of(extent):
                assert local.key in bound, f"{node.span}: {local} is not bound"


def _verify_elementwise(node: typed.Elementwise, equal: set[frozenset[Poly]]) -> None:
    kept = KEPT.get(node.name, set())
    elements = set()
    for position, operand in enumerate(node.operands):
        assert isinstance(operand.type, (ScalarType, ArrayType))
        if position not in kept:
            elements.add(element_of(operand.type))
        shape = shape_of(operand.type)
        assert isinstance(node.type, (ScalarType, ArrayType))
        result = shape_of(node.type)
        assert len(shape) <= len(result)
        for wanted, extent in zip(result[len(result) - len(shape) :], shape):
            same = wanted == extent or extent == ONE
            assert same or frozenset((wanted, extent)) in equal, f"{node.span}"
    assert len(elements) == 1, f"{node.span}: {node.name} of {elements}"
    if node.name in ("div",):
        assert next(iter(elements)).is_float
    if node.name in ("lt", "le", "gt", "ge", "eq", "ne"):
        assert isinstance(node.type, (ScalarType, ArrayType))
        assert element_of(node.type) == BOOL
