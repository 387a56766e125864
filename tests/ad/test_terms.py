"""Derivatives of derivatives, to the third order, reverse against forward at each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from dpc.compiler import pipeline
from dpc.compiler.ad.layout import arguments
from dpc.compiler.ad.terms import Arrangement, Label, Term, arrange, bar, dot, forward, reverse
from dpc.compiler.ad.terms import term_of as plain_term_of
from dpc.compiler.ir.core import Module
from tests.ad.harness import evaluate, function_of, like

TEXT = """
func.func @f(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}, %a: f64,
    %out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.5 : f64
  scf.for %i = %c0 to %n step %c1 {
    %1 = memref.load %x[%i] : memref<?xf64>
    %2 = math.sin %1 : f64
    %3 = arith.mulf %2, %a : f64
    memref.store %3, %out[%i] : memref<?xf64>
  }
  %t = scf.for %i = %c0 to %n step %c1 iter_args(%s = %zero) -> (f64) {
    %u = scf.for %j = %c0 to %i step %c1 iter_args(%r = %s) -> (f64) {
      %7 = memref.load %out[%j] : memref<?xf64>
      %8 = arith.mulf %r, %7 : f64
      %9 = math.cos %8 : f64
      %c = arith.cmpf ogt, %9, %a : f64
      %q = scf.if %c -> (f64) {
        %10 = arith.mulf %9, %a : f64
        %e = math.exp %10 : f64
        scf.yield %e : f64
      } else {
        scf.yield %r : f64
      }
      scf.yield %q : f64
    }
    scf.yield %u : f64
  }
  func.return %t : f64
}
"""
SIZES = {"n": 4}


def simplify(module: Module) -> Module:
    """The passes of the loops level, verified each."""
    return pipeline.run(module, pipeline.loops("strict"), verify_each=True)


@dataclass
class Values:
    """What a term computes at given values of its labels."""

    term: Term

    def at(self, given: dict[Label, Any]) -> dict[Label, Any]:
        function = self.term.simplified(simplify)
        found = evaluate(function, SIZES, [given[n] for n in self.term.inputs])
        return dict(zip((*self.term.scalars, *self.term.outputs), found, strict=True))


def point(term: Term) -> dict[Label, Any]:
    """Random values for all inputs; those of the plain function are always the same."""
    generator = np.random.default_rng(3)
    fixed: dict[Label, Any] = {("in", 0): np.linspace(0.1, 2.0, 4), ("in", 1): 0.3}
    given: dict[Label, Any] = {}
    for label, (parameter, _) in zip(term.inputs, arguments(term.function, "input"), strict=True):
        shape = [e if isinstance(e, int) else SIZES[e] for e in parameter.extents]
        drawn = generator.normal(size=shape) if shape else float(generator.normal())
        given[label] = fixed.get(label, drawn)
    return given


def check(term: Term, active: tuple[Label, ...]) -> None:
    """<bar, J dot> = <J^T bar, dot>, and both give the term's own results."""
    generator = np.random.default_rng(5)
    given, level = point(term), term.level + 1
    values = Values(term).at(given)
    along = {dot(level, n): like(given[n], generator) for n in active}
    weights = {bar(level, n): like(v, generator) for n, v in values.items()}
    tangents = Values(forward(term, active, simplify)).at({**given, **along})
    gradients = Values(reverse(term, active, simplify)).at({**given, **weights})
    for label, value in values.items():
        np.testing.assert_allclose(tangents[label], value, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(gradients[label], value, rtol=1e-11, atol=1e-12)
    left = sum(np.sum(weights[bar(level, n)] * tangents[dot(level, n)]) for n in values)
    right = sum(np.sum(gradients[bar(level, n)] * along[dot(level, n)]) for n in active)
    assert left == pytest.approx(right, rel=1e-11)


BASE = plain_term_of(function_of(TEXT))
X, A = BASE.inputs
ONCE = reverse(BASE, (X, A), simplify)
BY_X = reverse(BASE, (X,), simplify)


@pytest.mark.parametrize("active", [(X,), (A,), (X, A)])
def test_plain(active: tuple[Label, ...]) -> None:
    check(BASE, active)


def test_forward_code_is_reversed_as_it_is() -> None:
    tangent = forward(BASE, (X, A), simplify)
    check(tangent, tangent.inputs)
    check(tangent, tangent.inputs[:1])


@pytest.mark.parametrize("term", [ONCE, BY_X], ids=["by all", "by x"])
def test_reverse_code_is_reversed_by_symmetry(term: Term) -> None:
    check(term, term.inputs)
    for label in term.inputs:
        check(term, (label,))


def test_forward_over_reverse_is_reversed_by_symmetry() -> None:
    tangent = forward(ONCE, (X,), simplify)
    check(tangent, tangent.inputs)
    check(tangent, tangent.inputs[-1:])


def test_reverse_over_forward() -> None:
    term = reverse(forward(BASE, (X,), simplify), (X, A), simplify)
    check(term, term.inputs)


def test_third_order() -> None:
    term = reverse(ONCE, (X, A), simplify)
    check(term, (X, A))


def test_arranged_terms_keep_their_derivatives() -> None:
    """The gradient by x alone: cotangent of the scalar fixed to 1, everything else dropped."""
    level = ONCE.level
    scalar, output = BASE.scalars[0], BASE.outputs[0]
    fixed = {bar(level, scalar): 1.0, bar(level, output): 0.0}
    gradient = Arrangement({A: A, X: X}, {}, {("g",): bar(level, X)}, fixed)
    term = arrange(ONCE, gradient)
    assert term.inputs == (A, X)
    check(term, (X, A))
    twice = reverse(term, (X,), simplify)
    check(twice, (X, A))
