"""A planted wrong derivative is traced to the statement that it belongs to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.ad import reverse
from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.rules.table import RULES
from dpc.compiler.ad.sweep import Scope
from dpc.compiler.dialects import arith, lapack, memref, scf
from dpc.compiler.dialects import math as mathd
from dpc.compiler.ir.core import Op
from dpc.runtime import referee
from dpc.runtime.blame import Blame, blame
from dpc.runtime.check_gradient import Checker
from dpc.runtime.gradient_test import check_gradients

SOURCE = """
def decay(x: f64[n], k: f64) -> f64:
    total = 0.0
    for i in range(n):
        y = exp(-x[i] * k)
        while y > 0.2:
            y = y * tanh(k)
        if x[i] > 0.0:
            total += sqrt(x[i]) * y
        else:
            total += atan(y)
    z = zeros(n)
    z[0] = total
    z[n - 1] += sin(total)
    return logsumexp(z) * total

def quadratic(a: f64[n, n], b: f64[n]) -> f64:
    s = a @ a.T + eye(n)
    c = cholesky(s)
    return dot(solve(s, b), b) + logdet(s) + sum(c)

def frozen(x: f64[n]) -> f64:
    return sum(x * stop_gradient(exp(x)))
"""

POINTS: dict[str, tuple[Any, ...]] = {
    "decay": (np.array([0.1, -0.3, 0.5, 2.0]), 0.7),
    "quadratic": (
        np.array([[1.0, 0.2, -0.3], [0.5, 2.0, 0.1], [0.3, -0.4, 1.5]]),
        np.array([1.0, -2.0, 0.5]),
    ),
    "frozen": (np.array([0.5, -1.0]),),
}


def _named(name: str) -> type[Op]:
    return next(op for op in mathd.OPS if op.name == f"math.{name}")


# A rule of the table, and the source text to be blamed when it is off by one percent.
SCALAR = {
    "exp": "exp(-x[i] * k)",
    "sqrt": "sqrt(x[i])",
    "tanh": "tanh(k)",
    "atan": "atan(y)",
    "sin": "sin(total)",
}


@pytest.fixture(scope="module")
def m() -> Any:
    return dpc.compile(SOURCE)


def _blamed(m: Any, name: str) -> Blame | None:
    values = POINTS[name]
    entry = m.functions[name].reversible
    return blame(entry.function, [len(values[0]), *values])


@pytest.mark.parametrize("name", POINTS)
def test_right_derivatives_are_not_blamed(m: Any, name: str) -> None:
    assert _blamed(m, name) is None


@pytest.mark.parametrize("name", SCALAR)
def test_a_wrong_partial(m: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = _named(name)
    right = RULES[kind]

    def off(emit: Any, op: Any) -> Any:
        partial = right.entries[0]  # type: ignore[attr-defined]
        return emit.scaled(1.01, partial(emit, op))

    monkeypatch.setitem(RULES, kind, replace(right, entries=(off,)))  # type: ignore[type-var]
    found = _blamed(m, "decay")
    assert found is not None
    assert found.span is not None
    assert found.span.text == SCALAR[name]
    assert found.alone
    assert found.wrong.mode == "forward"


def test_a_wrong_product_is_found_in_reverse_too(m: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that is wrong in one mode alone: the modes disagree."""
    right = RULES[arith.MulF]

    class Wrong:
        carries = right.carries
        tangent = right.tangent

        def cotangent(self, emit: Any, op: Op, position: int, adjoint: Any) -> Any:
            return emit.negf(right.cotangent(emit, op, position, adjoint))

    monkeypatch.setitem(RULES, arith.MulF, Wrong())
    found = _blamed(m, "decay")
    assert found is not None
    assert found.wrong.mode == "reverse"
    assert found.wrong.found == pytest.approx(-found.wrong.expected)


def _without_clearing(right: Callable[..., None]) -> Callable[..., None]:
    def wrong(scope: Scope, op: Op) -> None:
        assert isinstance(op, memref.Store)
        if op in scope.sums or op.buffer not in scope.sweep.activity:
            return right(scope, op)
        scope.add(op.value, scope.emit.load(scope.sweep.shadows[op.buffer], op.indices))
        return None

    return wrong


