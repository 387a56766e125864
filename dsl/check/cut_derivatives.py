"""Warnings of floats that become integers and floats again: the derivative ends in between.

An integer used as an index, a bound or a condition is no such thing. Facts about variables only
grow, so going through the body until nothing changes ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dpc.dsl import typed
from dpc.dsl.check.flow import parts_of
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.differentiability import FloatToInteger
from dpc.dsl.types import BOOL, ArrayType, ScalarType, element_of, leaves

_NOTHING: frozenset[typed.Convert] = frozenset()


@dataclass(frozen=True)
class _Fact:
    """What a value depends on: floats that may be differentiated by, and cut-off conversions."""

    active: bool = False
    cuts: frozenset[typed.Convert] = _NOTHING

    def __or__(self, other: "_Fact") -> "_Fact":
        return _Fact(self.active or other.active, self.cuts | other.cuts)


def warn_of_cuts(function: typed.Function, sink: Sink) -> None:
    """Report every conversion of an active float to an integer that is used as a number."""
    analysis = _Analysis()
    for parameter in function.parameters:
        floats = any(element_of(leaf.type).is_float for leaf in leaves(parameter.type))
        analysis.facts[parameter.variable] = _Fact(active=floats)
    while analysis.run(function.body):
        pass
    for node in sorted(analysis.reported, key=lambda n: n.span.start):
        sink.report(FloatToInteger(span=node.span))


class _Analysis:
    """Facts about variables, and the conversions found."""

    def __init__(self) -> None:
        self.facts: dict[typed.Variable, _Fact] = {}
        self.reported: set[typed.Convert] = set()
        self.changed = False

    def run(self, body: Iterable[typed.Stmt]) -> bool:
        """One pass; True if something new was learnt."""
        self.changed = False
        for node in body:
            self.visit(node)
        return self.changed

    def learn(self, variable: typed.Variable, fact: _Fact) -> None:
        known = self.facts.get(variable, _Fact())
        if known | fact != known:
            self.facts[variable] = known | fact
            self.changed = True

    def visit(self, node: object) -> _Fact:
        """What a node depends on; statements and clauses tell their variables."""
        match node:
            case typed.Read():
                return self.facts.get(node.variable, _Fact())
            case typed.Convert():
                return self.conversion(node)
            case typed.Elementwise(name="where", operands=(condition, *branches)):
                self.visit(condition)
                return self.union(branches)
            case typed.Conditional():
                self.visit(node.condition)
                return self.union((node.then, node.otherwise))
            case typed.Index():
                for part in node.items:
                    self.visit(part)
                return self.visit(node.base)
            case typed.Assign(value=typed.MakeTuple(items=items)) if len(node.places) > 1:
                for place, item in zip(node.places, items, strict=True):
                    self.learn(place.variable, self.visit(item))
            case typed.Assign():
                fact = self.visit(node.value)
                for place in node.places:
                    self.learn(place.variable, fact)
            case typed.AugmentedAssign():
                self.learn(node.place.variable, self.visit(node.value))
            case typed.ForElement():
                self.learn(node.variable, self.visit(node.array))
            case _:
                fact = self.union(parts_of(node))
                return fact if _carries(node) else _Fact()
        return _Fact()

    def union(self, nodes: Iterable[object]) -> _Fact:
        fact = _Fact()
        for node in nodes:
            fact = fact | self.visit(node)
        return fact

    def conversion(self, node: typed.Convert) -> _Fact:
        """Float to integer cuts; integer to float makes what was cut a number again."""
        fact = self.visit(node.operand)
        before, after = _element(node.operand), _element(node)
        if before.is_float and not after.is_float:
            return _Fact(cuts=frozenset((node,)) if fact.active else _NOTHING)
        if after.is_float and not before.is_float:
            self.reported |= fact.cuts
            return _Fact()
        return fact


def _element(node: typed.Expr) -> ScalarType:
    assert isinstance(node.type, ScalarType | ArrayType)
    return element_of(node.type)


def _carries(node: object) -> bool:
    """Values go through the node: no comparison, no range, no `stop_gradient`."""
    if not isinstance(node, typed.Expr):
        return isinstance(node, typed.Piece)
    if isinstance(node, typed.Elementwise) and node.name == "stop_gradient":
        return False
    if isinstance(node.type, ScalarType | ArrayType):
        return element_of(node.type) != BOOL
    return True
