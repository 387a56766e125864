"""Warnings of numbers: singular points that a program certainly can reach, floats compared.

A point counts only if the shape of the expression shows that it is reached (`sqrt(x * x)` at 0) and
no condition asked about the same variables before: nothing is guessed.
"""

from collections.abc import Iterable, Sequence

from dpc.dsl import typed
from dpc.dsl.check.flow import parts_of, reads
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.differentiability import SingularPoint
from dpc.dsl.errors.names import FloatEquality
from dpc.dsl.types import ArrayType, ScalarType, element_of

_SINGULAR_AT_ZERO = frozenset(("sqrt", "log", "log2", "log10", "rsqrt", "cbrt"))
_LEAVING = (typed.Return, typed.Break, typed.Continue)
Guards = frozenset[typed.Variable]


def warn_of_numbers(function: typed.Function, sink: Sink) -> None:
    """Report what is suspicious in a checked body."""
    _Walk(sink).statements(function.body, frozenset())


class _Walk:
    """Goes through a body; `guards` are the variables that conditions have asked about."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    def statements(self, nodes: Iterable[typed.Stmt], guards: Guards) -> None:
        for node in nodes:
            match node:
                case typed.If():
                    self.node(node.condition, guards)
                    inner = guards | _variables(node.condition)
                    self.statements(node.then, inner)
                    self.statements(node.otherwise, inner)
                    if _leaves(node):
                        guards = inner
                case typed.While():
                    self.statements(node.prelude, guards)
                    self.node(node.condition, guards)
                    self.statements(node.body, guards | _variables(node.condition))
                case typed.For():
                    self.node(node.clause, guards)
                    self.statements(node.body, guards)
                case typed.Assert(condition=typed.Expr() as condition):
                    self.node(node, guards)
                    guards = guards | _variables(condition)
                case _:
                    self.node(node, guards)

    def node(self, node: object, guards: Guards) -> None:
        """An expression, or anything that holds expressions."""
        match node:
            case typed.Conditional(condition=condition):
                self.node(condition, guards)
                guards = guards | _variables(condition)
                self.node(node.then, guards)
                self.node(node.otherwise, guards)
                return
            case typed.ShortCircuit(left=left):
                guards = guards | _variables(left)
            case typed.Elementwise(name="where", operands=operands):
                guards = guards | _variables(operands[0])
            case typed.Elementwise():
                self.elementwise(node, guards)
            case typed.CompareChain():
                if {"eq", "ne", "==", "!="} & set(node.operators):
                    self.equality(node, node.operands)
            case typed.ReduceGenerator():
                conditions = [c for c in node.clauses if isinstance(c, typed.Expr)]
                guards = guards.union(*map(_variables, conditions))
            case _:
                pass
        for part in parts_of(node):
            self.node(part, guards)

    def elementwise(self, node: typed.Elementwise, guards: Guards) -> None:
        if node.name in ("eq", "ne"):
            self.equality(node, node.operands)
        elif node.name in _SINGULAR_AT_ZERO and _is_float(node):
            if node.span != node.operands[0].span:  # else part of a built-in, such as norm
                self.singular(node, node.operands[0], f"`{node.name}`", guards)
        elif node.name == "div" and _is_float(node):
            divisor = node.operands[1]
            if _is_zero(divisor) or _is_clamped(divisor):
                self.singular(node, divisor, "a division", guards)

    def singular(
        self, node: typed.Elementwise, operand: typed.Expr, what: str, guards: Guards
    ) -> None:
        if _reaches_zero(operand) and not _variables(operand) & guards:
            text = " ".join(operand.span.text.split())
            self.sink.report(SingularPoint(span=node.span, what=what, operand=text))

    def equality(self, node: typed.Expr, operands: Sequence[typed.Expr]) -> None:
        """Zero and the infinities are met exactly; `x != x` asks for NaN."""
        floats = [o for o in operands if _is_float(o)]
        exact = any(isinstance(o, typed.Constant) and o.value in _EXACT for o in floats)
        if floats and not exact and not _is_same(*operands[:2]):
            self.sink.report(FloatEquality(span=node.span))


_EXACT = (0.0, float("inf"), float("-inf"))


def _variables(node: object) -> Guards:
    return frozenset(read.variable for read in reads(node))


def _leaves(node: typed.If) -> bool:
    """A branch of the `if` does not reach what follows."""
    ends = [branch[-1] for branch in (node.then, node.otherwise) if branch]
    return any(
        isinstance(end, _LEAVING) or (isinstance(end, typed.Assert) and end.condition is None)
        for end in ends
    )


def _is_float(node: typed.Expr) -> bool:
    return isinstance(node.type, ScalarType | ArrayType) and element_of(node.type).is_float


def _is_zero(node: typed.Expr) -> bool:
    return isinstance(node, typed.Constant) and node.value == 0


def _is_positive(node: typed.Expr) -> bool:
    return isinstance(node, typed.Constant) and node.value > 0


def _is_same(left: typed.Expr, right: typed.Expr) -> bool:
    """Two readings of one value: a variable, a field of it, or an element at the same indices."""
    match left, right:
        case typed.Read(), typed.Read():
            return left.variable is right.variable
        case typed.Field(), typed.Field():
            return left.name == right.name and _is_same(left.base, right.base)
        case typed.Index(), typed.Index():
            return left.span.text == right.span.text and _is_same(left.base, right.base)
        case typed.Elementwise(), typed.Elementwise():
            return (left.name, len(left.operands)) == (right.name, len(right.operands)) and all(
                map(_is_same, left.operands, right.operands)
            )
        case _:
            return isinstance(left, typed.Constant) and left == right


def _is_clamped(node: typed.Expr) -> bool:
    """At least 0 and 0 in a whole region: `relu(x)`, `max(x, 0.0)`."""
    match node:
        case typed.Elementwise(name="relu"):
            return True
        case typed.Elementwise(name="max", operands=(a, b)):
            return _is_zero(a) or _is_zero(b)
        case typed.Elementwise(name="clip", operands=(_, low, _)):
            return _is_zero(low)
        case _:
            return False


def _reaches_zero(node: typed.Expr) -> bool:
    """Certainly 0 for some values of its variables, by its shape alone."""
    match node:
        case typed.Constant():
            return _is_zero(node)
        case typed.Elementwise(name="mul", operands=(a, b)):
            scaled = (_is_positive(a) and _reaches_zero(b)) or (
                _is_positive(b) and _reaches_zero(a)
            )
            return scaled or _is_same(a, b)
        case typed.Elementwise(name="pow", operands=(_, exponent)):
            return _is_positive(exponent)
        case typed.Elementwise(name="div", operands=(a, b)):
            return _is_positive(b) and _reaches_zero(a)
        case typed.Elementwise(name="abs"):
            return True
        case typed.Reduce(kind="sum" | "mean", operand=operand):
            return _reaches_zero(operand)
        case typed.ReduceGenerator(kind="sum" | "mean"):
            return _reaches_zero(node.element)
        case typed.MatMul():
            return _is_same(node.left, node.right)
        case _:
            return _is_clamped(node)
