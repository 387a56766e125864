"""Ranges of integers: which comparisons of index and integer values are decided at a point.

A traversal opens a scope for each block, assumes what checks and branches establish, and asks.
Values are linear forms over atoms (arguments, induction variables, what is not linear). A sum or
product becomes a form only where it cannot wrap, by the intervals known at that point.

Relied upon: extents lie in 0..LARGEST_EXTENT, as no machine addresses more; an induction variable
does not wrap.
"""

from collections.abc import Callable
from typing import Any

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.counters import increments, is_bounded_by_condition
from dpc.compiler.analysis.extents import LARGEST_EXTENT, polynomial
from dpc.compiler.analysis.inequalities import Inequalities, Linear
from dpc.compiler.dialects.arith import (
    AddI,
    AndI,
    CmpI,
    Constant,
    ExtSI,
    ExtUI,
    FloorDivSI,
    FloorModSI,
    IndexCast,
    MaxSI,
    MinSI,
    MulI,
    OrI,
    Select,
    SubI,
    XOrI,
)  # fmt: skip
from dpc.compiler.dialects.memref import Alloc
from dpc.compiler.dialects.memref import Constant as Table
from dpc.compiler.dialects.scf import For, If, While
from dpc.compiler.ir.core import Function, Value
from dpc.compiler.ir.types import I1, INDEX, IntType, Type

MOST_TERMS = 12  # of a form; a longer sum is an atom
MOST_ALTERNATIVES = 8  # that are looked at where a loop begins


