"""Linear inequalities over unbounded integers: what is known, and what follows.

The prover eliminates one atom after another by a known bound of it, youngest first, and falls back
on numeric intervals: sound, incomplete, and of bounded cost.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from dpc.compiler.analysis.trail import Trail

Atom = Hashable
DEEPEST = 4  # eliminations in a row
MOST_STEPS = 40  # eliminations in all, for one proof
MOST_BOUNDS = 8  # of one atom that are tried, latest first
UNBOUNDED = 1 << 200


@dataclass(frozen=True, slots=True)
class Linear:
    """constant + sum of coefficient * atom; no zero coefficient."""

    constant: int = 0
    terms: dict[Atom, int] = field(default_factory=dict)

    @staticmethod
    def of(atom: Atom) -> "Linear":
        """The form that is one atom."""
        return Linear(0, {atom: 1})

    def plus(self, other: "Linear", factor: int = 1) -> "Linear":
        """The sum self + factor * other."""
        terms = dict(self.terms)
        for atom, coefficient in other.terms.items():
            total = terms.get(atom, 0) + factor * coefficient
            if total:
                terms[atom] = total
            else:
                terms.pop(atom, None)
        return Linear(self.constant + factor * other.constant, terms)

    def minus(self, other: "Linear") -> "Linear":
        """The difference self - other."""
        return self.plus(other, -1)

    def times(self, factor: int) -> "Linear":
        """The product factor * self."""
        if factor == 0:
            return Linear()
        return Linear(self.constant * factor, {a: c * factor for a, c in self.terms.items()})

    def shifted(self, amount: int) -> "Linear":
        """The sum self + amount."""
        return Linear(self.constant + amount, self.terms)

    def without(self, atom: Atom) -> "Linear":
        """The rest of the sum."""
        return Linear(self.constant, {a: c for a, c in self.terms.items() if a != atom})


# factor * atom <= form (an upper bound) or >= form (a lower bound), factor > 0
Bound = tuple[int, Linear]


class Inequalities(Trail):
    """Facts `form >= 0` with scopes. Atoms must be declared (with an interval) before use."""

    def __init__(self) -> None:
        super().__init__()
        self.epoch = 0  # grows with every fact
        self._intervals: dict[Atom, tuple[int, int]] = {}
        self._ages: dict[Atom, int] = {}
        self._upper: dict[Atom, list[Bound]] = {}
        self._lower: dict[Atom, list[Bound]] = {}
        self._cases: dict[Atom, tuple[Linear, ...]] = {}
        self._steps = 0

    def declare(self, atom: Atom, low: int, high: int) -> None:
        """A new atom and its interval."""
        self.remember(self._ages, atom, len(self._ages))
        self.remember(self._intervals, atom, (low, high))

    def declare_cases(self, atom: Atom, forms: tuple[Linear, ...]) -> None:
        """The atom equals one of these forms."""
        self.remember(self._cases, atom, forms)

    def interval(self, form: Linear) -> tuple[int, int]:
        """Numbers between which the form lies."""
        low = high = form.constant
        for atom, coefficient in form.terms.items():
            least, greatest = self._intervals[atom]
            if coefficient > 0:
                low, high = low + coefficient * least, high + coefficient * greatest
            else:
                low, high = low + coefficient * greatest, high + coefficient * least
        return low, high

    def assume(self, form: Linear) -> None:
        """From now on form >= 0."""
        self.epoch += 1
        for atom, coefficient in form.terms.items():
            rest = form.without(atom)
            _, greatest = self.interval(rest)
            low, high = self._intervals[atom]
            if coefficient > 0:
                self._file(self._lower, atom, (coefficient, rest.times(-1)))
                low = max(low, -(greatest // coefficient))
            else:
                self._file(self._upper, atom, (-coefficient, rest))
                high = min(high, greatest // -coefficient)
            if (low, high) != self._intervals[atom]:
                self.remember(self._intervals, atom, (low, high))

    def _file(self, table: dict[Atom, list[Bound]], atom: Atom, bound: Bound) -> None:
        bounds = table.setdefault(atom, [])
        self.append(bounds, bound)

    def proves(self, form: Linear) -> bool:
        """True when form >= 0 follows from the facts (as far as the prover sees)."""
        self._steps = MOST_STEPS
        return self._prove(form, DEEPEST)

    def _prove(self, goal: Linear, depth: int) -> bool:
        if self.interval(goal)[0] >= 0:
            return True
        if depth == 0 or not goal.terms:
            return False
        for atom in sorted(goal.terms, key=self._ages.__getitem__, reverse=True):
            for weaker in self._eliminations(goal, atom):
                self._steps -= 1
                if self._steps < 0:
                    return False
                if self._prove(weaker, depth - 1):
                    return True
            cases = self._cases.get(atom)
            if cases is not None:
                self._steps -= len(cases)
                rest, coefficient = goal.without(atom), goal.terms[atom]
                if all(self._prove(rest.plus(case, coefficient), depth - 1) for case in cases):
                    return True
        return False

    def _eliminations(self, goal: Linear, atom: Atom) -> Iterator[Linear]:
        """Goals without the atom that imply this one.

        With goal = k a + S, k < 0 and c a <= R: c goal >= k R + c S. For k = -1, a <= floor(R / c)
        gains c - 1. Likewise for k > 0 and c a >= R.
        """
        coefficient, rest = goal.terms[atom], goal.without(atom)
        bounds = (self._upper if coefficient < 0 else self._lower).get(atom, ())
        for factor, form in reversed(bounds[-MOST_BOUNDS:]):
            weaker = rest.times(factor).plus(form, coefficient)
            yield weaker.shifted(factor - 1) if abs(coefficient) == 1 else weaker
