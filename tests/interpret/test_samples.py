"""Every op runs in the interpreter, and the samples give the values worked out by hand."""

import numpy as np
import pytest

from dpc.compiler.dialects import ALL_OPS
from dpc.compiler.dialects.math import UNARY_NAMES
from dpc.compiler.dialects.numbers import COMPLEX, REAL, mp_numbers
from dpc.compiler.interpret import run
from dpc.compiler.interpret.run import HANDLERS
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.verify import verify
from tests.ir.sample import Sample
from tests.ir.samples import SAMPLES, UNARY


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_every_op_is_interpreted(op: type[Op]) -> None:
    assert (op in HANDLERS) != op.terminator


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_samples_are_valid_and_give_their_results(sample: Sample) -> None:
    module = parse_module(sample.text)
    verify(module, sample.level)
    arguments = sample.arguments()
    results = run(module, "f", arguments)
    assert len(results) == len(sample.results)
    for found, expected in zip(results, sample.results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    for position, expected in sample.outputs.items():
        np.testing.assert_allclose(arguments[position], expected, rtol=1e-13)


def test_unary_functions_are_those_of_the_field() -> None:
    module = parse_module(UNARY.text)
    arguments = UNARY.arguments()
    run(module, "f", arguments)
    expected = [getattr(REAL, name)(0.5) for name in UNARY_NAMES]
    np.testing.assert_array_equal(arguments[1], expected)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_samples_run_in_every_field(sample: Sample) -> None:
    module = parse_module(sample.text)
    for numbers in (COMPLEX, mp_numbers(30)):
        arguments = [
            a.astype(object) if isinstance(a, np.ndarray) else a for a in sample.arguments()
        ]
        results = run(module, "f", arguments, numbers)
        for found, expected in zip(results, sample.results, strict=True):
            # f32 is not rounded in these fields
            np.testing.assert_allclose(
                np.asarray(found, dtype=complex).real, np.asarray(expected, float), rtol=1e-7
            )