class Ranges:
    """What is known about the integers of a function at the point a traversal has reached."""

    def __init__(self, function: Function) -> None:
        self.facts = Inequalities()
        self.scope = self.facts.scope
        self._function = function
        self._arguments = set(function.arguments)
        self._forms: dict[Value, tuple[Linear, int]] = {}  # form; epoch, or -1 for final
        self._known: dict[Value, bool] = {}
        self._open: dict[Value, int] = {}  # undecided at that epoch
        self._same: dict[Value, Value] = {}
        self._alternatives: list[tuple[Value, Value]] = []  # one of each pair holds
        self._declare_arguments()

    # -- questions

    def decide(self, condition: Value) -> bool | None:
        """Whether an i1 holds; None when it is not known."""
        condition = self._same.get(condition, condition)
        known = self._known.get(condition)
        if known is not None:
            return known
        op = condition.owner
        if isinstance(op, Constant):
            return bool(op.value)
        rule = DECISIONS.get(type(op))
        if rule is None or self._open.get(condition) == self.facts.epoch:
            return None
        outcome = rule(self, op)
        if outcome is None:
            self._open[condition] = self.facts.epoch
        return outcome

    def at_most(self, left: Linear, right: Linear) -> bool:
        """Left <= right, proved."""
        return self.facts.proves(right.minus(left))

    def in_bounds(self, buffer: Value, indices: tuple[Value, ...]) -> bool:
        """Every index is proved to lie inside the buffer's extents."""
        extents = self.extents(buffer)
        if extents is None:
            return False
        for index, extent in zip(indices, extents, strict=True):
            form = self.form(index)
            if not (self.facts.proves(form) and self.at_most(form.shifted(1), extent)):
                return False
        return True

    def extents(self, buffer: Value) -> tuple[Linear, ...] | None:
        """The extents of an argument or a local buffer as forms."""
        op = buffer.owner
        if isinstance(op, Alloc):
            dynamic = iter(op.extents)
            return tuple(
                self.form(next(dynamic)) if e is None else Linear(e) for e in op.type.shape
            )
        if isinstance(op, Table):
            return tuple(Linear(e) for e in op.type.shape if e is not None)
        if buffer in self._arguments:
            known = self._function.extents(buffer)
            return tuple(Linear(e) if isinstance(e, int) else self.form(e) for e in known)
        return None

    # -- facts

    def assume(self, condition: Value, holds: bool = True) -> None:
        """The i1 is known from here to the end of the scope."""
        condition = self._same.get(condition, condition)
        self.facts.remember(self._known, condition, holds)
        op = condition.owner
        if isinstance(op, CmpI):
            self._assume_comparison(op, op.predicate if holds else INVERSE[op.predicate])
        elif isinstance(op, AndI | OrI) and isinstance(op, AndI) == holds:
            self.assume(op.lhs, holds)
            self.assume(op.rhs, holds)
        elif isinstance(op, OrI):
            self.facts.append(self._alternatives, (op.lhs, op.rhs))
        elif isinstance(op, XOrI) and constant_of(op.rhs) is not None:
            self.assume(op.lhs, holds != bool(constant_of(op.rhs)))

    def _assume_comparison(self, op: CmpI, predicate: str) -> None:
        difference = self.form(op.rhs).minus(self.form(op.lhs))
        facts = self.facts
        if predicate in ("slt", "sle", "eq"):
            facts.assume(difference.shifted(-1 if predicate == "slt" else 0))
        if predicate in ("sgt", "sge", "eq"):
            facts.assume(difference.times(-1).shifted(-1 if predicate == "sgt" else 0))
        if predicate == "ne":
            for side in (difference, difference.times(-1)):
                if facts.proves(side):
                    facts.assume(side.shifted(-1))

    def enter_for(self, op: For, lower: Value, upper: Value, step: Value) -> None:
        """Facts about the arguments of a loop's body, given its bounds as they are now."""
        start, end = self.form(lower), self.form(upper)
        induction = op.body.arguments[0]
        self.index(induction, start, end)
        self._settle_alternatives()
        if constant_of(step) != 1:
            return
        passed = self.form(induction).minus(start)
        for argument, init, yielded in zip(
            op.body.arguments[1:], op.inits, op.body.terminator.operands, strict=True
        ):
            changes = increments(argument, yielded)
            if changes is not None:
                whole = end.minus(start)
                self._counter(argument, self.form(init), passed, whole, changes)

    def _settle_alternatives(self) -> None:
        """Where one of two is known not to hold, the other does."""
        for left, right in self._alternatives[-MOST_ALTERNATIVES:]:
            if self.decide(left) is False:
                self.assume(right)
            elif self.decide(right) is False:
                self.assume(left)

    def index(self, induction: Value, start: Linear, end: Linear) -> None:
        """An index that runs over start..end (exclusive)."""
        low, high = self.facts.interval(start)[0], self.facts.interval(end)[1] - 1
        self._declare(induction, low, max(high, low))
        self.facts.assume(self.form(induction).minus(start))
        self.facts.assume(end.shifted(-1).minus(self.form(induction)))

    def _counter(
        self, value: Value, init: Linear, passed: Linear, whole: Linear, changes: tuple[int, int]
    ) -> None:
        """A carried integer that grows by least..most a step, after `passed` of `whole` steps."""
        least, most = changes
        last = [init.plus(whole, change) for change in changes]
        if not all(self._fits(form, value.type) for form in (init, *last)):
            return
        if least == most:
            self.facts.remember(self._forms, value, (init.plus(passed, least), -1))
            return
        form = self.form(value)
        self.facts.assume(form.minus(init.plus(passed, least)))
        self.facts.assume(init.plus(passed, most).minus(form))

    def enter_while(self, op: While, inits: tuple[Value, ...]) -> None:
        """Facts about both blocks of a while; each iteration's body has its `before`'s values."""
        for k, (outer, inner) in enumerate(
            zip(op.before.arguments, op.body.arguments, strict=True)
        ):
            if not isinstance(outer.type, IntType) and outer.type != INDEX:
                continue
            changes = increments(inner, op.body.terminator.operands[k])
            if changes is not None and changes[0] >= 0 and self._never_wraps(op, k, changes[1]):
                self.facts.assume(self.form(outer).minus(self.form(inits[k])))
            if outer.type == I1:
                self.facts.remember(self._same, inner, outer)
            else:
                self.facts.remember(self._forms, inner, (self.form(outer), -1))

    def _never_wraps(self, op: While, position: int, most: int) -> bool:
        if most <= 1 and is_bounded_by_condition(op, position):
            return True
        if op.bound is None:
            return False
        last = self.form(op.inits[position]).plus(self.form(op.bound), most)
        return self._fits(last, op.inits[position].type)

    # -- forms

    def form(self, value: Value) -> Linear:
        """The value of an integer as a linear form."""
        known = self._forms.get(value)
        if known is not None and known[1] in (-1, self.facts.epoch):
            return known[0]
        rule = FORMS.get(type(value.owner))
        found = rule(self, value.owner) if rule else None
        if found is not None and len(found.terms) > MOST_TERMS:
            found = None
        if found is not None and self._fits(found, value.type):
            self.facts.remember(self._forms, value, (found, -1))
            return found
        if known is not None:
            self.facts.remember(self._forms, value, (known[0], self.facts.epoch))
            return known[0]
        return self._declare(value, *_type_interval(value.type), final=found is None)

    def _declare(self, value: Value, low: int, high: int, final: bool = True) -> Linear:
        """The value as an atom of its own."""
        self.facts.declare(value, low, high)
        form = Linear.of(value)
        self.facts.remember(self._forms, value, (form, -1 if final else self.facts.epoch))
        relation = RELATIONS.get(type(value.owner))
        if relation is not None:
            relation(self, value, value.owner)
        return form

    def _fits(self, form: Linear, type_: Type) -> bool:
        low, high = self.facts.interval(form)
        least, greatest = _type_interval(type_)
        return least <= low and high <= greatest

    def _declare_arguments(self) -> None:
        """Dimensions lie in 0..LARGEST_EXTENT; one named `2*n` is twice the one named `n`."""
        names: dict[str, Linear] = {}
        derived: list[tuple[Value, str]] = []
        pairs = list(zip(self._function.arguments, self._function.parameters, strict=True))
        for argument, parameter in pairs:
            if parameter.role != "dimension":
                if isinstance(argument.type, IntType):
                    names.setdefault(parameter.name, self.form(argument))
            elif parameter.name.isidentifier():
                names[parameter.name] = self._declare(argument, 0, LARGEST_EXTENT)
            else:
                derived.append((argument, parameter.name))
        for argument, text in derived:
            form = polynomial(text, names, self.facts)
            if form is None:
                self._declare(argument, 0, LARGEST_EXTENT)
            else:
                self.facts.remember(self._forms, argument, (form, -1))
                self.facts.assume(form)
                self.facts.assume(form.times(-1).shifted(LARGEST_EXTENT))


