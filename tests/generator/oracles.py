"""What must agree about a program, and with what: each check raises AssertionError.

A program that raises must raise the same everywhere, in its derivatives too.
"""

import copy
import io
import re
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

import dpc
from dpc.compiler.ad.reverse import vjp
from tests.ad.harness import complex_step, evaluate_vjp, float_inputs, split_vjp
from tests.conformance.reference import interpreted
from tests.generator.program import Program
from tests.generator.taylor import UndecidedError, taylor_remainder_is_of_order_two
from tests.generator.trial import FLOATS, Raised, Trial, compiled, flat, outcome
from tests.semantics.python import by_python

_CALL, _TYPE = (r"\bf64\(", "float("), (r"\bf64\b", "real")
Check = Callable[[Trial], None]


def run(
    program: Program, checks: tuple[Check, ...] | None = None, skips: Counter[str] | None = None
) -> dict[str, str]:
    """The checks that fail, by name, with what they say; where rounding alone moves the value, only
    those that compare bits count. `skips` counts why a check had no answer.
    """
    failures: dict[str, str] = {}
    trial = Trial(program)
    try:
        _ = trial.main
    except dpc.CompileError as error:
        found = [
            f"line {d.span.line}: {d.message}" for d in error.diagnostics if d.level == "error"
        ]
        return {"is_legal": "; ".join(found)}
    except AttributeError as error:  # shrunk too far: `main` is gone
        return {"is_legal": str(error)}
    for check in CHECKS if checks is None else checks:
        try:
            with redirect_stdout(io.StringIO()):
                check(trial)
        except UndecidedError as reason:
            if skips is not None:
                skips[f"{check.__name__}: {reason}"] += 1
        except Exception as error:  # whatever it is, it is to be reported with its program
            rounding = check not in EXACT and isinstance(error, AssertionError)
            if not (rounding and not trial.raises and trial.ill_conditioned):
                failures[check.__name__] = f"{type(error).__name__}: {error}"
    return failures


def native_code_agrees_with_python(trial: Trial) -> None:
    """Strict native code = Python over NumPy executing the same text."""
    if trial.raises or not trial.program.python:
        return
    program, text = trial.program, io.StringIO()
    with redirect_stdout(text):
        expected = by_python(
            program.text, copy.deepcopy(trial.arguments), program.function, program.modules
        )
    _close(trial.value, expected, program.tolerance)
    assert trial.printed == text.getvalue(), (trial.printed, text.getvalue())


def fast_agrees_with_strict(trial: Trial) -> None:
    """The default build = the strict one up to rounding."""
    _same(outcome(trial.main, **trial.arguments), trial.value, trial.program.tolerance)


def arguments_are_left_alone(trial: Trial) -> None:
    given = copy.deepcopy(trial.arguments)
    outcome(trial.main, *given.values())
    np.testing.assert_equal(given, trial.arguments)


def interpreter_agrees_bit_for_bit(trial: Trial) -> None:
    """The interpreter of the program as lowered = strict native code."""
    tolerance = 0.0 if trial.program.exact else trial.program.tolerance
    _same(outcome(interpreted(trial.strict), **trial.arguments), trial.value, tolerance)


def interpreted_gradient_agrees_bit_for_bit(trial: Trial) -> None:
    """The same for reverse mode; for every second program, for the sake of time."""
    if trial.raises or trial.program.seed % 2:
        return
    strict = trial.vjp.options(math="strict")
    arguments = [*trial.arguments.values(), trial.cotangent]
    tolerance = 0.0 if trial.program.exact else trial.program.tolerance
    _same(outcome(interpreted(strict), *arguments), outcome(strict, *arguments), tolerance)


def working_precision_agrees(trial: Trial) -> None:
    """`real` for f64: the same bits where it is f64; the interpreter's bits where it is f32. For
    every fourth program, for the sake of time.
    """
    program = trial.program
    texts = {**program.modules, "": program.text}
    if any("f32" in text for text in texts.values()) or not program.exact or program.seed % 4:
        return
    texts = {name: re.sub(*_CALL, text) for name, text in texts.items()}
    texts = {name: re.sub(*_TYPE, text) for name, text in texts.items()}
    moved = replace(program, text=texts.pop(""), modules=texts)
    double, single = (compiled(moved, real) for real in ("f64", "f32"))
    arguments = _single(trial.arguments)
    _same(outcome(interpreted(double), **trial.arguments), trial.value, 0.0)
    _same(outcome(interpreted(single), **arguments), outcome(single, **arguments), 0.0)


def derivatives_raise_the_same(trial: Trial) -> None:
    """Forward mode raises what the program raises, at the same line."""
    if trial.raises:
        found = outcome(interpreted(trial.jvp), *trial.arguments.values(), *trial.tangents)
        assert found == trial.value, (found, trial.value)


def forward_agrees_with_reverse(trial: Trial) -> None:
    """<v, J u> = <J^T v, u> to rounding, and both give the value and print once."""
    if trial.raises:
        return
    text = io.StringIO()
    with redirect_stdout(text):
        _ = trial.backward
    assert trial.printed == text.getvalue(), (trial.printed, text.getvalue())
    (one, tangent), (other, cotangents) = trial.forward, trial.backward
    _close(one, trial.value, trial.program.tolerance)
    _close(other, one, trial.program.tolerance)
    left, right = flat(trial.cotangent) * flat(tangent), flat(cotangents) * flat(trial.tangents)
    scale = np.sum(np.abs(left)) + np.sum(np.abs(right))
    _close(np.sum(left), np.sum(right), trial.program.tolerance, scale)


