"""Python's own parser as the judge of ours: both trees in one comparable form.

A form is a nested tuple: the node's kind, its place as (start, end) offsets, its parts. Places that
the two define differently (generators, f-strings, statements) are left out.
"""

import ast as python
import inspect
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from dpc.dsl import ast
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.parse import parse
from dpc.dsl.source import Source

Form = Any


def ours(text: str) -> tuple[Form, list[Diagnostic]]:
    """The form of our tree, and the diagnostics."""
    sink = Sink()
    tree = parse(Source("oracle.dp", text), sink)
    return _Ours().module(tree), sink.diagnostics


def theirs(text: str) -> Form:
    """The form of Python's tree; raises what Python raises."""
    return _Theirs(text).module(python.parse(text.encode()))


def doc_form(doc: str | None) -> str | None:
    if doc is None:
        return None
    return "\n".join(line.rstrip() for line in doc.split("\n")).strip("\n")


class _Ours:
    """dsl.ast -> form."""

    def module(self, tree: ast.ModuleTree) -> Form:
        return doc_form(tree.doc), tuple(self.node(item) for item in tree.items)

    def node(self, node: Any) -> Form:
        if node is None or isinstance(node, str | int | float):
            return node
        if isinstance(node, tuple):
            return tuple(self.node(part) for part in node)
        special = getattr(self, type(node).__name__, None)
        if special is not None:
            return special(node)
        parts = (self.node(getattr(node, name)) for name in type(node).__slots__)
        place = (node.span.start, node.span.end) if isinstance(node, ast.Expr) else None
        return type(node).__name__, place, *parts

    def FunctionDef(self, node: ast.FunctionDef) -> Form:  # noqa: N802
        parameters = tuple(
            (p.name, self.node(p.annotation), self.node(p.default)) for p in node.parameters
        )
        head = ("FunctionDef", node.name, parameters, self.node(node.result))
        return *head, doc_form(node.doc), self.node(node.body), self.node(node.decorators)

    def RecordDef(self, node: ast.RecordDef) -> Form:  # noqa: N802
        fields = tuple((f.name, self.node(f.annotation)) for f in node.fields)
        return "RecordDef", node.name, doc_form(node.doc), fields

    def ConstantDef(self, node: ast.ConstantDef) -> Form:  # noqa: N802
        parts = (node.target, node.annotation, node.value)
        return "Assign", None, *(self.node(part) for part in parts)

    def Logical(self, node: ast.Logical) -> Form:  # noqa: N802
        left, right = self.node(node.left), self.node(node.right)
        first = left[2:] if left[:2] == ("Logical", node.operator) else (left,)
        return "Logical", node.operator, *first, right

    def Comprehension(self, node: ast.Comprehension) -> Form:  # noqa: N802
        clauses = tuple(self.node(clause) for clause in node.clauses)
        return "Comprehension", node.is_list, self.node(node.element), clauses

    def FormatText(self, node: ast.FormatText) -> Form:  # noqa: N802
        return "FormatText", _without_places(self.node(node.parts))

    def Lambda(self, node: ast.Lambda) -> Form:  # noqa: N802
        return "Lambda", tuple(p.name for p in node.parameters), self.node(node.body)

    def Keyword(self, node: ast.Keyword) -> Form:  # noqa: N802
        return "Keyword", node.name, self.node(node.value)

    def Subscript(self, node: ast.Subscript) -> Form:  # noqa: N802
        items: Sequence[ast.Node] = node.items
        if len(items) == 1 and isinstance(items[0], ast.TupleDisplay):
            items = items[0].items
        place = (node.span.start, node.span.end)
        return "Subscript", place, self.node(node.base), self.node(tuple(items))


_OPERATORS: dict[type[python.AST], str] = {
    python.Add: "+",
    python.Sub: "-",
    python.Mult: "*",
    python.Div: "/",
    python.Mod: "%",
    python.FloorDiv: "//",
    python.Pow: "**",
    python.MatMult: "@",
    python.BitAnd: "&",
    python.BitOr: "|",
    python.BitXor: "^",
    python.USub: "-",
    python.UAdd: "+",
    python.Invert: "~",
    python.Not: "not",
    python.And: "and",
    python.Or: "or",
    python.Lt: "<",
    python.LtE: "<=",
    python.Gt: ">",
    python.GtE: ">=",
    python.Eq: "==",
    python.NotEq: "!=",
}
_SIMPLE: dict[type[python.AST], str] = {
    python.Pass: "Pass",
    python.Break: "Break",
    python.Continue: "Continue",
}


