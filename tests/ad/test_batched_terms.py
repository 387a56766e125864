"""Terms over many members in the reference interpreter: against one member at a time, and their
derivatives, reverse against forward, with and without reverse code inside.
"""

from typing import Any

import numpy as np
import pytest

from dpc.compiler.ad.batched_terms import batched
from dpc.compiler.ad.layout import arguments
from dpc.compiler.ad.members import Label, Members, member
from dpc.compiler.ad.terms import Term, bar, dot, forward, reverse, term_of
from tests.ad.harness import evaluate, function_of, like
from tests.ad.test_terms import TEXT, simplify

SIZES = {"n": 3, "many": 3}
BASE = term_of(function_of(TEXT))
X, A = BASE.inputs
VALUE, OUT = BASE.scalars[0], BASE.outputs[0]
TANGENT = forward(BASE, (X, A), simplify)
GRADIENT = reverse(BASE, (X, A), simplify)


def values(term: Term, given: dict[Label, Any]) -> dict[Label, Any]:
    """What a term computes."""
    found = evaluate(term.simplified(simplify), SIZES, [given[n] for n in term.inputs])
    return dict(zip((*term.scalars, *term.outputs), found, strict=True))


def point(term: Term) -> dict[Label, Any]:
    """Random values for all inputs."""
    generator = np.random.default_rng(3)
    given: dict[Label, Any] = {}
    for label, (parameter, _) in zip(term.inputs, arguments(term.function, "input"), strict=True):
        shape = [e if isinstance(e, int) else SIZES[e] for e in parameter.extents]
        given[label] = generator.normal(size=shape) if shape else float(generator.normal())
    return given


def mapped(term: Term, axes: dict[Label, int]) -> Term:
    """All results stacked, at their first axis."""
    results = dict.fromkeys((*term.scalars, *term.outputs), 0)
    return batched(term, Members((("many",),), axes, stacked=results), simplify)


def columns(term: Term, lanes: int) -> Term:
    """The derivatives of both results by both parameters."""
    level = term.level + 1
    tangent = forward(term, (X, A), simplify)
    members = Members(
        (("n",), ()),
        seeds={dot(level, X): 0, dot(level, A): 1},
        stacked={dot(level, VALUE): 0, dot(level, OUT): 1},
        shows_once=True,
    )
    return batched(tangent, members, simplify, lanes)


def check(term: Term) -> None:
    """<bar, J dot> = <J^T bar, dot>."""
    generator = np.random.default_rng(5)
    given, level, active = point(term), term.level + 1, term.inputs
    found = values(term, given)
    along = {dot(level, n): like(given[n], generator) for n in active}
    weights = {bar(level, n): like(v, generator) for n, v in found.items()}
    tangents = values(forward(term, active, simplify), {**given, **along})
    gradients = values(reverse(term, active, simplify), {**given, **weights})
    for label, value in found.items():
        np.testing.assert_allclose(gradients[label], value, rtol=1e-11, atol=1e-12)
    left = sum(np.sum(weights[bar(level, n)] * tangents[dot(level, n)]) for n in found)
    right = sum(np.sum(gradients[bar(level, n)] * along[dot(level, n)]) for n in active)
    assert left == pytest.approx(right, rel=1e-11)


AXES: dict[str, dict[Label, int]] = {"rows": {X: 0}, "columns and a": {X: 1, A: 0}, "a": {A: 0}}


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
@pytest.mark.parametrize("term", [BASE, TANGENT, GRADIENT], ids=["plain", "forward", "reverse"])
def test_many_members_are_one_after_another(term: Term, axes: dict[Label, int]) -> None:
    many = mapped(term, axes)
    given = point(many)
    found = values(many, given)
    for k in range(SIZES["many"]):
        own = {
            n: np.take(given[member(0, n)], k, axes[n]) if n in axes else given[n]
            for n in term.inputs
        }
        for label, value in values(term, own).items():
            np.testing.assert_array_equal(found[member(0, label)][k], value)


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
@pytest.mark.parametrize("term", [BASE, GRADIENT], ids=["plain", "reverse"])
def test_derivatives_of_many_members(term: Term, axes: dict[Label, int]) -> None:
    check(mapped(term, axes))


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_columns_are_tangents(lanes: int) -> None:
    given, level = point(BASE), BASE.level + 1
    found = values(columns(BASE, lanes), given)
    for k in range(SIZES["n"] + 1):
        along = {dot(level, X): np.eye(4, 3)[k], dot(level, A): float(k == 3)}
        one = values(TANGENT, {**given, **along})
        segment, column = (0, (..., k)) if k < SIZES["n"] else (1, ...)
        for result in (VALUE, OUT):
            made = np.asarray(found[member(segment, dot(level, result))])
            np.testing.assert_allclose(made[column], one[dot(level, result)], rtol=1e-13)


@pytest.mark.parametrize("lanes", [1, 3])
def test_derivatives_of_columns(lanes: int) -> None:
    check(columns(BASE, lanes))


def test_derivatives_of_columns_of_reverse_code() -> None:
    check(columns(GRADIENT, 1))


def test_lanes_share_what_tangents_do_not_change() -> None:
    """Four lanes compute each sine of the values once."""

    def sines(term: Term) -> int:
        ops = term.simplified(simplify).body.walk()
        return sum(op.name == "math.sin" for op in ops)

    assert sines(columns(BASE, 4)) <= 2 * sines(columns(BASE, 1))
