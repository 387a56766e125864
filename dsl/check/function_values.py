"""Functions as the checker knows them: which definition a name or `lambda` means, what it captured.

A function value exists at compile time only. What it captured are expressions of the body in which
it stands; where it is passed on, they become parameters of the function specialised for it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Union

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Operand, extents_of
from dpc.dsl.resolve import ModuleNames
from dpc.dsl.shapes import Atom, Dimension, Floored, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import Type, substitute


@dataclass(frozen=True, slots=True)
class FunctionType:
    """`Callable[[T1, ...], R]`."""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"Callable[[{', '.join(str(p) for p in self.parameters)}], {self.result}]"


@dataclass(frozen=True, slots=True)
class Named:
    """A function of the module without `Callable` parameters."""

    function: typed.Function


@dataclass(frozen=True, slots=True)
class BuiltinFunction:
    """A built-in passed by name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Abstract:
    """A `Callable` parameter while its function is checked for itself: any function of the type."""

    name: str
    span: Span
    type: FunctionType


@dataclass(frozen=True, slots=True)
class Closure:
    """A definition that is checked anew for each kind of arguments: a lambda, a function inside a
    function, a function with `Callable` parameters. `home` is the module whose
    names it knows, `dimensions` are the enclosing function's.
    """

    definition: ast.FunctionDef
    home: ModuleNames
    captures: tuple[tuple[str, Operand], ...] = ()
    functions: tuple[tuple[str, "FunctionValue"], ...] = ()
    dimensions: tuple[tuple[str, Poly], ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """A `Callable` parameter of a specialised function: the function it stands for, its type."""

    name: str
    value: "FunctionValue"
    type: FunctionType


@dataclass(frozen=True, slots=True)
class Derived:
    """`grad(value, wrt=...)` and its relatives; `several`: `wrt` is a tuple. The operator
    "directional" takes a tangent after the arguments.
    """

    operator: str
    value: "FunctionValue"
    wrt: tuple[str, ...] | None
    several: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Along:
    """The derivative of what a function returns along what it captured, its arguments fixed.

    `tangents`: of what is captured, by its number among `captured(value)`; 0 for all others.
    """

    value: "FunctionValue"
    tangents: tuple[tuple[int, Operand], ...]
    span: Span


FunctionValue = Union[Named, BuiltinFunction, Abstract, Closure, Bound, Derived, Along]


def captured(value: FunctionValue) -> tuple[Operand, ...]:
    """All that a function captured, itself and through others, in the order of its arguments."""
    match value:
        case Bound() | Derived():
            return captured(value.value)
        case Along():
            return (*captured(value.value), *(operand for _, operand in value.tangents))
        case Closure():
            inner = (operand for _, f in value.functions for operand in captured(f))
            return (*(operand for _, operand in value.captures), *inner)
        case _:
            return ()


def name_of(value: FunctionValue) -> str:
    """How messages call a function."""
    match value:
        case Named():
            return value.function.name
        case Closure():
            return value.definition.name
        case Derived():
            return f"{value.operator}({name_of(value.value)})"
        case Along():
            return f"the tangent of {name_of(value.value)}"
        case _:
            return value.name


def span_of(value: FunctionValue) -> Span:
    """Where a function is defined."""
    match value:
        case Named():
            return value.function.span
        case Closure():
            return value.definition.name_span
        case Bound():
            return span_of(value.value)
        case _:
            return value.span


class Frame:
    """Renames what extents are made of: from a caller's terms to dimensions of a new function.

    Names are given in the order in which extents are met; `values` are the caller's, by name.
    """

    def __init__(self, canonical: bool = False) -> None:
        self.values: dict[str, Poly] = {}
        self._canonical = canonical
        self._names: dict[Atom, Poly] = {}

    def prefer(self, name: str, poly: Poly) -> Poly:
        """Give a bare dimension of the caller that name."""
        atoms = tuple(poly.atoms())
        if len(atoms) == 1 and poly == Poly.atom(atoms[0]) and atoms[0] not in self._names:
            self._add(atoms[0], name)
        return self.poly(poly)

    def keep(self, name: str) -> str:
        """A dimension that stays one of the new function, which the caller does not know; its name
        there.
        """
        inside = f"{name}.result"
        self._names[Dimension(name)] = Poly.dimension(inside)
        return inside

    def poly(self, poly: Poly) -> Poly:
        """The polynomial in terms of the new function."""
        for atom in _atoms(poly):
            if atom not in self._names:
                self._add(atom, re.sub(r"\W+", "_", str(atom)))
        return poly.substitute(self._names)

    def type(self, type_: Type) -> Type:
        """The type in terms of the new function."""
        for extent in extents_of(type_):
            self.poly(extent)
        return substitute(type_, self._names)

    def function_type(self, type_: FunctionType) -> FunctionType:
        """The same for the types of a function."""
        return FunctionType(tuple(self.type(p) for p in type_.parameters), self.type(type_.result))

    def _add(self, atom: Atom, wish: str) -> None:
        name = str(len(self.values)) if self._canonical else wish
        while name in self.values:
            name += "'"
        self._names[atom] = Poly.dimension(name)
        self.values[name] = Poly.atom(atom)


def _atoms(poly: Poly) -> list[Atom]:
    """The dimensions and run-time extents in a polynomial, in the order of its terms."""
    found: list[Atom] = []
    for monomial, _ in poly.terms:
        for atom in monomial:
            found += _atoms(atom.poly) if isinstance(atom, Floored) else [atom]
    return found


def renamed(
    value: FunctionValue, frame: Frame, capture: Callable[[str, Operand], Operand]
) -> FunctionValue:
    """The function in terms of a new frame, each captured value replaced."""
    match value:
        case Abstract():
            return replace(value, type=frame.function_type(value.type))
        case Bound():
            inner = renamed(value.value, frame, capture)
            return replace(value, value=inner, type=frame.function_type(value.type))
        case Derived():
            return replace(value, value=renamed(value.value, frame, capture))
        case Along():
            inner = renamed(value.value, frame, capture)
            tangents = tuple((i, capture(f"tangent_{i}", o)) for i, o in value.tangents)
            return replace(value, value=inner, tangents=tangents)
        case Closure():
            return replace(
                value,
                dimensions=tuple((n, frame.poly(p)) for n, p in value.dimensions),
                captures=tuple((n, capture(n, o)) for n, o in value.captures),
                functions=tuple((n, renamed(f, frame, capture)) for n, f in value.functions),
            )
        case _:
            return value


def identity(value: FunctionValue) -> object:
    """Equal for functions that are specialised alike, in the terms of one frame."""
    match value:
        case Named():
            return id(value.function)
        case Bound():
            return (value.type, identity(value.value))
        case Derived():
            return (value.operator, value.wrt, value.several, identity(value.value))
        case Along():
            return ("along", tuple(i for i, _ in value.tangents), identity(value.value))
        case Closure():
            return (
                id(value.definition),
                value.dimensions,
                tuple((n, o.type, o.poly) for n, o in value.captures),
                tuple((n, identity(f)) for n, f in value.functions),
            )
        case _:
            return value


__all__ = [
    "Abstract",
    "Along",
    "Bound",
    "BuiltinFunction",
    "Closure",
    "Derived",
    "Frame",
    "FunctionType",
    "FunctionValue",
    "Named",
    "captured",
    "identity",
    "name_of",
    "renamed",
    "span_of",
]
