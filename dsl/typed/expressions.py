"""Typed expressions and the variables they read."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dpc.dsl.shapes import Poly
from dpc.dsl.source import Span
from dpc.dsl.types import Type

if TYPE_CHECKING:
    from dpc.dsl.typed.definitions import Function
    from dpc.dsl.typed.statements import Stmt


@dataclass(eq=False, slots=True)
class Variable:
    """A local variable or parameter of one function, one object per name and scope.

    A loop variable, a comprehension variable and a local of the same name are distinct objects.
    """

    name: str
    type: Type
    span: Span
    is_parameter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expr:
    """A typed expression. `poly` is set on an i64 scalar whose value is that polynomial over
    dimension variables (and run-time extents), known without running anything.
    """

    type: Type
    span: Span
    poly: Poly | None = None


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """A literal or folded constant scalar, already of its type."""

    value: bool | int | float


@dataclass(frozen=True, slots=True)
class ConstantArray(Expr):
    """An array of known extents and elements; `values` in row-major order, already of its type."""

    values: tuple[bool | int | float, ...]


@dataclass(frozen=True, slots=True)
class Read(Expr):
    """The current value of a variable."""

    variable: Variable


@dataclass(frozen=True, slots=True)
class Extent(Expr):
    """An i64: the value of `poly` (always set): `n`, `len(x)`, `x.shape[k]`."""


@dataclass(frozen=True, slots=True)
class Field(Expr):
    """A field of a record value, or an item of a tuple value by its position."""

    base: Expr
    name: str | int


@dataclass(frozen=True, slots=True)
class MakeRecord(Expr):
    """A record value; `values` in field order."""

    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class MakeTuple(Expr):
    """A tuple value."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Convert(Expr):
    """The operand, elementwise, in the element type of `type`.

    float -> int truncates and is checked at run time; everything else is total.
    """

    operand: Expr


@dataclass(frozen=True, slots=True)
class Elementwise(Expr):
    """An elementwise operation on scalars and arrays, broadcast to `type`'s shape.

    `name` is one of
    - operators: neg not invert add sub mul div floordiv mod pow and or xor
      (`div` only on floats; `and or xor` on bool or integers; pow with an integer exponent keeps it
      an integer: operands (float, i64), and (int, int));
    - comparisons: lt le gt ge eq ne (result bool);
    - every elementwise built-in of `dsl/builtins/elementwise.py` by its name (`min`, `max` with two
      operands, `where` with three: bool, a, b; `clip` with three; `polygamma` with (i64, float)).
    """

    name: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ShortCircuit(Expr):
    """`and` / `or` on bool scalars; the right side runs only when it decides."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class CompareChain(Expr):
    """`a < b <= c` with more than one operator, on scalars: each operand runs at most once and
    later ones only while all earlier comparisons hold.
    """

    operators: tuple[str, ...]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """`then if condition else otherwise`; only the chosen side runs. Any type."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class At:
    """One integer index; takes an axis away."""

    index: Expr


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step` of one axis. `extent` is the resulting extent.

    step > 0: elements start, start + step, ... below stop, checked 0 <= start <= stop <= n.
    step < 0: elements start, start + step, ... above stop, checked -1 <= stop <= start <= n - 1.
    """

    start: Expr
    stop: Expr
    step: int
    extent: Poly


@dataclass(frozen=True, slots=True)
class NewAxis:
    """An axis of extent 1."""


@dataclass(frozen=True, slots=True)
class Gather:
    """An array of i64 indices of one axis. All of one index broadcast together; `typed.layout` says
    where their axes are.
    """

    index: Expr


IndexItem = At | Slice | NewAxis | Gather


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """Element, row or slice of an array, or elements gathered from it; the items cover every axis
    of the base.
    """

    base: Expr
    items: tuple[IndexItem, ...]


@dataclass(frozen=True, slots=True)
class Transpose(Expr):
    """`x.T`: axes reversed."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class ArrayLiteral(Expr):
    """`[[a, b], [c, d]]`: scalar elements in row-major order, or else arrays of `type`'s shape but
    for its first axis.
    """

    elements: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Fill(Expr):
    """An array of `type`, every element `value` (zeros, ones, full, *_like)."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Range:
    """`range(start, stop, step)`; step is a non-zero constant or an expression checked non-zero."""

    start: Expr
    stop: Expr
    step: Expr


@dataclass(frozen=True, slots=True)
class ForRange:
    """`for variable in range(...)` in a comprehension, generator or loop."""

    variable: Variable
    range: Range


@dataclass(frozen=True, slots=True)
class ForElement:
    """`for variable in array`: its elements (or rows) in order, the array's value at entry."""

    variable: Variable
    array: Expr


@dataclass(frozen=True, slots=True)
class Comprehension(Expr):
    """`[element for ... for ...]`: an array of `type`, one axis a clause (clauses independent),
    followed by the element's own axes when the element is an array.
    """

    element: Expr
    clauses: tuple[ForRange | ForElement, ...]


@dataclass(frozen=True, slots=True)
class Reduce(Expr):
    """A reduction of an array. kind: sum prod mean min max any all logsumexp.

    `axes` are the reduced axes (all of them for a whole reduction); with `keepdims` they stay with
    extent 1, which `type` already shows.
    """

    kind: str
    operand: Expr
    axes: tuple[int, ...]
    keepdims: bool = False


@dataclass(frozen=True, slots=True)
class ReduceGenerator(Expr):
    """`sum(element for ... if ...)`; kind: sum prod min max any all logsumexp mean.
    Clauses nest left to right; an `Expr` among them is an `if` condition.
    """

    kind: str
    element: Expr
    clauses: tuple[ForRange | ForElement | Expr, ...]


@dataclass(frozen=True, slots=True)
class MatMul(Expr):
    """`a @ b` and `dot(a, b)` on ranks 1 and 2: contracts a's last axis with b's first axis
    (b's last-but-one); both float of one element type.
    """

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class LinearAlgebra(Expr):
    """A factorisation or a solution of a linear system.

    `name` is the built-in's; operands are float arrays of one element type whose extents fit,
    `options` the constants after them (solve_triangular: lower, trans).
    """

    name: str
    operands: tuple[Expr, ...]
    options: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A call of a function of the language. `dimensions` gives each dimension variable of the
    callee, by name, in terms of the caller's.
    """

    function: "Function"
    arguments: tuple[Expr, ...]
    dimensions: dict[str, Poly] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class LiftedCall(Expr):
    """A call of a function of scalars with at least one array: elementwise, broadcast to `type`."""

    function: "Function"
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Derivative(Expr):
    """The derivative of a call. `wrt`: parts of the arguments, each the position of an argument and
    the fields that lead to the part.

    mode "jvp": `seeds` are tangents, one for each part; a tuple of the value and its tangent.
    mode "vjp": the seed is the cotangent of the value; a tuple of the value and then the gradient
    of each part, 0 in what is no float.
    """

    mode: str
    function: "Function"
    arguments: tuple[Expr, ...]
    dimensions: dict[str, Poly] = field(hash=False)
    wrt: tuple[tuple[int, tuple[str, ...]], ...]
    seeds: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Guarded(Expr):
    """`value` after its `prelude`, which runs each time the value is wanted: extent bindings, shape
    checks and assignments of fresh single-assignment variables. Stands where an expression does not
    run exactly once with its statement: an element of a comprehension, a generator's condition, an
    arm of a conditional, the right side of `and`.
    """

    prelude: tuple["Stmt", ...]
    value: Expr
