"""Symbolic integers: polynomials over dimension variables, the extents of array types.

A polynomial is kept in normal form, so that equality of extents is equality of objects:
`2*n + m - n` and `m + n` are the same `Poly`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import total_ordering
from typing import Union


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension variable of a function, by name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Floored:
    """`poly // divisor` with a positive constant divisor: an atom of its own."""

    poly: "Poly"
    divisor: int

    def __str__(self) -> str:
        inner = str(self.poly)
        return (
            f"{inner} // {self.divisor}" if inner.isidentifier() else f"({inner}) // {self.divisor}"
        )


@dataclass(frozen=True, slots=True)
class Local:
    """The value an integer expression had at one point of one function (a run-time extent).

    `key` is unique within the function; `text` is how the source wrote it.
    """

    key: int
    text: str

    def __str__(self) -> str:
        return self.text


Atom = Union[Dimension, Floored, Local]
Monomial = tuple[Atom, ...]


def _order(atom: Atom) -> tuple[int, str, int]:
    kinds = (Dimension, Floored, Local)
    return kinds.index(type(atom)), str(atom), atom.key if isinstance(atom, Local) else 0


@total_ordering
@dataclass(frozen=True, slots=True)
class Poly:
    """A polynomial with integer coefficients; `terms` sorted, no zero coefficient."""

    terms: tuple[tuple[Monomial, int], ...]

    @staticmethod
    def constant(value: int) -> "Poly":
        """The constant polynomial."""
        return Poly((((), value),) if value else ())

    @staticmethod
    def atom(atom: Atom) -> "Poly":
        """The polynomial that is one atom."""
        return Poly((((atom,), 1),))

    @staticmethod
    def dimension(name: str) -> "Poly":
        """The polynomial that is one dimension variable."""
        return Poly.atom(Dimension(name))

    @staticmethod
    def _from(terms: dict[Monomial, int]) -> "Poly":
        kept = [(m, c) for m, c in terms.items() if c]
        kept.sort(key=lambda term: (-len(term[0]), [_order(a) for a in term[0]]))
        return Poly(tuple(kept))

    @property
    def value(self) -> int | None:
        """The integer, when constant; else None."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and self.terms[0][0] == ():
            return self.terms[0][1]
        return None

    def atoms(self) -> frozenset[Atom]:
        """Every atom that occurs (the inside of `//` not opened)."""
        return frozenset(a for monomial, _ in self.terms for a in monomial)

    def __add__(self, other: "Poly") -> "Poly":
        terms = dict(self.terms)
        for monomial, coefficient in other.terms:
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return Poly._from(terms)

    def __neg__(self) -> "Poly":
        return Poly(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: "Poly") -> "Poly":
        return self + (-other)

    def __mul__(self, other: "Poly") -> "Poly":
        terms: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                monomial = tuple(sorted(left + right, key=_order))
                terms[monomial] = terms.get(monomial, 0) + a * b
        return Poly._from(terms)

    def __floordiv__(self, divisor: int) -> "Poly":
        """`self // divisor`, exact where every coefficient is a multiple; divisor > 0."""
        if all(c % divisor == 0 for _, c in self.terms):
            return Poly(tuple((m, c // divisor) for m, c in self.terms))
        value = self.value
        if value is not None:
            return Poly.constant(value // divisor)
        return Poly.atom(Floored(self, divisor))

    def substitute(self, values: dict[Atom, "Poly"]) -> "Poly":
        """Replace atoms by polynomials, also inside `//`."""
        total = Poly.constant(0)
        for monomial, coefficient in self.terms:
            product = Poly.constant(coefficient)
            for atom in monomial:
                if atom in values:
                    factor = values[atom]
                elif isinstance(atom, Floored):
                    factor = atom.poly.substitute(values) // atom.divisor
                else:
                    factor = Poly.atom(atom)
                product = product * factor
            total = total + product
        return total

    def evaluate(self, values: dict[str, int]) -> int:
        """The value with every dimension known by name (no run-time extents inside)."""
        total = 0
        for monomial, coefficient in self.terms:
            product = coefficient
            for atom in monomial:
                if isinstance(atom, Dimension):
                    product *= values[atom.name]
                elif isinstance(atom, Floored):
                    product *= atom.poly.evaluate(values) // atom.divisor
                else:
                    raise KeyError(atom.text)
            total += product
        return total

    def __lt__(self, other: "Poly") -> bool:
        return str(self) < str(other)

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        text = ""
        for monomial, coefficient in self.terms:
            factors = [f"({a})" if isinstance(a, Floored) else str(a) for a in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            term = "*".join(factors)
            if not text:
                text = f"-{term}" if coefficient < 0 else term
            else:
                text += f" - {term}" if coefficient < 0 else f" + {term}"
        return text


ONE = Poly.constant(1)
ZERO = Poly.constant(0)


def dimensions_in(poly: Poly) -> set[str]:
    """The names of the dimension variables in a polynomial, inside `//` too."""
    found: set[str] = set()
    for atom in poly.atoms():
        if isinstance(atom, Dimension):
            found.add(atom.name)
        elif isinstance(atom, Floored):
            found |= dimensions_in(atom.poly)
    return found


def linear(extent: Poly, unknown: Collection[str]) -> tuple[str, int, Poly] | None:
    """(name, coefficient, rest): extent = coefficient * name + rest, only that name unknown."""
    names = dimensions_in(extent) & set(unknown)
    if len(names) != 1:
        return None
    (name,) = names
    coefficient = dict(extent.terms).get((Dimension(name),), 0)
    rest = extent - Poly.constant(coefficient) * Poly.dimension(name)
    return None if coefficient == 0 or name in dimensions_in(rest) else (name, coefficient, rest)
