"""What checking a body knows: names in scope, statements under construction, integer values.

Errors: whatever finds one raises `Reported` after reporting it; `Body.operands` and the statement
loop catch it, so that one error silences what depends on it and nothing else.

Integers: every i64 scalar variable has a symbolic value (a `Poly`), so that extents made from it
can be compared. A value not expressible over dimensions is a `shapes.Local`, whose `BindExtent` is
kept as a slot where the value arises and dropped again when no type came to mention it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dpc.dsl import ast, typed
from dpc.dsl.diagnostics import Diagnostic, WithOrigin
from dpc.dsl.errors.shapes import ExtentOutOfScope
from dpc.dsl.resolve import ModuleNames
from dpc.dsl.shapes import Dimension, Floored, Local, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import (
    I64,
    ArrayType,
    RecordType,
    ScalarType,
    TupleType,
    Type,
    leaves,
    shape_of,
)

if TYPE_CHECKING:
    from dpc.dsl.check.function_values import FunctionValue


class Reported(Exception):  # noqa: N818 (not an error of this program)
    """An error of the user's program was reported; what needs the value gives up silently."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A checked expression. `weak`: made of literals only, it adapts to the type around it.

    `poly` is the symbolic value of an integer scalar; `items` are the parts of a tuple display, and
    the fields of an element of an array of records.
    """

    expr: typed.Expr
    weak: bool = False
    poly: Poly | None = None
    items: tuple["Operand", ...] = ()

    @property
    def type(self) -> Type:
        """The expression's type (of a weak one: what it is when nothing else asks)."""
        return self.expr.type

    @property
    def span(self) -> Span:
        """The expression's place."""
        return self.expr.span

    @property
    def text(self) -> str:
        """As the source wrote it, for messages."""
        return " ".join(self.span.text.split())


@dataclass(eq=False)
class Block:
    """Statements under construction, the run-time extents bound there, equalities checked there,
    functions named there.
    """

    statements: list[typed.Stmt] = field(default_factory=list)
    slots: dict[int, int] = field(default_factory=dict)  # key -> position in statements
    keys: set[int] = field(default_factory=set)
    equal: set[tuple[Poly, Poly]] = field(default_factory=set)
    functions: dict[str, "FunctionValue"] = field(default_factory=dict)


Rule = Callable[["Body", ast.Expr], Operand]
Promotions = dict[tuple[str, int], tuple[ScalarType, bool]]


def locals_of(poly: Poly) -> Iterator[Local]:
    """The run-time extents in a polynomial, inside `//` too."""
    for atom in poly.atoms():
        if isinstance(atom, Local):
            yield atom
        elif isinstance(atom, Floored):
            yield from locals_of(atom.poly)


def dimensions_of(poly: Poly) -> Iterator[str]:
    """The names of the dimension variables in a polynomial, inside `//` too."""
    for atom in poly.atoms():
        if isinstance(atom, Dimension):
            yield atom.name
        elif isinstance(atom, Floored):
            yield from dimensions_of(atom.poly)


def extents_of(type_: Type) -> Iterator[Poly]:
    """Every extent in a type."""
    for leaf in leaves(type_):
        yield from shape_of(leaf.type)


