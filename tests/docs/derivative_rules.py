"""Writes the table of scalar rules in docs/derivatives.md from the code that the rules emit.

python -m tests.docs.derivative_rules    prints the table, which stands between two marks
"""

from collections.abc import Callable
from math import inf, log, pi, sqrt

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.rules.table import RULES
from dpc.compiler.ad.rules.vocabulary import Chooses, Converts, Partials
from dpc.compiler.dialects import ad, arith
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Op, Value
from dpc.compiler.ir.types import F64, I1, I64

BEGIN, END = "<!-- scalar rules: begin -->\n", "<!-- scalar rules: end -->\n"
HEAD = """\
| z | derivatives |
| --- | --- |
"""
NUMBERS = {2.0 / sqrt(pi): "2/√π", log(2.0): "ln 2", log(10.0): "ln 10", inf: "∞", -inf: "-∞"}
NAMES = {
    "absf": "abs", "roundeven": "round", "powf": "pow", "fpowi": "pow", "maximumf": "max",
    "minimumf": "min", "remf": "fmod", "floormod": "mod", "select": "where",
}  # fmt: skip
INFIX: dict[type[Op], tuple[str, int]] = {
    arith.AddF: ("+", 1), arith.SubF: ("-", 1), arith.MulF: ("·", 2), arith.MulZ: ("⊛", 2),
    arith.DivF: ("/", 2), arith.AddI: ("+", 1), arith.SubI: ("-", 1), arith.OrI: ("or", 0),
    arith.AndI: ("and", 0),
}  # fmt: skip
COMPARISONS = {"oeq": "=", "une": "≠", "ogt": ">", "oge": "≥", "olt": "<", "ole": "≤", "eq": "="}
ATOM = 9
Term = tuple[str, int]  # text, and how tightly it binds


class Formula:
    """Renders what was emitted as a formula in x, y, ... and z, the result."""

    def __init__(self, names: dict[Value, str]) -> None:
        self.names = names
        self.false: list[str] = []  # conditions that do not hold where the text stands

    def text(self, value: Value) -> str:
        return self._term(value)[0]

    def _term(self, value: Value) -> Term:
        if value in self.names:
            return self.names[value], ATOM
        op = value.op
        assert op is not None
        if isinstance(op, arith.Constant):
            return self._number(op.value)
        if type(op) in INFIX:
            return self._infix(op, *INFIX[type(op)])
        if isinstance(op, arith.CmpF | arith.CmpI):
            sign = COMPARISONS[op.predicate]
            if op.lhs is op.rhs:
                return f"{self.text(op.lhs)} is NaN", 0
            return f"{self.text(op.lhs)} {sign} {self.text(op.rhs)}", 0
        return self._other(op)

    def _other(self, op: Op) -> Term:
        if isinstance(op, arith.NegF):
            return f"-{self._bound(op.operands[0], 2)}", 1
        if isinstance(op, arith.Select):
            return self._select(op)
        if isinstance(op, arith.SIToFP):
            return self._term(op.operands[0])
        name = op.name.partition(".")[2]
        operands = op.operands[::-1] if isinstance(op, mathd.PolyGamma) else op.operands
        inside = ", ".join(self.text(v) for v in operands)
        return f"{NAMES.get(name, name)}({inside})", ATOM

    def _select(self, op: arith.Select) -> Term:
        condition = self.text(op.condition)
        if condition in self.false:
            return self._term(op.false_value)
        yes = self.text(op.true_value)
        self.false.append(condition)
        no = self.text(op.false_value)
        self.false.pop()
        return f"{yes} if {condition} else {no}", 0

    def _number(self, number: float) -> Term:
        text = NUMBERS.get(number, f"{number:g}")
        return text, ATOM if number >= 0 and "/" not in text else 1

    def _infix(self, op: Op, sign: str, strength: int) -> Term:
        left, right = op.operands
        constant = right.op if isinstance(right.op, arith.Constant) else None
        if constant is not None and sign == "·":
            left, right = right, left
        if constant is not None and sign == "+" and constant.value < 0:
            return f"{self._bound(left, strength)} - {self._number(-constant.value)[0]}", strength
        tight = sign in "·⊛/" and isinstance(left.op, arith.DivF) and left not in self.names
        before = strength + (tight and sign != "/")
        after = strength + (sign in "-/·⊛")
        return f"{self._bound(left, before)} {sign} {self._bound(right, after)}", strength

    def _bound(self, value: Value, strength: int) -> str:
        text, own = self._term(value)
        return text if own >= strength else f"({text})"


def _operation(kind: type[Op]) -> Op:
    """The operation on operands x, y, ..., integers among them called k."""
    floats = [Value(F64, None, name) for name in ("yx" if kind is mathd.Atan2 else "xyw")]
    whole = Value(I64, None, "k")
    builders: dict[type[Op], Callable[[], Op]] = {
        mathd.PolyGamma: lambda: mathd.PolyGamma(floats[0], whole),
        mathd.FPowI: lambda: mathd.FPowI(floats[0], whole),
        mathd.Fma: lambda: mathd.Fma(*floats),
        arith.Select: lambda: arith.Select(Value(I1, None, "c"), *floats[:2]),
    }
    if kind in builders:
        return builders[kind]()
    return kind(*floats[: len(kind.kinds.operands)])


def row(kind: type[Op]) -> str:
    """One rule as a row of the table."""
    rule, op = RULES[kind], _operation(kind)
    shown = {v: v.name for v in op.operands}
    head = f"| `{Formula(shown).text(op.result)}` | "
    if isinstance(rule, Chooses):
        first, second = (shown[op.operands[at]] for at in (rule.first, rule.second))
        condition = Formula(shown).text(rule.condition(Emit(), op))
        return f"{head}that of {first} if {condition}, else that of {second} |"
    assert isinstance(rule, Partials)
    names = {**shown, op.result: "z"}
    found = []
    for operand, entry in zip(op.operands, rule.entries, strict=False):
        if entry is not None:
            text = Formula(names).text(entry(Emit(), op)) if callable(entry) else str(entry)
            found.append(f"∂{operand.name}: `{text}`")
    return f"{head}{', '.join(found)} |"


def carrying() -> list[type[Op]]:
    """The operations whose rule is a formula: neither 0 nor a conversion."""
    plain = [k for k, rule in RULES.items() if not isinstance(rule, Converts) and k is not ad.Trap]
    return [k for k in plain if RULES[k] != Partials(())]


def without() -> list[str]:
    """The operations of floats that carry no derivative by rule."""
    nothing = [k.name for k, rule in RULES.items() if rule == Partials(())]
    carried = [name for name in nothing if name.startswith("math.") or name == "ad.stop_gradient"]
    return [name.partition(".")[2] for name in carried]


def table() -> str:
    """The section between the marks."""
    names = ", ".join(f"`{NAMES.get(name, name)}`" for name in without())
    rows = "".join(f"{row(kind)}\n" for kind in carrying())
    return f"{HEAD}{rows}\nNo derivative: {names}, and all of integers and truth values.\n"


if __name__ == "__main__":
    print(table(), end="")