def forward_agrees_with_complex_steps(trial: Trial) -> None:
    """The tangent = the complex step of the program before any pass."""
    if trial.raises or trial.program.cut or not trial.program.smooth:
        return
    value, tangent = trial.forward
    if not np.isfinite(flat(value)).all():
        return  # the mean of nothing is NaN, of which a complex step is NaN too
    (step,) = complex_step(trial.unoptimised, trial.sizes, trial.inputs, trial.directions)
    _close(tangent, step, trial.program.tolerance)


def passes_keep_gradients(trial: Trial) -> None:
    """Reverse mode of the optimised program = reverse mode of the program before any pass."""
    if trial.raises:
        return
    _, found = evaluate_vjp(trial.unoptimised, trial.sizes, trial.inputs, [trial.cotangent])
    _close(trial.backward[1], found, trial.program.tolerance)


def second_derivatives_agree(trial: Trial) -> None:
    """Forward over reverse = reverse over reverse (the Hessian of <v, f> is symmetric) = complex
    steps of the gradient. Interpreted, and for every third program, for the sake of time.
    """
    program = trial.program
    if trial.raises or program.cut or not program.smooth or program.seed % 3:
        return
    arguments = [*trial.arguments.values(), trial.cotangent]
    twice = interpreted(dpc.jvp(trial.vjp, wrt=FLOATS))(*arguments, *trial.tangents)
    cotangents = (_zero(trial.value), tuple(trial.tangents))
    again = interpreted(dpc.vjp(trial.vjp, wrt=FLOATS))(*arguments, cotangents)
    tolerance = 100 * program.tolerance
    _close(again[1], twice[1][1], tolerance)
    function = trial.unoptimised
    reverse = vjp(function, float_inputs(function))
    inputs = [*trial.inputs, trial.cotangent]
    changes = complex_step(
        reverse, trial.sizes, inputs, [*trial.directions, _zero(trial.cotangent)]
    )
    _close(twice[1][1], split_vjp(function, trial.inputs, changes)[1], tolerance)


def sparse_jacobians_agree(trial: Trial) -> None:
    """The elements that are stored are those of the dense Jacobian, and the others are zero; for
    every fifth program, for the sake of time. Floats decide how long loops of some are.
    """
    if trial.raises or trial.program.seed % 5:
        return
    arguments = [*trial.arguments.values()]
    found = outcome(dpc.jacobian(trial.strict, wrt=FLOATS, sparse=True), *arguments)
    if isinstance(found, Raised):
        assert found.kind == "pattern", found
        return
    expected = dpc.jacobian(trial.strict, wrt=FLOATS)(*arguments)
    _close(_elements(found), _elements(expected), trial.program.tolerance)


def _elements(value: Any) -> list[Any]:
    """All elements of matrices in records and tuples, or of arrays in their places."""
    if value is None:
        return []
    if isinstance(value, tuple | list):
        return [item for part in value for item in _elements(part)]
    if is_dataclass(value):
        return [item for field in fields(value) for item in _elements(getattr(value, field.name))]
    return [np.ravel(value.toarray() if hasattr(value, "toarray") else value)]


CHECKS: tuple[Check, ...] = (
    native_code_agrees_with_python,
    fast_agrees_with_strict,
    arguments_are_left_alone,
    interpreter_agrees_bit_for_bit,
    interpreted_gradient_agrees_bit_for_bit,
    working_precision_agrees,
    derivatives_raise_the_same,
    forward_agrees_with_reverse,
    forward_agrees_with_complex_steps,
    passes_keep_gradients,
    second_derivatives_agree,
    sparse_jacobians_agree,
    taylor_remainder_is_of_order_two,
)

# What a long run checks of each program: value, adjoint identity, Taylor remainder.
LIGHT: tuple[Check, ...] = (
    native_code_agrees_with_python,
    forward_agrees_with_reverse,
    taylor_remainder_is_of_order_two,
)

EXACT: tuple[Check, ...] = (
    arguments_are_left_alone,
    interpreter_agrees_bit_for_bit,
    interpreted_gradient_agrees_bit_for_bit,
    working_precision_agrees,
    derivatives_raise_the_same,
)


def _zero(value: Any) -> Any:
    return np.zeros_like(value) if np.ndim(value) else 0.0


def _single(value: Any) -> Any:
    """Arrays of floats in single precision."""
    if isinstance(value, dict):
        return {name: _single(part) for name, part in value.items()}
    return value.astype(np.float32) if getattr(value, "dtype", None) == np.float64 else value


def _same(found: Any, expected: Any, tolerance: float) -> None:
    """Both raise the same, or return what is close."""
    if isinstance(found, Raised) or isinstance(expected, Raised):
        assert found == expected, (found, expected)
    else:
        _close(found, expected, tolerance)


def _close(found: Any, expected: Any, tolerance: float, scale: float = 0.0) -> None:
    """Equal up to `tolerance` of the largest number; bit for bit where that is 0."""
    if tolerance == 0.0:
        np.testing.assert_array_equal(flat(found), flat(expected))
        return
    numbers = flat(expected)
    size = max(1.0, scale, float(np.max(np.abs(numbers[np.isfinite(numbers)]), initial=0.0)))
    np.testing.assert_allclose(flat(found), numbers, rtol=tolerance, atol=tolerance * size)
