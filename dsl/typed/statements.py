"""Typed statements and the places they assign."""

from dataclasses import dataclass, field

from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.typed.expressions import Expr, ForElement, ForRange, IndexItem, Variable
from dpc.dsl.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Stmt:
    """A typed statement."""

    span: Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where an assignment stores: a variable, one of its (nested) fields, or elements of that.

    `items` is empty for the whole; `type` is the type of what is stored there.
    """

    variable: Variable
    fields: tuple[str, ...]
    items: tuple[IndexItem, ...]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Assign(Stmt):
    """`places = value`. One place: plain assignment. Several: destructuring of a tuple value (or
    tuple display), nested tuples flattened to one place an item. No place: a call of a function
    without result, whose type is the empty tuple. The whole right side is complete before anything
    is stored. A value has exactly its place's type (up to `ShapeCheck`).
    """

    places: tuple[Place, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class AugmentedAssign(Stmt):
    """`place op= value`; `operator` is a name as in `Elementwise`. Indices run once. The value is
    complete before anything is stored, and broadcasts to the place's type.
    """

    place: Place
    operator: str
    value: Expr


@dataclass(frozen=True, slots=True)
class BindExtent(Stmt):
    """A run-time extent gets its value here: `key` of a `shapes.Local` := value (an i64).
    Stands before the statement whose types mention it. Checked to be >= 0 where `is_extent`; else
    it is a term of extents (`k` of `x[k + 1:]`) and may be negative.
    """

    key: int
    value: Expr
    is_extent: bool = True


@dataclass(frozen=True, slots=True)
class ShapeCheck(Stmt):
    """Run-time check that two extents are equal; `left`/`right` as polynomials, `what` says which
    axes of which expressions they are (for the message).
    """

    left: Poly
    right: Poly
    what: str


@dataclass(frozen=True, slots=True)
class NotEmpty(Stmt):
    """Run-time check that an extent is at least 1; `what` asks for it."""

    extent: Poly
    what: str


@dataclass(frozen=True, slots=True)
class If(Stmt):
    """`if` with both branches (possibly empty)."""

    condition: Expr
    then: tuple[Stmt, ...]
    otherwise: tuple[Stmt, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`checkpoint(...)` of a loop: a bound on the bytes that its reverse sweep keeps, or on the
    states in memory and on disk.
    """

    memory: int | None
    slots: int | None
    disk_slots: int


@dataclass(frozen=True, slots=True)
class For(Stmt):
    """`for`."""

    clause: ForRange | ForElement
    body: tuple[Stmt, ...]
    checkpoint: Checkpoint | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class ParallelFor(For):
    """`for ... in parallel(range(...))`: iterations are independent but for `+=`."""


@dataclass(frozen=True, slots=True)
class While(Stmt):
    """`while`. `prelude` are statements (extent bindings, shape checks) that the condition needs
    before each evaluation.
    """

    condition: Expr
    body: tuple[Stmt, ...]
    prelude: tuple[Stmt, ...] = ()
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class Break(Stmt):
    """`break`."""


@dataclass(frozen=True, slots=True)
class Continue(Stmt):
    """`continue`."""


@dataclass(frozen=True, slots=True)
class Return(Stmt):
    """`return value`; value is None in a function without result."""

    value: Expr | None


@dataclass(frozen=True, slots=True)
class Assert(Stmt):
    """`assert condition, message`. `message` alternates text and scalar expressions; a condition
    None is `assert False`: control does not go on.
    """

    condition: Expr | None
    message: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Print(Stmt):
    """`print(...)`: `message` alternates text and expressions (scalars and arrays) of one line."""

    message: tuple[str | Expr, ...]