def _type_interval(type_: Type) -> tuple[int, int]:
    width = type_.width if isinstance(type_, IntType) else 64
    return (0, 1) if width == 1 else (-(1 << (width - 1)), (1 << (width - 1)) - 1)


def _product(ranges: Ranges, op: MulI) -> Linear | None:
    left, right = ranges.form(op.lhs), ranges.form(op.rhs)
    if not right.terms:
        return left.times(right.constant)
    return right.times(left.constant) if not left.terms else None


def _cast(ranges: Ranges, op: Any) -> Linear:
    return ranges.form(op.operand)


def _bit(ranges: Ranges, op: ExtUI) -> Linear:
    return ranges.form(op.operand)


FORMS: dict[type[Any], Callable[[Ranges, Any], Linear | None]] = {
    Constant: lambda ranges, op: Linear(int(op.value)),
    AddI: lambda ranges, op: ranges.form(op.lhs).plus(ranges.form(op.rhs)),
    SubI: lambda ranges, op: ranges.form(op.lhs).minus(ranges.form(op.rhs)),
    MulI: _product,
    IndexCast: _cast,
    ExtSI: _cast,
    ExtUI: _bit,
}


def _minimum(ranges: Ranges, value: Value, op: MinSI | MaxSI) -> None:
    """Min is at most both, max at least both, and each is one of them."""
    sign = 1 if isinstance(op, MinSI) else -1
    forms = (ranges.form(op.lhs), ranges.form(op.rhs))
    for form in forms:
        ranges.facts.assume(form.minus(Linear.of(value)).times(sign))
    ranges.facts.declare_cases(value, forms)