def test_a_wrong_structural_rule(m: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = _without_clearing(reverse.RULES[memref.Store])
    monkeypatch.setitem(reverse.RULES, memref.Store, wrong)
    found = _blamed(m, "decay")
    assert found is not None
    assert found.span is not None
    assert found.span.text in ("z[0]", "z[0] = total")
    assert found.wrong.mode == "reverse"


def test_a_wrong_loop(m: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every op inside is right; the loop loses the cotangents of what it carries."""
    right = reverse.RULES[scf.While]

    def wrong(scope: Scope, op: Op) -> None:
        right(scope, op)
        assert isinstance(op, scf.While)
        for value in op.inits:
            scope.take(value)

    monkeypatch.setitem(reverse.RULES, scf.While, wrong)
    found = _blamed(m, "decay")
    assert found is not None
    assert found.span is not None
    assert found.span.text.startswith("while y > 0.2")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (lapack.Cholesky, "cholesky(s)"),
        (lapack.LuSolve, "solve(s, b)"),
        (lapack.Det, "logdet(s)"),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_wrong_closed_form(
    m: Any, kind: type[Op], text: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: Any) -> None:
        """Leaves tangents and cotangents as they are."""

    def zero(m: Any, op: Op, x: Any) -> None:
        for shadow in x.shadows.values():
            m.emit.zero(shadow.value)

    wrong = replace(FORMS[kind], **{mode: zero if mode == "forward" else nothing})  # type: ignore[arg-type]
    monkeypatch.setitem(FORMS, kind, wrong)
    found = _blamed(m, "quadratic")
    assert found is not None
    assert found.span is not None
    assert found.span.text == text


def test_the_report_names_the_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = _named("sqrt")
    right = RULES[kind]

    def off(emit: Any, op: Any) -> Any:
        return emit.scaled(1.01, right.entries[0](emit, op))  # type: ignore[attr-defined]

    monkeypatch.setitem(RULES, kind, replace(right, entries=(off,)))  # type: ignore[type-var]
    function = dpc.compile("def f(x: f64) -> f64:\n    y = x * x\n    return sqrt(1.0 + y)\n").f
    report = dpc.check_grad(function, 1.5)
    assert not report.ok
    assert "wrong derivative is that of `sqrt(1.0 + y)` at inline:3:12: forward mode" in str(report)
    assert "`sqrt(1.0 + y)` at inline:3:12" in str(check_gradients(function))


LOGISTIC_MAP = """
def logistic_map(x: f64, steps: i64) -> f64:
    for t in range(steps):
        x = 3.99 * x * (1.0 - x)
    return x
"""


@pytest.mark.parametrize(("steps", "decided"), [(5, True), (200, False)])
def test_chaos_decides_nothing(steps: int, decided: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reverse mode off by 1e-6 is wrong, but not where rounding of the argument changes more."""
    monkeypatch.setattr(referee, "LONGEST_CALL", -1.0)  # no appeal to high precision
    function = dpc.compile(LOGISTIC_MAP).logistic_map
    checker = Checker(function)
    right = checker._vjp

    def off(*values: Any) -> Any:
        value, cotangent = right(*values)
        return value, cotangent * (1 + 1e-6)

    monkeypatch.setattr(checker, "_vjp", off)
    report = checker.check((0.3, steps), {}, None, np.random.default_rng(0))
    assert report.ok is not decided
    assert report.unstable is not decided
    assert ("undecided: rounding of the arguments changes J v" in str(report)) is not decided


def test_a_wrong_derivative_is_not_excused_by_the_right_one() -> None:
    """High precision finds the program's derivative right; the native one is what is judged."""
    m = dpc.compile(
        "def square(x: f64) -> f64:\n    return x * x\n"
        "def nearly(x: f64) -> f64:\n    return x * x + 0.0001 * x * sin(x)\n"
    )
    checker, other = Checker(m.square), Checker(m.nearly)
    checker._jvp, checker._vjp = other._jvp, other._vjp
    report = checker.check((1.5,), {}, None, np.random.default_rng(0))
    assert not report.ok
    assert not report.unstable


def test_a_recursive_function(monkeypatch: pytest.MonkeyPatch) -> None:
    m = dpc.compile(
        "def f(x: f64, n: i64) -> f64:\n"
        "    if n == 0:\n        return x\n"
        "    return sqrt(1.0 + f(x * x, n - 1))\n"
    )
    assert blame(m.f.reversible.function, [0.5, 3]) is None
    kind = _named("sqrt")
    right = RULES[kind]

    def off(emit: Any, op: Any) -> Any:
        return emit.scaled(1.01, right.entries[0](emit, op))  # type: ignore[attr-defined]

    monkeypatch.setitem(RULES, kind, replace(right, entries=(off,)))  # type: ignore[type-var]
    found = blame(m.f.reversible.function, [0.5, 3])
    assert found is not None
    assert found.span is not None
    assert found.span.text == "sqrt(1.0 + f(x * x, n - 1))"
