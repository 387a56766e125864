"""Recompute or store: what is decided, and the reasons given."""

import pytest

from dpc.compiler.ad.plan import Decision
from dpc.compiler.ad.reverse import Reversed, reverse_of
from dpc.compiler.dialects import math as mathd
from dpc.compiler.dialects import memref, scf
from tests.ad.harness import check
from tests.ad.programs import loops_of


def reversed_(*lines: str) -> Reversed:
    """Reverse mode of f(x: f64[n], a: f64) with these lines as its body, checked at a point."""
    text = "def f(x: f64[n], a: f64) -> f64:\n" + "".join(f"    {line}\n" for line in lines)
    function = loops_of(text)
    check(function, {"n": 3}, [[0.3, -0.7, 0.9], 0.4], tolerance=1e-11)
    return reverse_of(function, (True, True))


def stored(outcome: Reversed) -> list[Decision]:
    return [d for d in outcome.plan.values() if d.stored]


def line(decision: Decision) -> int:
    """The line of the source at which a value is needed."""
    assert decision.needed_by is not None
    span = decision.needed_by.span
    assert span is not None
    return span.source.position(span.start)[0]


def test_one_value_is_stored_for_the_three_made_of_it() -> None:
    outcome = reversed_(
        "y = a",
        "for i in range(n):",
        "    s = sin(y)",
        "    y = (s + 1.0) * (s - 2.0) * (3.0 * s + x[i])",
        "return y",
    )
    assert len(stored(outcome)) == 2  # y, for the cosine, and s
    assert sorted(line(d) for d in stored(outcome)) == [4, 5]


def test_a_carried_value_says_so_and_where_it_is_needed() -> None:
    outcome = reversed_("y = a", "for i in range(n):", "    y = sin(y) + x[i]", "return y")
    (decision,) = stored(outcome)
    assert decision.reason == "carried from one iteration to the next"
    assert line(decision) == 4
    assert isinstance(decision.needed_by, mathd.UNARY["sin"])


def test_an_overwritten_element_names_what_overwrites_it() -> None:
    outcome = reversed_(
        "v = x * a",
        "for t in range(n):",
        "    for i in range(1, n):",
        "        v[i] = v[i] * v[i - 1]",
        "return sum(v)",
    )
    decisions = stored(outcome)
    assert decisions
    for decision in decisions:
        assert decision.reason == "read from an array that may be overwritten later"
        assert isinstance(decision.overwritten, memref.Store)
        assert line(decision) == 5


def test_nothing_is_stored_of_a_history() -> None:
    outcome = reversed_(
        "u = zeros((n + 1, 2))",
        "u[0, 0] = a",
        "for t in range(n):",
        "    u[t + 1, 0] = u[t, 0] * u[t, 1] + x[t]",
        "    u[t + 1, 1] = u[t, 0] * a",
        "return sum(u[n])",
    )
    assert not stored(outcome)


def test_neighbours_in_a_history_are_read_again() -> None:
    outcome = reversed_(
        "u = zeros((4, n))",
        "u[0] = x * a",
        "for t in range(1, 4):",
        "    for i in range(1, n - 1):",
        "        u[t, i] = u[t - 1, i - 1] * u[t - 1, i + 1] + u[t, i - 1] * u[t - 1, i]",
        "return sum(u[3] * u[1])",
    )
    assert not stored(outcome)


@pytest.mark.parametrize(
    ("index", "kept"),
    [("t - 1", False), ("t + 1", True), ("2 * t + 1", False), ("n - 1 - t", True), ("0", True)],
)
def test_elements_are_stored_if_a_later_iteration_may_overwrite_them(
    index: str, kept: bool
) -> None:
    write = "2 * t" if "2" in index else "t"
    outcome = reversed_(
        "v = zeros(2 * n + 2)",
        "v[0] = a",
        "for t in range(1, n):",
        f"    v[{write}] = v[{index}] * v[{index}] + x[t]",
        "return sum(v * v)",
    )
    assert bool(stored(outcome)) == kept


def kinds(outcome: Reversed) -> list[tuple[str, str]]:
    loops = outcome.iterations.loops.items()
    return [(c.kind, c.reason) for op, c in loops if isinstance(op, scf.For)]


def test_loops_say_how_they_are_reversed() -> None:
    outcome = reversed_("s = 0.0", "for i in range(n):", "    s += exp(sin(x[i]))", "return s")
    assert kinds(outcome) == [("fused", "the adjoint of what it leaves is known before it runs")]
    outcome = reversed_("s = 1.0", "for i in range(n):", "    s += exp(sin(x[i]))", "return log(s)")
    ((kind, reason),) = kinds(outcome)
    assert kind == "replayed"
    assert reason.startswith("what it leaves is needed before its reverse")
    outcome = reversed_("s = a", "for i in range(n):", "    s = sin(s) * x[i]", "return s")
    assert kinds(outcome) == [("stored", "an iteration needs what the one before it left")]
