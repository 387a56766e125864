"""Statements and definitions of the grammar -> dsl.ast: one method for each rule.

A statement's value is a tuple of nodes (a line may hold several, a broken one holds none); a list
of statements is a chain of pairs, which the parser may roll back to any earlier point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dpc.dsl import ast
from dpc.dsl.build_expressions import ExpressionBuilder, Parts, nodes
from dpc.dsl.errors.syntax import (
    CannotAssign,
    DefaultOrder,
    Misplaced,
    MissingBlock,
    MissingValue,
    NotAField,
    StatementInModule,
)
from dpc.dsl.source import Span
from dpc.dsl.texts import clean_doc
from dpc.dsl.tokens import Token, normalized


@dataclass(frozen=True, slots=True)
class Declaration(ast.Stmt):
    """`target: annotation` without a value: a field, or a mistake."""

    target: ast.Expr
    annotation: ast.Expr


@dataclass(frozen=True, slots=True)
class Block:
    """The statements of a block and where its text ends."""

    items: tuple[Any, ...]
    end: int


Item = ast.FunctionDef | ast.RecordDef | ast.Import | ast.ConstantDef


class Builder(ExpressionBuilder):
    """The rules from `file` down."""

    # --- files and blocks ---------------------------------------------------------------------

    def piece(self, parts: Parts) -> ast.Expr:
        expression: ast.Expr = parts[0]
        return expression

    def statements(self, parts: Parts) -> tuple[Any, Any]:
        return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])

    def broken(self, parts: Parts) -> tuple[()]:
        return ()

    def decorated_broken(self, parts: Parts) -> tuple[()]:
        return ()

    def block(self, parts: Parts) -> Block:
        if len(parts) == 1:
            items = parts[0]
            return Block(items, items[-1].span.end)
        items = _flat(parts[2])
        return Block(items, items[-1].span.end if items else parts[0].start)

    def line(self, parts: Parts) -> tuple[Any, ...]:
        return nodes(parts)

    def file(self, parts: Parts) -> ast.ModuleTree:
        given = _flat(parts[0]) if parts else ()
        doc, rest = _docstring(given)
        items: list[Item] = []
        missing = {d.span.start for d in self.sink.diagnostics if isinstance(d, MissingBlock)}
        misplaced_body = False
        for node in rest:
            if isinstance(node, ast.FunctionDef | ast.RecordDef | ast.Import):
                misplaced_body = False
            misplaced_body = misplaced_body or node.span.start in missing
            item = None if misplaced_body else self.item(node)
            if item is not None:
                items.append(item)
        return ast.ModuleTree(source=self.source, doc=doc, items=tuple(items))

    def item(self, node: Any) -> Item | None:
        """A statement of the module as an item; None if it is none."""
        if isinstance(node, ast.FunctionDef | ast.RecordDef | ast.Import):
            return node
        if isinstance(node, ast.Assign):
            return ast.ConstantDef(
                span=node.span,
                target=node.target,
                annotation=node.annotation,
                value=node.value,
            )
        if isinstance(node, Declaration):
            self.missing_value(node)
        elif not (isinstance(node, ast.ExpressionStatement) and isinstance(node.value, ast.Text)):
            self.outside(node)
        return None

    def outside(self, node: ast.Stmt) -> None:
        """Report a statement that only functions hold."""
        span = self.first_line(node.span)
        what = _STATEMENTS[type(node)]
        if isinstance(node, ast.ExpressionStatement):
            advice = "functions are called from Python, or with `dpc run FILE FUNC`"
        elif "__name__" in span.text:
            advice = "a module has no main part: Python and `dpc run` call its functions"
        else:
            advice = "put it into a function"
        self.sink.report(StatementInModule(span=span, what=what, advice=advice))

    def first_line(self, span: Span) -> Span:
        """The part of a span on its first line."""
        end = self.source.text.find("\n", span.start, span.end)
        return span if end < 0 else Span(self.source, span.start, end)

    def body(self, block: Block | Sequence[Any]) -> tuple[ast.Stmt, ...]:
        """The statements of a block in a function; reports what can't stand there."""
        kept: list[ast.Stmt] = []
        for node in block.items if isinstance(block, Block) else block:
            if isinstance(node, ast.Import):
                self.sink.report(Misplaced(span=node.span, what="an import"))
            elif isinstance(node, ast.RecordDef):
                self.sink.report(Misplaced(span=node.name_span, what="a record"))
            elif isinstance(node, Declaration):
                self.missing_value(node)
            else:
                kept.append(node)
        return tuple(kept)

    def missing_value(self, node: Declaration) -> None:
        """Report a declaration outside of a record."""
        self.sink.report(
            MissingValue(
                span=node.span, name=node.target.span.text, annotation=node.annotation.span.text
            )
        )

    # --- compound statements ------------------------------------------------------------------

    def if_statement(self, parts: Parts) -> tuple[ast.Stmt, ...]:
        keyword, condition, _, block = parts[:4]
        otherwise = parts[4] if len(parts) == 5 else Block((), block.end)
        span = Span(self.source, keyword.start, max(block.end, otherwise.end))
        then = self.body(block)
        return (ast.If(span=span, condition=condition, then=then, otherwise=self.body(otherwise)),)

    def else_if(self, parts: Parts) -> Block:
        inner = self.if_statement(parts)
        return Block(inner, inner[0].span.end)

    def else_block(self, parts: Parts) -> Block:
        block: Block = parts[2]
        return block

    def for_statement(self, parts: Parts) -> tuple[ast.Stmt, ...]:
        keyword, target, _, iterable, _, block = parts
        span = Span(self.source, keyword.start, block.end)
        return (ast.For(span=span, target=target, iterable=iterable, body=self.body(block)),)

    def while_statement(self, parts: Parts) -> tuple[ast.Stmt, ...]:
        keyword, condition, _, block = parts
        span = Span(self.source, keyword.start, block.end)
        return (ast.While(span=span, condition=condition, body=self.body(block)),)

    # --- definitions --------------------------------------------------------------------------

    def decorators(self, parts: Parts) -> tuple[ast.Expr, ...]:
        return tuple(part for part in parts if isinstance(part, ast.Expr))

    def parameter(self, parts: Parts) -> ast.Parameter:
        values: dict[str, ast.Expr] = {
            mark.text: value for mark, value in zip(parts[1::2], parts[2::2])
        }
        return ast.Parameter(
            span=self.cover(parts[0], parts[-1]),
            name=normalized(parts[0].text),
            name_span=self.extent(parts[0]),
            annotation=values.get(":"),
            default=values.get("="),
        )

    def parameters(self, parts: Parts) -> tuple[ast.Parameter, ...]:
        parameters: tuple[ast.Parameter, ...] = nodes(parts)
        self.no_repetition("parameter", [(p.name, p.name_span) for p in parameters])
        defaults = False
        for parameter in parameters:
            if defaults and parameter.default is None:
                self.sink.report(DefaultOrder(span=parameter.name_span, name=parameter.name))
            defaults = defaults or parameter.default is not None
        return parameters

    def result(self, parts: Parts) -> ast.Expr | None:
        return None if isinstance(parts[1], Token) else parts[1]

    def function(self, parts: Parts) -> tuple[ast.FunctionDef]:
        decorators: tuple[ast.Expr, ...] = ()
        if not isinstance(parts[0], Token):
            decorators, *parts = parts
        keyword, name = parts[:2]
        parameters = () if isinstance(parts[3], Token) else parts[3]
        result = parts[-3] if not isinstance(parts[-3], Token) else None
        block: Block = parts[-1]
        doc, rest = _docstring(block.items)
        return (
            ast.FunctionDef(
                span=Span(self.source, keyword.start, block.end),
                name=normalized(name.text),
                name_span=self.extent(name),
                parameters=parameters,
                result=result,
                doc=doc,
                body=self.body(rest),
                decorators=decorators,
            ),
        )

    def record(self, parts: Parts) -> tuple[ast.RecordDef]:
        keyword, name, _, block = parts
        doc, rest = _docstring(block.items)
        fields = [field for node in rest if (field := self.field(node)) is not None]
        self.no_repetition("field", [(f.name, f.span) for f in fields])
        return (
            ast.RecordDef(
                span=Span(self.source, keyword.start, block.end),
                name=normalized(name.text),
                name_span=self.extent(name),
                doc=doc,
                fields=tuple(fields),
            ),
        )

    def field(self, node: Any) -> ast.FieldDef | None:
        """A statement in a record as its field."""
        if isinstance(node, Declaration) and isinstance(node.target, ast.Name):
            return ast.FieldDef(span=node.span, name=node.target.name, annotation=node.annotation)
        if not isinstance(node, ast.Pass):
            advice = ""
            if isinstance(node, ast.FunctionDef):
                advice = "write the function outside, with the record as a parameter"
            elif isinstance(node, ast.Assign) and node.annotation is not None:
                advice = "fields have no defaults"
            elif isinstance(node, ast.ExpressionStatement) and isinstance(node.value, ast.Name):
                advice = f"give it a type: `{node.value.name}: f64`"
            self.sink.report(NotAField(span=self.first_line(node.span), advice=advice))
        return None

    def import_name(self, parts: Parts) -> tuple[tuple[str, str], int]:
        return (normalized(parts[0].text), normalized(parts[-1].text)), parts[-1].end

    def import_names(self, parts: Parts) -> tuple[tuple[tuple[str, str], ...], int]:
        return tuple(name for name, _ in nodes(parts)), nodes(parts)[-1][1]

    def import_group(self, parts: Parts) -> tuple[tuple[tuple[str, str], ...], int]:
        return self.import_names(parts)[0], parts[-1].end

    def dotted(self, parts: Parts) -> str:
        return ".".join(normalized(part.text) for part in parts[::2])

    def import_statement(self, parts: Parts) -> ast.Import:
        names, end = parts[3]
        span = Span(self.source, parts[0].start, end)
        return ast.Import(span=span, module=parts[1], names=names)

    # --- lines --------------------------------------------------------------------------------

    def expression_statement(self, parts: Parts) -> ast.Stmt:
        return ast.ExpressionStatement(span=self.extent(parts[0]), value=parts[0])

    def assign(self, parts: Parts) -> ast.Stmt:
        target, _, value = parts
        self.check_target(target)
        return ast.Assign(
            span=self.cover(target, value), target=target, annotation=None, value=value
        )

    def single_target(self, target: ast.Expr) -> None:
        """Report a target that isn't one place."""
        if isinstance(target, ast.TupleDisplay):
            self.sink.report(CannotAssign(span=target.span, what="a tuple here"))
        else:
            self.check_target(target)

    def declaration(self, parts: Parts) -> ast.Stmt:
        target, _, annotation = parts
        self.single_target(target)
        return Declaration(
            span=self.cover(target, annotation), target=target, annotation=annotation
        )

    def annotated(self, parts: Parts) -> ast.Stmt:
        target, _, annotation, _, value = parts
        self.single_target(target)
        return ast.Assign(
            span=self.cover(target, value), target=target, annotation=annotation, value=value
        )

    def augmented(self, parts: Parts) -> ast.Stmt:
        target, operator, value = parts
        self.single_target(target)
        return ast.AugmentedAssign(
            span=self.cover(target, value),
            target=target,
            operator=operator.text[:-1],
            value=value,
        )

    def return_statement(self, parts: Parts) -> ast.Stmt:
        value = parts[1] if len(parts) == 2 else None
        return ast.Return(span=self.cover(parts[0], parts[-1]), value=value)

    def assertion(self, parts: Parts) -> ast.Stmt:
        message = parts[3] if len(parts) == 4 else None
        return ast.Assert(span=self.cover(parts[0], parts[-1]), condition=parts[1], message=message)

    def break_statement(self, parts: Parts) -> ast.Stmt:
        return ast.Break(span=self.extent(parts[0]))

    def continue_statement(self, parts: Parts) -> ast.Stmt:
        return ast.Continue(span=self.extent(parts[0]))

    def pass_statement(self, parts: Parts) -> ast.Stmt:
        return ast.Pass(span=self.extent(parts[0]))


_STATEMENTS: dict[type, str] = {
    ast.If: "an `if` statement",
    ast.For: "a `for` loop",
    ast.While: "a `while` loop",
    ast.Break: "`break`",
    ast.Continue: "`continue`",
    ast.Pass: "`pass`",
    ast.Return: "`return`",
    ast.Assert: "`assert`",
    ast.AugmentedAssign: "an augmented assignment",
    ast.ExpressionStatement: "an expression",
}


def _flat(chain: Any) -> tuple[Any, ...]:
    """The statements of a chain of pairs, in order."""
    groups = []
    while chain is not None:
        chain, group = chain
        groups.append(group)
    return tuple(node for group in reversed(groups) for node in group)


def _docstring(items: Sequence[Any]) -> tuple[str | None, Sequence[Any]]:
    """A block's leading string, and the rest."""
    if items and isinstance(items[0], ast.ExpressionStatement):
        value = items[0].value
        if isinstance(value, ast.Text):
            return clean_doc(value.value), items[1:]
    return None, items
