"""The words in which derivative rules are stated, shared by forward and reverse mode.

Conventions: an op computes z = f(x, y, ...) of float operands; x_dot is a tangent (forward), z_bar
a cotangent (reverse). A rule says what the derivative is; the two modes only ever ask it for

    tangent:    z_dot  = sum over operands of  x_dot (*) dz/dx
    cotangent:  x_bar += z_bar (*) dz/dx

where (*) is `arith.mulz`, the derivative first. Partials are themselves differentiable code: they
are written so that differentiating what they emit gives the right second derivative, special
points included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dpc.compiler.ad.emit import Emit, float_type
from dpc.compiler.ir.core import Op, Value

Operation = Any  # an op of the class the rule stands for: its fields are read by name
Partial = Callable[[Emit, Operation], Value]


class Rule(Protocol):
    """The derivative of one op class."""

    def carries(self, position: int) -> bool:
        """True if the operand at that position can carry a derivative to the result."""

    def tangent(self, emit: Emit, op: Op, tangents: Sequence[Value | None]) -> Value | None:
        """The result's tangent; one entry for each operand, None for zero."""

    def cotangent(self, emit: Emit, op: Op, position: int, adjoint: Value) -> Value:
        """What the result's cotangent adds to that of one operand."""


@dataclass(frozen=True)
class Partials:
    """One partial for each operand; a number +1 or -1 for a constant, None for no derivative."""

    entries: tuple[Partial | int | None, ...]

    def carries(self, position: int) -> bool:
        """Operands with an entry."""
        return position < len(self.entries) and self.entries[position] is not None

    def tangent(self, emit: Emit, op: Op, tangents: Sequence[Value | None]) -> Value | None:
        """The sum of tangent x partial; a negative one is subtracted."""
        total: Value | None = None
        for position, tangent in enumerate(tangents):
            if tangent is None or not self.carries(position):
                continue
            if total is not None and self.entries[position] == -1:
                total = emit.subf(total, tangent)
                continue
            term = self.cotangent(emit, op, position, tangent)
            total = term if total is None else emit.addf(total, term)
        return total

    def cotangent(self, emit: Emit, op: Op, position: int, adjoint: Value) -> Value:
        """Derivative x partial."""
        entry = self.entries[position]
        if entry == 1:
            return adjoint
        if entry == -1:
            return emit.negf(adjoint)
        assert callable(entry)
        return emit.mulz(adjoint, entry(emit, op))


@dataclass(frozen=True)
class Chooses:
    """The result is one of two operands: the first where `condition` holds, else the second.

    The derivative is chosen, not multiplied, so that the other operand contributes exactly 0.
    """

    condition: Partial
    first: int
    second: int

    def carries(self, position: int) -> bool:
        """The two operands."""
        return position in (self.first, self.second)

    def tangent(self, emit: Emit, op: Op, tangents: Sequence[Value | None]) -> Value | None:
        """The tangent of the chosen operand."""
        first, second = tangents[self.first], tangents[self.second]
        if first is None and second is None:
            return None
        zero = emit.constant(0.0, op.result.type)
        return emit.select(self.condition(emit, op), first or zero, second or zero)

    def cotangent(self, emit: Emit, op: Op, position: int, adjoint: Value) -> Value:
        """The cotangent if this operand is chosen, else 0."""
        zero = emit.constant(0.0, adjoint.type)
        condition = self.condition(emit, op)
        if position == self.first:
            return emit.select(condition, adjoint, zero)
        return emit.select(condition, zero, adjoint)


@dataclass(frozen=True)
class Converts:
    """Conversion between float types; `there` and `back` make the conversions."""

    there: Callable[..., Op]
    back: Callable[..., Op]

    def carries(self, position: int) -> bool:
        """The only operand."""
        return position == 0

    def tangent(self, emit: Emit, op: Op, tangents: Sequence[Value | None]) -> Value | None:
        """The tangent, converted alike."""
        (tangent,) = tangents
        return tangent and emit.emit(self.there(tangent, float_type(op.result)))

    def cotangent(self, emit: Emit, op: Op, position: int, adjoint: Value) -> Value:
        """The cotangent, converted back."""
        return emit.emit(self.back(adjoint, float_type(op.operands[0])))


def partials(*entries: Partial | int | None) -> Rule:
    """Partials in terms of the operands."""
    return Partials(entries)


def partials_from_result(*entries: Partial | int | None) -> Rule:
    """Partials that read the result, which is then what a reverse pass must have."""
    return Partials(entries)


def linear(*coefficients: int) -> Rule:
    """Constant partials +1 or -1: nothing of the primal is needed."""
    return Partials(coefficients)


def zero_derivative() -> Rule:
    """No operand carries a derivative."""
    return Partials(())


Rules = dict[type[Op], Rule]
