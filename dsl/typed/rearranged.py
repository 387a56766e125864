"""Typed expressions that move elements: what concat, reshape, flip and their like are made of.

Their indices are right by construction and are not checked at run time. They are i64 expressions
over the node's own variables, constants, extents and variables that are assigned once.
"""

from dataclasses import dataclass

from dpc.dsl.typed.expressions import Expr, Variable


@dataclass(frozen=True, slots=True)
class View(Expr):
    """An array whose element at `variables` is the operand's at `indices`.

    `repeats`: an element of the operand may be read more than once.
    """

    operand: Expr
    variables: tuple[Variable, ...]
    indices: tuple[Expr, ...]
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """An array whose element at `variables` goes to `indices` of an `Assembly`."""

    value: Expr
    variables: tuple[Variable, ...]
    indices: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Assembly(Expr):
    """An array put together: `background` (a scalar) everywhere if there is one, then the pieces
    in order. Without a background the pieces cover the whole.
    """

    background: Expr | None
    pieces: tuple[Piece, ...]
