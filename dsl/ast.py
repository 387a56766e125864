"""The untyped syntax tree: what was written, every node with its span.

Entry: none. Exit of `parse`: names are unresolved, nothing is typed, sugar is kept.
"""

from dataclasses import dataclass

from dpc.dsl.source import Source, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything with a place in the source."""

    span: Span


# --- expressions -----------------------------------------------------------------------------


class Expr(Node):
    """An expression."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """`1`, `2.5`, `1e-3`; an int is an integer literal, a float a float literal."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Boolean(Expr):
    """`True` or `False`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Text(Expr):
    """A string literal: messages, `wrt="m.w"`, docstrings; `value` is unescaped."""

    value: str


@dataclass(frozen=True, slots=True)
class FormatText(Expr):
    """An f-string, pieces in order: literal text or a scalar expression."""

    parts: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """A bare name."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    """`-x`, `+x`, `~x`, `not x`; operator is the token."""

    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """`+ - * / // % ** @ & | ^` with the operator's token."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Logical(Expr):
    """`and` / `or`, two operands (left-nested)."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """`a < b <= c`: n operators between n + 1 operands."""

    operators: tuple[str, ...]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """`then if condition else otherwise`."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """`start:stop:step` inside brackets; each part may be absent."""

    start: Expr | None
    stop: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class NewAxis(Node):
    """`None` inside brackets."""


@dataclass(frozen=True, slots=True)
class Subscript(Expr):
    """`base[items]`; also the written form of an array type."""

    base: Expr
    items: tuple[Expr | Slice | NewAxis, ...]


@dataclass(frozen=True, slots=True)
class Attribute(Expr):
    """`base.name`."""

    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """`name=value` in a call."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """`callee(arguments, name=value)`."""

    callee: Expr
    arguments: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class TupleDisplay(Expr):
    """`a, b` or `(a, b)`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ListDisplay(Expr):
    """`[a, b]`: an array literal (nested for more axes), or the list in a Callable type."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ForClause(Node):
    """`for target in iterable` of a comprehension or generator."""

    target: Expr
    iterable: Expr


@dataclass(frozen=True, slots=True)
class IfClause(Node):
    """`if condition` of a generator."""

    condition: Expr


@dataclass(frozen=True, slots=True)
class Comprehension(Expr):
    """`[element for ... ]` (`is_list`) or a bare generator `element for ...` as a sole argument."""

    element: Expr
    clauses: tuple[ForClause | IfClause, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class Lambda(Expr):
    """`lambda a, b: body`."""

    parameters: tuple[Name, ...]
    body: Expr


# --- statements ------------------------------------------------------------------------------


class Stmt(Node):
    """A statement."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Assign(Stmt):
    """`target = value` or `target: annotation = value`; a target is a Name, Subscript, Attribute
    or (nested) TupleDisplay of those.
    """

    target: Expr
    annotation: Expr | None
    value: Expr


@dataclass(frozen=True, slots=True)
class AugmentedAssign(Stmt):
    """`target op= value`; operator without the `=`."""

    target: Expr
    operator: str
    value: Expr


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Stmt):
    """An expression alone: `print(...)`, a docstring, `...`."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Ellipsis(Expr):
    """`...`, the body of an extern function."""


@dataclass(frozen=True, slots=True)
class If(Stmt):
    """`if`; `elif` is an `If` alone in `otherwise`."""

    condition: Expr
    then: tuple[Stmt, ...]
    otherwise: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class For(Stmt):
    """`for target in iterable:`."""

    target: Expr
    iterable: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class While(Stmt):
    """`while condition:`."""

    condition: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Break(Stmt):
    """`break`."""


@dataclass(frozen=True, slots=True)
class Continue(Stmt):
    """`continue`."""


@dataclass(frozen=True, slots=True)
class Pass(Stmt):
    """`pass`."""


@dataclass(frozen=True, slots=True)
class Return(Stmt):
    """`return value` (value absent: a bare return)."""

    value: Expr | None


@dataclass(frozen=True, slots=True)
class Assert(Stmt):
    """`assert condition, message`; the message is a Text or FormatText."""

    condition: Expr
    message: Expr | None


# --- definitions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`name: annotation = default`; `name_span` covers the name alone."""

    name: str
    name_span: Span
    annotation: Expr | None
    default: Expr | None


@dataclass(frozen=True, slots=True)
class FunctionDef(Stmt):
    """A `def`, at module level or nested. `doc` is the docstring, taken out of `body`."""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    result: Expr | None
    doc: str | None
    body: tuple[Stmt, ...]
    decorators: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class FieldDef(Node):
    """`name: annotation` in a class."""

    name: str
    annotation: Expr


@dataclass(frozen=True, slots=True)
class RecordDef(Node):
    """`class Name:` with annotated fields."""

    name: str
    name_span: Span
    doc: str | None
    fields: tuple[FieldDef, ...]


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`from module import a, b as c`: pairs (name, name here)."""

    module: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ConstantDef(Node):
    """A module-level assignment: a constant, several (`A, B = range(2)`), or a type alias."""

    target: Expr
    annotation: Expr | None
    value: Expr


@dataclass(frozen=True, slots=True)
class ModuleTree:
    """A parsed file."""

    source: Source
    doc: str | None
    items: tuple[FunctionDef | RecordDef | Import | ConstantDef, ...]
