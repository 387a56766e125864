"""The fields of numbers: C's edge cases, agreement with many digits, complex steps."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpc.compiler.dialects.math import UNARY_NAMES
from dpc.compiler.dialects.numbers import COMPLEX, REAL, mp_numbers

INF, NAN = math.inf, math.nan
STEPS = ("floor", "ceil", "roundeven", "trunc", "sign")

# method, operands, what C (or the documentation of the op) says
EDGES: list[tuple[str, tuple[Any, ...], float]] = [
    ("exp", (1000.0,), INF), ("exp", (-INF,), 0.0), ("exp2", (2000.0,), INF),
    ("expm1", (1e4,), INF),
    ("expm1", (-INF,), -1.0), ("log", (0.0,), -INF), ("log", (-0.0,), -INF), ("log", (-1.0,), NAN),
    ("log", (INF,), INF), ("log2", (0.0,), -INF), ("log10", (-2.0,), NAN), ("log1p", (-1.0,), -INF),
    ("log1p", (-2.0,), NAN), ("sqrt", (-1.0,), NAN), ("sqrt", (-0.0,), -0.0), ("sqrt", (INF,), INF),
    ("rsqrt", (0.0,), INF), ("rsqrt", (INF,), 0.0), ("rsqrt", (-1.0,), NAN),
    ("cbrt", (-8.0,), -2.0),
    ("sin", (INF,), NAN), ("cos", (-INF,), NAN), ("tan", (INF,), NAN), ("asin", (1.5,), NAN),
    ("acos", (-1.5,), NAN), ("sinh", (-1e4,), -INF), ("cosh", (-1e4,), INF),
    ("tanh", (-INF,), -1.0),
    ("acosh", (0.5,), NAN), ("atanh", (1.0,), INF), ("atanh", (-1.0,), -INF),
    ("atanh", (2.0,), NAN),
    ("lgamma", (0.0,), INF), ("lgamma", (-3.0,), INF), ("lgamma", (-INF,), INF),
    ("lgamma", (1e306,), INF), ("digamma", (0.0,), -INF), ("digamma", (-0.0,), INF),
    ("digamma", (-2.0,), NAN), ("digamma", (INF,), INF), ("polygamma", (1, -2.0), INF),
    ("polygamma", (2, -2.0), NAN), ("polygamma", (-1, 1.0), NAN), ("polygamma", (1, INF), 0.0),
    ("erf", (INF,), 1.0), ("erfc", (-INF,), 2.0), ("sigmoid", (-1e4,), 0.0),
    ("sigmoid", (1e4,), 1.0),
    ("softplus", (-1e4,), 0.0), ("softplus", (1e4,), 1e4), ("softplus", (INF,), INF),
    ("sign", (-3.0,), -1.0), ("sign", (NAN,), NAN), ("sign", (0.0,), 0.0),
    ("floor", (-0.5,), -1.0), ("floor", (-0.0,), -0.0), ("floor", (INF,), INF),
    ("ceil", (-0.5,), -0.0),
    ("trunc", (-0.5,), -0.0), ("roundeven", (2.5,), 2.0), ("roundeven", (-0.5,), -0.0),
    ("roundeven", (1e300,), 1e300), ("floor", (NAN,), NAN), ("absf", (-0.0,), 0.0),
    ("div", (1.0, 0.0), INF), ("div", (1.0, -0.0), -INF), ("div", (0.0, 0.0), NAN),
    ("div", (NAN, 0.0), NAN), ("fmod", (-5.5, 2.0), -1.5), ("fmod", (1.0, 0.0), NAN),
    ("fmod", (INF, 2.0), NAN), ("fmod", (3.0, INF), 3.0), ("floormod", (-5.5, 2.0), 0.5),
    ("floormod", (5.5, -2.0), -0.5), ("floormod", (1.0, 0.0), NAN), ("floormod", (INF, 2.0), NAN),
    ("maximum", (0.0, -0.0), 0.0), ("maximum", (-0.0, 0.0), 0.0), ("minimum", (0.0, -0.0), -0.0),
    ("minimum", (-0.0, 0.0), -0.0), ("maximum", (NAN, 1.0), NAN), ("minimum", (1.0, NAN), NAN),
    ("maximum", (-INF, 2.0), 2.0), ("powf", (0.0, 0.0), 1.0), ("powf", (NAN, 0.0), 1.0),
    ("powf", (1.0, NAN), 1.0), ("powf", (0.0, -1.0), INF), ("powf", (-0.0, -3.0), -INF),
    ("powf", (-0.0, -2.0), INF), ("powf", (-8.0, 1 / 3), NAN), ("powf", (-2.0, 3.0), -8.0),
    ("powf", (1e200, 2.0), INF), ("powf", (-1e200, 3.0), -INF), ("powf", (-1.0, INF), 1.0),
    ("powf", (0.5, INF), 0.0), ("powf", (-INF, 3.0), -INF), ("fpowi", (0.0, 0), 1.0),
    ("fpowi", (NAN, 0), 1.0), ("fpowi", (2.0, -3), 0.125), ("fpowi", (0.0, -3), INF),
    ("fpowi", (-2.0, 5), -32.0), ("hypot", (INF, NAN), INF), ("hypot", (-1e300, 0.0), 1e300),
    ("logaddexp", (-INF, -INF), -INF), ("logaddexp", (INF, -INF), INF),
    ("logaddexp", (-INF, 2.0), 2.0), ("logaddexp", (800.0, 800.0), 800.0 + math.log(2.0)),
    ("logaddexp", (NAN, 1.0), NAN), ("atan2", (0.0, -0.0), math.pi), ("copysign", (-3.0, 0.0), 3.0),
    ("fma", (1e308, 10.0, -INF), -INF), ("fma", (2.0**53 + 2, 2.0**53 - 2, -(2.0**106)), -4.0),
    ("fma", (0.0, -1.0, 0.0), 0.0), ("fma", (-0.0, 1.0, -0.0), -0.0),
    ("fma", (1e308, 1e308, 0.0), INF),
    ("mulz", (0.0, INF), 0.0), ("mulz", (NAN, -0.0), 0.0), ("mulz", (2.0, INF), INF),
    ("round_to", (1e39, 32), INF), ("round_to", (-1e-50, 32), -0.0),
    ("round_to", (0.1, 32), float(np.float32(0.1))), ("round_to", (0.1, 64), 0.1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands", "expected"), EDGES)
def test_real_numbers_at_the_edges(name: str, operands: tuple[Any, ...], expected: float) -> None:
    found = getattr(REAL, name)(*operands)
    if math.isnan(expected):
        assert math.isnan(found)
    else:
        assert (found, math.copysign(1.0, found)) == (expected, math.copysign(1.0, expected))


@pytest.mark.parametrize(("name", "operands", "expected"), EDGES)
def test_complex_numbers_have_the_same_real_part(
    name: str, operands: tuple[Any, ...], expected: float
) -> None:
    lifted = [COMPLEX.lift(x) if isinstance(x, float) else x for x in operands]
    if name == "round_to":
        assert COMPLEX.round_to(*lifted) == operands[0]
        return
    found = getattr(COMPLEX, name)(*lifted).real
    if math.isnan(expected):
        assert math.isnan(found)
    else:
        assert found == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("numbers", [REAL, COMPLEX, mp_numbers(20)], ids=["real", "complex", "mp"])
def test_conversions_to_integers_saturate_to_the_least(numbers: Any) -> None:
    for width in (32, 64):
        least = -(2 ** (width - 1))
        for value in (NAN, INF, -INF, 2.0 ** (width - 1), -(2.0**width), 1e300):
            assert numbers.to_int(numbers.lift(value), width) == least
        assert numbers.to_int(numbers.lift(-2.9), width) == -2
        assert numbers.to_int(numbers.lift(float(least)), width) == least


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_round_to_floats_once(value: int) -> None:
    assert REAL.from_int(value, 64) == float(value)
    assert REAL.from_int(value, 32) == float(np.int64(value).astype(np.float32))


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [("oeq", "0100"), ("ogt", "0010"), ("oge", "0110"), ("olt", "1000"), ("ole", "1100"),
     ("une", "1011")],
)  # fmt: skip
def test_comparisons(predicate: str, expected: str) -> None:
    pairs = ((1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (NAN, 2.0))
    for numbers in (REAL, COMPLEX, mp_numbers(20)):
        lifted = [(numbers.lift(a), numbers.lift(b)) for a, b in pairs]
        assert "".join(str(numbers.compare(predicate, a, b)) for a, b in lifted) == expected


def test_integer_powers_wrap() -> None:
    assert REAL.ipowi(3, 41, 64) == (3**41 + 2**63) % 2**64 - 2**63
    assert REAL.ipowi(-2, 31, 32) == -(2**31)
    assert REAL.ipowi(5, 0, 64) == 1
    assert REAL.ipowi(5, -1, 64) == 0


POINTS = (-19.3, -3.7, -1.2, -0.7, -1e-6, 1e-9, 0.3, 0.98, 1.4, 2.5, 17.2, 160.0)


@pytest.mark.parametrize("name", UNARY_NAMES)
def test_unary_functions_against_many_digits(name: str) -> None:
    precise = mp_numbers(50)
    for x in POINTS:
        exact = getattr(precise, name)(precise.lift(x))
        real, stepped = getattr(REAL, name)(x), getattr(COMPLEX, name)(complex(x, 1e-30))
        if math.isnan(exact):
            assert math.isnan(real)
            assert math.isnan(stepped.real)
            continue
        assert real == pytest.approx(float(exact), rel=2e-14, abs=1e-16)
        assert stepped.real == pytest.approx(float(exact), rel=1e-14, abs=1e-16)


@pytest.mark.parametrize("name", [n for n in UNARY_NAMES if n not in STEPS])
def test_complex_steps_against_differences_of_many_digits(name: str) -> None:
    precise = mp_numbers(60)
    h = precise.lift(1e-20)
    function = getattr(precise, name)
    for x in POINTS:
        point = precise.lift(x)
        slope = (function(point + h) - function(point - h)) / (2 * h)
        stepped = getattr(COMPLEX, name)(complex(x, 1e-30))
        if math.isnan(slope):
            assert math.isnan(stepped.imag)
        else:
            assert stepped.imag * 1e30 == pytest.approx(float(slope), rel=1e-13, abs=1e-17)


BINARY_POINTS = ((0.7, 1.9), (2.5, -1.2), (3.0, 0.1), (-4.5, 2.0), (5.5, 5.25))


@pytest.mark.parametrize(
    "name", ["atan2", "powf", "hypot", "logaddexp", "floormod", "fmod", "copysign", "maximum",
             "minimum", "div", "mulz"],
)  # fmt: skip
def test_binary_functions_in_all_fields(name: str) -> None:
    precise = mp_numbers(60)
    h = precise.lift(1e-20)
    function = getattr(precise, name)
    for left, right in BINARY_POINTS:
        a, b = precise.lift(left), precise.lift(right)
        exact = float(function(a, b))
        assert getattr(REAL, name)(left, right) == pytest.approx(exact, rel=1e-14, nan_ok=True)
        stepped = getattr(COMPLEX, name)(complex(left, 1e-30), complex(right))
        assert stepped.real == pytest.approx(exact, rel=1e-14, nan_ok=True)
        slope = float((function(a + h, b) - function(a - h, b)) / (2 * h))
        assert stepped.imag * 1e30 == pytest.approx(slope, rel=1e-13, abs=1e-17, nan_ok=True)
        if left > 0:  # a power of a negative base has no derivative in its exponent
            stepped = getattr(COMPLEX, name)(complex(left), complex(right, 1e-30))
            slope = float((function(a, b + h) - function(a, b - h)) / (2 * h))
            assert stepped.imag * 1e30 == pytest.approx(slope, rel=1e-13, abs=1e-17)


@pytest.mark.parametrize("order", [1, 2, 3, 8, 25])
def test_polygamma_against_many_digits(order: int) -> None:
    precise = mp_numbers(50)
    for x in (*POINTS, 1e-4, -1e-4, -7.999, 0.5, -2.5, 1e5):
        exact = float(precise.polygamma(order, precise.lift(x)))
        assert REAL.polygamma(order, x) == pytest.approx(exact, rel=2e-14)
        following = float(precise.polygamma(order + 1, precise.lift(x)))
        stepped = COMPLEX.polygamma(order, complex(x, 1e-30))
        assert stepped.imag * 1e30 == pytest.approx(following, rel=1e-13)


def test_polygamma_of_large_order() -> None:
    precise = mp_numbers(50)
    for x in (0.5, 12.0, 400.0):
        exact = float(precise.polygamma(200, precise.lift(x)))
        assert REAL.polygamma(200, x) == pytest.approx(exact, rel=1e-11)


def test_derivatives_where_the_function_has_none_follow_the_language() -> None:
    h = 1e-30
    assert COMPLEX.absf(complex(0.0, h)) == 0.0
    assert COMPLEX.sqrt(complex(0.0, h)) == complex(0.0, INF)
    assert COMPLEX.cbrt(complex(0.0, h)) == complex(0.0, INF)
    assert COMPLEX.log(complex(0.0, h)) == complex(-INF, INF)
    assert COMPLEX.hypot(complex(0.0, h), 0.0) == 0.0
    assert COMPLEX.atan2(complex(0.0, h), 0.0) == 0.0
    assert COMPLEX.maximum(complex(1.0, h), 1.0).imag == h
    assert COMPLEX.maximum(1.0, complex(1.0, h)).imag == 0.0
    assert COMPLEX.stop_gradient(complex(1.0, h)) == 1.0
    assert COMPLEX.powf(-2.0, complex(3.0, h)) == pytest.approx(-8.0)


def test_strong_products_differentiate_as_products() -> None:
    h = 1e-30
    assert COMPLEX.mulz(complex(0.0, h), complex(INF, 0.0)) == complex(0.0, INF)
    assert COMPLEX.mulz(complex(0.0, 0.0), complex(NAN, h)) == 0.0
    assert COMPLEX.mulz(complex(2.0, h), complex(3.0, h)).imag == pytest.approx(5e-30)