def _choice(ranges: Ranges, value: Value, op: Select) -> None:
    if value.type != I1:
        forms = (ranges.form(op.true_value), ranges.form(op.false_value))
        ranges.facts.declare_cases(value, forms)


def _branch(ranges: Ranges, value: Value, op: If) -> None:
    if value.type != I1:
        position = op.results.index(value)
        blocks = (op.then, op.otherwise)
        forms = tuple(ranges.form(b.terminator.operands[position]) for b in blocks)
        ranges.facts.declare_cases(value, forms)


def _quotient(ranges: Ranges, value: Value, op: FloorDivSI) -> None:
    """For a positive constant d: d q <= x <= d q + d - 1."""
    divisor = constant_of(op.rhs)
    if divisor is not None and divisor > 0:
        rest = ranges.form(op.lhs).plus(Linear.of(value), -divisor)
        ranges.facts.assume(rest)
        ranges.facts.assume(rest.times(-1).shifted(divisor - 1))


def _remainder(ranges: Ranges, value: Value, op: FloorModSI) -> None:
    """For a positive d: 0 <= r <= d - 1."""
    divisor = ranges.form(op.rhs)
    if ranges.facts.proves(divisor.shifted(-1)):
        ranges.facts.assume(Linear.of(value))
        ranges.facts.assume(divisor.minus(Linear.of(value)).shifted(-1))


def _loop_result(ranges: Ranges, value: Value, op: For) -> None:
    """A counter's last value, where the number of iterations is certain."""
    position = op.results.index(value)
    changes = increments(op.body.arguments[position + 1], op.body.terminator.operands[position])
    if changes is None or constant_of(op.step) != 1:
        return
    trips = ranges.form(op.upper).minus(ranges.form(op.lower))
    init = ranges.form(op.inits[position])
    bounds = [init.plus(trips, change) for change in changes]
    if ranges.facts.proves(trips) and all(ranges._fits(b, value.type) for b in bounds):
        ranges.facts.assume(Linear.of(value).minus(bounds[0]))
        ranges.facts.assume(bounds[1].minus(Linear.of(value)))


RELATIONS: dict[type[Any], Callable[[Ranges, Value, Any], None]] = {
    MinSI: _minimum,
    MaxSI: _minimum,
    Select: _choice,
    If: _branch,
    FloorDivSI: _quotient,
    FloorModSI: _remainder,
    For: _loop_result,
}


def _comparison(ranges: Ranges, op: CmpI) -> bool | None:
    difference = ranges.form(op.rhs).minus(ranges.form(op.lhs))
    proves = ranges.facts.proves
    if op.predicate in ("eq", "ne"):
        equal = op.predicate == "eq"
        if proves(difference) and proves(difference.times(-1)):
            return equal
        differs = proves(difference.shifted(-1)) or proves(difference.times(-1).shifted(-1))
        return not equal if differs else None
    strict = op.predicate in ("slt", "sgt")
    if op.predicate in ("sgt", "sge"):
        difference = difference.times(-1)
    if proves(difference.shifted(-1 if strict else 0)):
        return True
    return False if proves(difference.times(-1).shifted(0 if strict else -1)) else None


def _both(ranges: Ranges, op: AndI | OrI) -> bool | None:
    """Three-valued and, or."""
    absorbing = isinstance(op, OrI)
    outcomes = (ranges.decide(op.lhs), ranges.decide(op.rhs))
    if absorbing in outcomes:
        return absorbing
    return None if None in outcomes else not absorbing


def _negation(ranges: Ranges, op: XOrI) -> bool | None:
    mask = constant_of(op.rhs)
    inner = ranges.decide(op.lhs) if mask is not None else None
    return None if inner is None else inner != bool(mask)


DECISIONS: dict[type[Any], Callable[[Ranges, Any], bool | None]] = {
    CmpI: _comparison,
    AndI: _both,
    OrI: _both,
    XOrI: _negation,
}
INVERSE = {"eq": "ne", "ne": "eq", "slt": "sge", "sge": "slt", "sgt": "sle", "sle": "sgt"}
