"""Every model: native = Python running the same text, and its gradient is right."""

from typing import Any

import numpy as np
import pytest

import dpc
from tests.end_to_end.callable_models import CALLABLE_MODELS
from tests.end_to_end.models import MODELS, Model
from tests.end_to_end.recursive_models import RECURSIVE_MODELS
from tests.semantics.python import by_python

ALL = (*MODELS, *CALLABLE_MODELS, *RECURSIVE_MODELS)


@pytest.mark.parametrize("math", ["strict", "fast"])
@pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
def test_value_is_what_python_computes(model: Model, math: Any) -> None:
    expected = by_python(model.source, model.arguments, model.function)
    function = getattr(dpc.compile(model.source, math=math), model.function)
    np.testing.assert_allclose(function(**model.arguments), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
def test_gradient_is_right(model: Model) -> None:
    function = getattr(dpc.compile(model.source), model.function)
    report = dpc.check_grad(function, **model.arguments)
    assert report.ok, str(report)


@pytest.mark.parametrize("model", ALL, ids=lambda m: m.name)
def test_arguments_are_left_alone(model: Model) -> None:
    function = getattr(dpc.compile(model.source), model.function)
    before = {k: np.copy(v) for k, v in model.arguments.items() if isinstance(v, np.ndarray)}
    dpc.value_and_grad(function)(**model.arguments)
    for name, array in before.items():
        np.testing.assert_array_equal(model.arguments[name], array)