@dataclass(eq=False)
class Body:
    """The state of checking one function's body (or a module constant: no function)."""

    names: ModuleNames
    rules: Mapping[type[ast.Expr], Rule]
    function: typed.Function | None = None
    dimensions: Mapping[str, Poly] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)  # what type variables stand for
    assigned_somewhere: Mapping[str, Span] = field(default_factory=dict)
    promotions: Promotions = field(default_factory=dict)
    scopes: list[dict[str, typed.Variable | None]] = field(default_factory=lambda: [{}])
    blocks: list[Block] = field(default_factory=lambda: [Block()])
    values: dict[typed.Variable, Poly] = field(default_factory=dict)
    tentative: set[typed.Variable] = field(default_factory=set)
    promoted: bool = False
    infers_result: bool = False
    nesting: int = 0
    unused_functions: dict[str, Span] = field(default_factory=dict)
    ended: dict[str, Span] = field(default_factory=dict)  # variables of loops above
    unassigned: set[str] = field(default_factory=set)  # read too early, as was reported
    loops: int = 0
    origin: tuple[Span, str] | None = None
    also: tuple[tuple[Span, str], ...] = ()
    statement: ast.Expr | None = None  # an expression that stands as a statement
    _keys: int = 0

    @property
    def real(self) -> ScalarType:
        """The working precision: of `real`, and of floats that nothing else decides."""
        return self.names.real

    # --- errors ---------------------------------------------------------------------------

    @contextmanager
    def because(
        self, span: Span | None, label: str, also: Iterable[tuple[Span, str]] = ()
    ) -> Iterator[None]:
        """While a value is fitted to a place: errors show what says how the place is."""
        outer = self.origin, self.also
        self.origin, self.also = None if span is None else (span, label), tuple(also)
        try:
            yield
        finally:
            self.origin, self.also = outer

    def error(self, diagnostic: Diagnostic) -> Reported:
        """Report; the caller raises what comes back."""
        if isinstance(diagnostic, WithOrigin) and self.origin is not None:
            also = (*diagnostic.also, *self.also)
            diagnostic = replace(diagnostic, origin=self.origin, also=also)
        self.names.sink.report(diagnostic)
        return Reported()

    # --- expressions ----------------------------------------------------------------------

    def operand(self, node: ast.Expr) -> Operand:
        """Check an expression."""
        return self.rules[type(node)](self, node)

    def operands(self, nodes: Iterable[ast.Expr]) -> list[Operand]:
        """Check several expressions, reporting the errors of each."""
        found: list[Operand] = []
        failed = False
        for node in nodes:
            try:
                found.append(self.operand(node))
            except Reported:
                failed = True
        if failed:
            raise Reported
        return found

    # --- names ----------------------------------------------------------------------------

    def written(self, file: str, element: ScalarType) -> dict[str, typed.Function]:
        """Built-ins that are written in the language, for an element type."""
        assert self.names.written is not None
        return self.names.written(file, element)

    def lookup(self, name: str) -> typed.Variable | None:
        """The local variable of that name; raises `Reported` where its definition failed."""
        for scope in reversed(self.scopes):
            if name in scope:
                variable = scope[name]
                if variable is None:
                    raise Reported
                return variable
        return None

    def local_function(self, name: str) -> "FunctionValue | None":
        """The function that a local name or a `Callable` parameter means."""
        for block in reversed(self.blocks):
            if name in block.functions:
                self.unused_functions.pop(name, None)
                return block.functions[name]
        return None

    def visible(self) -> set[str]:
        """Every name that can be read here, for suggestions."""
        local = {name for scope in self.scopes for name in scope}
        functions = {name for block in self.blocks for name in block.functions}
        return local | functions | set(self.dimensions) | self.names.visible()

    @contextmanager
    def scope(self) -> Iterator[dict[str, typed.Variable | None]]:
        """A scope of loop or comprehension variables."""
        names: dict[str, typed.Variable | None] = {}
        self.scopes.append(names)
        try:
            yield names
        finally:
            self.scopes.pop()
            self.ended.update((name, v.span) for name, v in names.items() if v is not None)

    # --- statements -----------------------------------------------------------------------

    def emit(self, statement: typed.Stmt) -> None:
        """Append to the statements under construction."""
        self.blocks[-1].statements.append(statement)

    @contextmanager
    def block(self) -> Iterator[list[typed.Stmt]]:
        """Collect statements apart; slots that stayed unused are gone when it ends."""
        block = Block()
        self.blocks.append(block)
        try:
            yield block.statements
        finally:
            self.blocks.pop()
            unused = set(block.slots.values())
            kept = [s for i, s in enumerate(block.statements) if i not in unused]
            block.statements[:] = kept

    def temporary(self, value: typed.Expr) -> typed.Read:
        """The value in a fresh variable, so that it is computed once."""
        variable = typed.Variable("_", value.type, value.span)
        place = typed.Place(variable, (), (), value.type, value.span)
        self.emit(typed.Assign(span=value.span, places=(place,), value=value))
        return typed.Read(type=value.type, span=value.span, variable=variable)

    # --- integers and extents -------------------------------------------------------------

    def fresh(self, text: str) -> Local:
        """A run-time extent that is bound in the current block."""
        self._keys += 1
        self.blocks[-1].keys.add(self._keys)
        return Local(self._keys, text)

    def new_value(self, variable: typed.Variable) -> None:
        """The variable has a value nothing is known about, from here on."""
        if variable.type != I64:
            return
        local = self.fresh(variable.name)
        block = self.blocks[-1]
        block.slots[local.key] = len(block.statements)
        read = typed.Read(type=I64, span=variable.span, variable=variable)
        self.emit(typed.BindExtent(span=variable.span, key=local.key, value=read, is_extent=False))
        self.values[variable] = Poly.atom(local)

    def forget(self, names: Iterable[str]) -> None:
        """Integer variables of these names have unknown values from here on."""
        for name in sorted(names):
            for scope in reversed(self.scopes):
                variable = scope.get(name)
                if variable is not None:
                    self.new_value(variable)
                    break

    def bind(self, value: Operand) -> Poly:
        """The symbolic value of an integer expression, bound to a run-time extent if need be."""
        if value.poly is not None:
            return self.use(value.poly, value.span, f"`{value.text}`")
        local = self.fresh(value.text)
        self.emit(
            typed.BindExtent(span=value.span, key=local.key, value=value.expr, is_extent=False)
        )
        return Poly.atom(local)

    def use(self, poly: Poly, span: Span, what: str) -> Poly:
        """The polynomial, about to be mentioned by a type or statement: its extents are bound."""
        for local in locals_of(poly):
            for block in self.blocks:
                if local.key in block.keys:
                    block.slots.pop(local.key, None)
                    break
            else:
                raise self.error(ExtentOutOfScope(span=span, what=what, extent=local.text))
        return poly

    def use_type(self, type_: Type, span: Span, what: str) -> None:
        """Every extent of a type is known here."""
        for extent in extents_of(type_):
            self.use(extent, span, what)

    def extent(self, poly: Poly, span: Span) -> typed.Extent:
        """The typed expression of an extent."""
        return typed.Extent(type=I64, span=span, poly=self.use(poly, span, f"`{poly}`"))


def is_nonnegative(poly: Poly) -> bool:
    """Certainly at least 0: no negative coefficient, and no term that may be negative."""
    return all(
        coefficient > 0
        and all(
            isinstance(atom, Dimension) or (isinstance(atom, Floored) and is_nonnegative(atom.poly))
            for atom in monomial
        )
        for monomial, coefficient in poly.terms
    )


def known(poly: Poly | None) -> Poly | None:
    """What `typed.Expr.poly` may carry: a value over dimension variables alone."""
    if poly is None or any(True for _ in locals_of(poly)):
        return None
    return poly


def describe(type_: Type) -> str:
    """What a type is, in words."""
    match type_:
        case ScalarType():
            return f"a scalar `{type_}`"
        case ArrayType():
            return f"an array `{type_}`"
        case RecordType(shape=shape) if shape:
            return f"an array of records `{type_}`"
        case RecordType():
            return f"a record `{type_}`"
        case TupleType():
            return f"a tuple `{type_}`"
