"""What of a tree can be checked after syntax errors, so that no error is a consequence of another.

Exit: a function with an error in its body has `assert False` as its body: the others can call it,
and nothing more is said about it. After an error anywhere else the tree is empty: a name that is
missing would be reported wherever it is used.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from dpc.dsl import ast
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.errors.syntax import TooDeep

MAX_DEPTH = 100


def prune(tree: ast.ModuleTree, sink: Sink) -> ast.ModuleTree:
    """The part of the tree that is whole; reports what is nested too deeply for later stages."""
    for item in tree.items:
        _report_depth(item, sink)
    errors = [d for d in sink.diagnostics if d.span.source is tree.source]
    if not errors:
        return tree
    bad: set[int] = set()
    starts = [item.span.start for item in tree.items]
    for error in errors:
        index = _function_around(tree.items, starts, error)
        if index is None:
            return replace(tree, items=())
        bad.add(index)
    items = tuple(
        replace(item, body=(_never(item),))
        if number in bad and isinstance(item, ast.FunctionDef)
        else item
        for number, item in enumerate(tree.items)
    )
    return replace(tree, items=items)


def _function_around(
    items: Sequence[ast.Node], starts: Sequence[int], error: Diagnostic
) -> int | None:
    """The index of the function in whose body the error stands."""
    source, start = error.span.source, error.span.start
    if not source.line(error.span.line)[:1].isspace():
        return None
    number = bisect_right(starts, start) - 1
    item = items[number] if number >= 0 else None
    if not isinstance(item, ast.FunctionDef):
        return None
    header = [item.name_span, *(p.span for p in item.parameters)]
    header += [] if item.result is None else [item.result.span]
    return number if start > header[-1].end else None


def _never(function: ast.FunctionDef) -> ast.Stmt:
    """`assert False`, after which no result is needed."""
    span = function.name_span
    return ast.Assert(span=span, condition=ast.Boolean(span=span, value=False), message=None)


def _report_depth(item: ast.Node, sink: Sink) -> None:
    """Report an item that is nested deeper than the later stages go."""
    open_: list[tuple[ast.Node, int]] = [(item, 0)]
    while open_:
        node, depth = open_.pop()
        if depth > MAX_DEPTH:
            sink.report(TooDeep(span=node.span, what="code", limit=MAX_DEPTH))
            return
        for name in type(node).__slots__:
            value = getattr(node, name)
            if isinstance(value, ast.Node):
                open_.append((value, depth + 1))
            elif isinstance(value, tuple):
                open_.extend((part, depth + 1) for part in value if isinstance(part, ast.Node))