class _Theirs:
    """Python's ast -> form; one method for each class, named as the class."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        if text.startswith("\ufeff"):
            self.lines[0] = self.lines[0][1:]
            self.starts[0] = 1

    def module(self, tree: python.Module) -> Form:
        doc, body = self.docstring(tree)
        kept = [n for n in body if not (_is_text(n) and isinstance(n, python.Expr))]
        return doc, tuple(self.node(n) for n in kept)

    def docstring(self, node: Any) -> tuple[str | None, list[python.stmt]]:
        doc = python.get_docstring(node, clean=False)
        if doc is None:
            return None, node.body
        return doc_form(inspect.cleandoc(doc)), node.body[1:]

    def offset(self, line: int, column: int) -> int:
        """Python counts columns in bytes of UTF-8."""
        text = self.lines[line - 1].encode()[:column].decode()
        return self.starts[line - 1] + len(text)

    def place(self, node: Any) -> tuple[int, int]:
        end = self.offset(node.end_lineno, node.end_col_offset)
        return self.offset(node.lineno, node.col_offset), end

    def node(self, node: Any) -> Form:
        if node is None or isinstance(node, str):
            return node
        if isinstance(node, list | tuple):
            return tuple(self.node(part) for part in node)
        simple = _SIMPLE.get(type(node))
        if simple is not None:
            return simple, None
        method: Callable[[Any], Form] = getattr(self, type(node).__name__)
        return method(node)

    def Constant(self, node: python.Constant) -> Form:  # noqa: N802
        if node.value is None:
            return "NewAxis", None
        if node.value is Ellipsis:
            return "Ellipsis", self.place(node)
        kinds = {bool: "Boolean", str: "Text"}
        return kinds.get(type(node.value), "Number"), self.place(node), node.value

    def JoinedStr(self, node: python.JoinedStr) -> Form:  # noqa: N802
        parts = [
            self.node(v.value) if isinstance(v, python.FormattedValue) else _text(v)
            for v in node.values
        ]
        return "FormatText", _without_places(tuple(p for p in parts if p != ""))

    def Name(self, node: python.Name) -> Form:  # noqa: N802
        return "Name", self.place(node), node.id

    def UnaryOp(self, node: python.UnaryOp) -> Form:  # noqa: N802
        return "Unary", self.place(node), _OPERATORS[type(node.op)], self.node(node.operand)

    def BinOp(self, node: python.BinOp) -> Form:  # noqa: N802
        operator = _OPERATORS[type(node.op)]
        return "Binary", self.place(node), operator, self.node(node.left), self.node(node.right)

    def BoolOp(self, node: python.BoolOp) -> Form:  # noqa: N802
        operator = _OPERATORS[type(node.op)]
        first, *rest = (self.node(v) for v in node.values)
        spliced = first[2:] if first[:2] == ("Logical", operator) else (first,)
        return "Logical", operator, *spliced, *rest

    def Compare(self, node: python.Compare) -> Form:  # noqa: N802
        operators = tuple(_OPERATORS[type(op)] for op in node.ops)
        return "Compare", self.place(node), operators, self.node((node.left, *node.comparators))

    def IfExp(self, node: python.IfExp) -> Form:  # noqa: N802
        parts = (node.test, node.body, node.orelse)
        return "Conditional", self.place(node), *(self.node(part) for part in parts)

    def Slice(self, node: python.Slice) -> Form:  # noqa: N802
        return "Slice", None, self.node(node.lower), self.node(node.upper), self.node(node.step)

    def Subscript(self, node: python.Subscript) -> Form:  # noqa: N802
        items = node.slice.elts if isinstance(node.slice, python.Tuple) else [node.slice]
        return "Subscript", self.place(node), self.node(node.value), self.node(items)

    def Attribute(self, node: python.Attribute) -> Form:  # noqa: N802
        return "Attribute", self.place(node), self.node(node.value), node.attr

    def Call(self, node: python.Call) -> Form:  # noqa: N802
        parts = (node.func, node.args, node.keywords)
        return "Call", self.place(node), *(self.node(part) for part in parts)

    def keyword(self, node: python.keyword) -> Form:
        return "Keyword", node.arg, self.node(node.value)

    def Tuple(self, node: python.Tuple) -> Form:  # noqa: N802
        return "TupleDisplay", self.place(node), self.node(node.elts)

    def List(self, node: python.List) -> Form:  # noqa: N802
        return "ListDisplay", self.place(node), self.node(node.elts)

    def Lambda(self, node: python.Lambda) -> Form:  # noqa: N802
        return "Lambda", tuple(a.arg for a in node.args.args), self.node(node.body)

    def GeneratorExp(self, node: python.GeneratorExp) -> Form:  # noqa: N802
        return self.comprehension(node.elt, node.generators, False)

    def ListComp(self, node: python.ListComp) -> Form:  # noqa: N802
        return self.comprehension(node.elt, node.generators, True)

    def comprehension(
        self, element: python.expr, generators: list[python.comprehension], is_list: bool
    ) -> Form:
        clauses: list[Form] = []
        for g in generators:
            clauses.append(("ForClause", None, self.node(g.target), self.node(g.iter)))
            clauses += [("IfClause", None, self.node(condition)) for condition in g.ifs]
        return "Comprehension", is_list, self.node(element), tuple(clauses)

    def Assign(self, node: python.Assign) -> Form:  # noqa: N802
        (target,) = node.targets
        return "Assign", None, self.node(target), None, self.node(node.value)

    def AnnAssign(self, node: python.AnnAssign) -> Form:  # noqa: N802
        parts = (node.target, node.annotation, node.value)
        return "Assign", None, *(self.node(part) for part in parts)

    def AugAssign(self, node: python.AugAssign) -> Form:  # noqa: N802
        operator = _OPERATORS[type(node.op)]
        return "AugmentedAssign", None, self.node(node.target), operator, self.node(node.value)

    def Expr(self, node: python.Expr) -> Form:  # noqa: N802
        return "ExpressionStatement", None, self.node(node.value)

    def If(self, node: python.If) -> Form:  # noqa: N802
        parts = (node.test, node.body, node.orelse)
        return "If", None, *(self.node(part) for part in parts)

    def For(self, node: python.For) -> Form:  # noqa: N802
        assert not node.orelse
        parts = (node.target, node.iter, node.body)
        return "For", None, *(self.node(part) for part in parts)

    def While(self, node: python.While) -> Form:  # noqa: N802
        assert not node.orelse
        return "While", None, self.node(node.test), self.node(node.body)

    def Return(self, node: python.Return) -> Form:  # noqa: N802
        return "Return", None, self.node(node.value)

    def Assert(self, node: python.Assert) -> Form:  # noqa: N802
        return "Assert", None, self.node(node.test), self.node(node.msg)

    def FunctionDef(self, node: python.FunctionDef) -> Form:  # noqa: N802
        arguments = node.args.args
        defaults = [None] * (len(arguments) - len(node.args.defaults)) + list(node.args.defaults)
        parameters = tuple(
            (a.arg, self.node(a.annotation), self.node(d))
            for a, d in zip(arguments, defaults, strict=True)
        )
        result = None if _is_none(node.returns) else self.node(node.returns)
        doc, body = self.docstring(node)
        head = ("FunctionDef", node.name, parameters, result)
        return *head, doc, self.node(body), self.node(node.decorator_list)

    def ClassDef(self, node: python.ClassDef) -> Form:  # noqa: N802
        assert not node.bases
        assert not node.keywords
        doc, body = self.docstring(node)
        fields = [n for n in body if isinstance(n, python.AnnAssign)]
        assert all(n.value is None for n in fields)
        named = tuple((self.node(n.target)[2], self.node(n.annotation)) for n in fields)
        return "RecordDef", node.name, doc, named

    def ImportFrom(self, node: python.ImportFrom) -> Form:  # noqa: N802
        assert node.level == 0
        names = tuple((a.name, a.asname or a.name) for a in node.names)
        return "Import", None, node.module, names


def _text(node: python.expr) -> str:
    assert isinstance(node, python.Constant)
    return str(node.value)


def _is_text(node: python.stmt) -> bool:
    value = node.value if isinstance(node, python.Expr) else None
    return isinstance(value, python.Constant) and isinstance(value.value, str)


def _is_none(node: python.expr | None) -> bool:
    return isinstance(node, python.Constant) and node.value is None


def _without_places(form: Form) -> Form:
    """A form whose places are all None."""
    if not isinstance(form, tuple):
        return form
    if len(form) == 2 and all(type(part) is int for part in form):
        return None
    return tuple(_without_places(part) for part in form)
