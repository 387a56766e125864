"""Models of many fields: native code = Python over NumPy, and their gradients are right."""

from typing import Any

import numpy as np
import pytest

import dpc
from tests.conformance.reference import interpreted
from tests.end_to_end.science import SCIENCE, Science
from tests.semantics.python import by_python


@pytest.mark.parametrize("model", SCIENCE, ids=lambda m: m.name)
def test_value_is_what_python_computes(model: Science) -> None:
    expected = by_python(model.source, model.arguments)
    function = dpc.compile(model.source, name=model.name).f
    strict = function.options(math="strict")
    calls: tuple[Any, ...] = (function, strict, interpreted(strict))
    for call in calls:
        np.testing.assert_allclose(call(**model.arguments), expected, rtol=1e-12)


@pytest.mark.parametrize("model", SCIENCE, ids=lambda m: m.name)
def test_gradient_is_right(model: Science) -> None:
    report = dpc.check_grad(dpc.compile(model.source, name=model.name).f, **model.arguments)
    assert report.ok, str(report)
