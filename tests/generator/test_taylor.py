"""The Taylor test tells right derivatives from wrong ones, whatever the size of the error."""

from collections import Counter

import pytest

from dpc.compiler.ad.rules import table
from dpc.compiler.ad.rules.vocabulary import partials
from dpc.compiler.dialects import math as mathd
from tests.generator import oracles
from tests.generator.program import Program
from tests.generator.taylor import taylor_remainder_is_of_order_two

HEAD = "class Pair:\n    s: f64\n    v: f64[n]\n\n"
PARAMETERS = (
    "a: f64, b: f64, k: i64, flag: bool, u: f64[n], w: f64[m], p: f64[n, m], z: i64[n], r: Pair(n)"
)
ARGUMENTS = {
    "a": 0.7, "b": -0.3, "k": 2, "flag": True, "u": [0.4, -0.9], "w": [1.1],
    "p": [[0.5], [-0.25]], "z": [1, 0], "r": {"s": 0.3, "v": [0.1, 0.2]},
}  # fmt: skip


def judged(body: str, **changed: float) -> tuple[str, Counter[str]]:
    """What the test says about a program, and what it skipped."""
    text = f"{HEAD}def main({PARAMETERS}) -> f64:\n    return {body}\n"
    skips: Counter[str] = Counter()
    made = Program(text, "main", {**ARGUMENTS, **changed})
    failures = oracles.run(made, (taylor_remainder_is_of_order_two,), skips)
    return "\n".join(failures.values()), skips


@pytest.mark.parametrize(
    "body",
    [
        "sin(a) * exp(b) + sum(u * u) * w[0]",
        "a * b",  # exact to the second order
        "2.0 * a - b",  # linear: no remainder
        "1e8 * sin(1e3 * a) * erf(b)",  # strongly curved
        "f64(sin(f32(a)))",  # J^T c has single precision
        "0.0 * a",
    ],
)
def test_right_derivatives_pass(body: str) -> None:
    assert judged(body) == ("", Counter())


@pytest.mark.parametrize("factor", [1.0 + 1e-9, 1.01, 0.0, -1.0])
def test_wrong_rules_are_seen(factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = partials(lambda e, op: e.scaled(factor, e.math("cos", op.operand)))
    monkeypatch.setitem(table.RULES, mathd.UNARY["sin"], wrong)
    failure, _ = judged("sin(a) * exp(b)")
    assert "orders" in failure


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("abs(a) + b", "a kink at the point"),
        ("relu(a) * b", "a kink at the point"),
        ("b if a > 0.0 else b + 1.0", "a kink at the point"),
        ("stop_gradient(a) / a", "the value is not finite"),
        ("u[k] + a", "the program raises"),
    ],
)
def test_what_has_no_answer_is_counted(body: str, reason: str) -> None:
    failure, skips = judged(body, a=0.0)
    assert not failure
    assert skips == {f"taylor_remainder_is_of_order_two: {reason}": 1}
