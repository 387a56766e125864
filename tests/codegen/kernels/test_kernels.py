import math
from typing import Any

import mpmath
import numpy as np
import pytest

from dpc.compiler.codegen import elementary
from dpc.compiler.codegen.kernels.table import KERNELS
from tests.codegen.kernels import coefficients
from tests.codegen.kernels.domains import DOMAINS, INF, NAN, TINY
from tests.codegen.kernels.running import Array, apply, same_bits

MOST_ULP = {"erfc": 4.0}  # 2.5 for the others
FUSED = pytest.mark.parametrize("fuses", [True, False], ids=["fma", "no fma"])


def ulps(found: Array, exact: list[Any]) -> float:
    """The largest distance in units of the last place of the exact result."""
    worst = 0.0
    for value, wanted in zip(found.tolist(), exact, strict=True):
        rounded = float(wanted)
        if math.isinf(rounded):
            assert value == rounded
            continue
        distance = abs(mpmath.mpf(value) - wanted) / mpmath.mpf(math.ulp(rounded))
        worst = max(worst, float(distance))
    return worst


def test_every_kernel_of_one_argument_has_a_domain() -> None:
    assert set(DOMAINS) | {"powf", "atan2", "logaddexp"} == set(KERNELS)


def test_coefficients_are_what_the_generator_writes() -> None:
    assert coefficients.TARGET.read_text() == coefficients.generated()


@FUSED
@pytest.mark.parametrize("name", DOMAINS)
def test_accuracy(name: str, fuses: bool) -> None:
    domain = DOMAINS[name]
    with mpmath.workdps(40):
        for arguments in domain.arguments:
            exact = [domain.exact(mpmath.mpf(x)) for x in arguments.tolist()]
            assert ulps(apply(name, arguments, fuses=fuses), exact) <= MOST_ULP.get(name, 2.5)


@FUSED
@pytest.mark.parametrize("name", DOMAINS)
def test_special_values(name: str, fuses: bool) -> None:
    arguments, wanted = (np.array(side) for side in zip(*DOMAINS[name].specials, strict=True))
    for width in (1, 8):
        assert same_bits(apply(name, arguments, width=width, fuses=fuses), wanted)


@pytest.mark.parametrize("width", [2, 4, 8])
@pytest.mark.parametrize("name", DOMAINS)
def test_lanes_have_the_bits_of_the_scalar_function(name: str, width: int) -> None:
    specials = np.array([x for x, _ in DOMAINS[name].specials])
    x = np.concatenate([*DOMAINS[name].arguments, specials])
    np.random.default_rng(1).shuffle(x)
    scalar = apply(name, x)
    assert same_bits(apply(name, x, width=width), scalar)
    assert same_bits(apply(name, x, inlined=False), scalar)


@pytest.mark.parametrize("name", KERNELS)
def test_f32_is_rounded_once(name: str) -> None:
    low, high = (-0.99, 0.99) if name in ("asin", "acos", "atanh") else (1.0, 20.0)
    x = np.random.default_rng(2).uniform(low, high, 999).astype(np.float32)
    y = x[::-1].copy()
    wide = apply(name, x.astype(np.float64), y.astype(np.float64)).astype(np.float32)
    for width in (1, 8, 16):
        assert same_bits(apply(name, x, y, width=width, element="float"), wide)


@pytest.mark.parametrize("name", [*elementary.UNARY, *sorted(elementary.BINARY)])
def test_every_function_has_a_vector_form(name: str) -> None:
    x = np.random.default_rng(3).uniform(1.0, 3.0, 64)
    y = x[::-1].copy()
    for kernels in (True, False):
        scalar = apply(name, x, y, kernels=kernels)
        assert np.all(np.isfinite(scalar) | (name in ("acos", "asin", "atanh")))
        assert same_bits(apply(name, x, y, width=4, kernels=kernels), scalar)


@FUSED
def test_power_is_almost_correctly_rounded(fuses: bool) -> None:
    random = np.random.default_rng(4)
    x = 10.0 ** random.uniform(-300, 300, 800)
    y = random.uniform(-745, 709, 800) / np.log(x)
    near = 1 + random.choice([-1.0, 1.0], 800) * 10.0 ** random.uniform(-15, -1, 800)
    large = random.uniform(-700, 700, 800) / np.log(near)
    small = random.uniform(0.1, 10, 800)
    for base, exponent in ((x, y), (near, large), (small, random.uniform(-9, 9, 800))):
        with mpmath.workdps(60):
            exact = [mpmath.mpf(a) ** mpmath.mpf(b) for a, b in zip(base, exponent, strict=True)]
            assert ulps(apply("powf", base, exponent, fuses=fuses), exact) <= 1.0


@FUSED
def test_exact_powers_are_exact(fuses: bool) -> None:
    pairs = [(float(b), float(e)) for b in range(1, 40) for e in range(10) if b**e < 2**53]
    base, exponent = (np.array(side) for side in zip(*pairs, strict=True))
    wanted = np.array([b**e for b, e in pairs])
    assert same_bits(apply("powf", base, exponent, width=8, fuses=fuses), wanted)
    assert same_bits(apply("powf", base**2, np.full(base.shape, 0.5), fuses=fuses), base)


@FUSED
def test_angle_of_a_point(fuses: bool) -> None:
    random = np.random.default_rng(9)
    sizes = 10.0 ** random.uniform(-300, 300, 500)
    for ratio in (random.uniform(-3, 3, 500), 10.0 ** random.uniform(-15, 15, 500)):
        y, x = sizes * ratio, sizes * random.choice([-1.0, 1.0], 500)
        with mpmath.workdps(40):
            exact = [mpmath.atan2(mpmath.mpf(a), mpmath.mpf(b)) for a, b in zip(y, x, strict=True)]
            assert ulps(apply("atan2", y, x, width=8, fuses=fuses), exact) <= 2.0


@FUSED
def test_special_angles_are_those_of_c(fuses: bool) -> None:
    values = (0.0, -0.0, 1.0, -1.0, TINY, -TINY, 1.7e308, -1.7e308, INF, -INF, NAN)
    y, x = (np.array(side) for side in zip(*((a, b) for a in values for b in values), strict=True))
    wanted = apply("atan2", y, x, kernels=False)
    for width in (1, 8):
        found = apply("atan2", y, x, width=width, fuses=fuses)
        np.testing.assert_allclose(found, wanted, rtol=3e-16)
        assert np.array_equal(
            np.signbit(found)[~np.isnan(wanted)], np.signbit(wanted)[~np.isnan(wanted)]
        )


POWER_BASES = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 1e300, TINY, -TINY, INF, -INF, NAN)
POWER_EXPONENTS = (
    *(0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 1e10, 1e10 + 1.0, TINY, INF, -INF),
    *(2.0**52 + 1.0, 2.0**53, -(2.0**53) - 2.0, 1e300, -1e300, NAN),
)


@FUSED
def test_special_powers_are_those_of_c(fuses: bool) -> None:
    pairs = [(b, e) for b in POWER_BASES for e in POWER_EXPONENTS]
    base, exponent = (np.array(side) for side in zip(*pairs, strict=True))
    wanted = apply("powf", base, exponent, kernels=False)
    for width in (1, 8):
        found = apply("powf", base, exponent, width=width, fuses=fuses)
        wrong = [
            (b, e, f, w)
            for (b, e), f, w in zip(pairs, found, wanted, strict=True)
            if not same_bits(np.array([f]), np.array([w])) and abs(f - w) > 1e-15 * abs(w)
        ]
        assert not wrong


def test_logaddexp() -> None:
    random = np.random.default_rng(5)
    a, b = random.uniform(-50, 50, 500), random.uniform(-50, 50, 500)
    with mpmath.workdps(40):
        exact = [mpmath.log(mpmath.exp(s) + mpmath.exp(t)) for s, t in zip(a, b, strict=True)]
        relative = [abs(float((f - e) / max(1, abs(e)))) for f, e in
                    zip(apply("logaddexp", a, b).tolist(), exact, strict=True)]  # fmt: skip
    assert max(relative) <= 4e-16
    special = (
        np.array([INF, -INF, INF, -INF, 1.0, NAN, 0.0]),
        np.array([INF, -INF, -INF, 3.0, INF, 1.0, NAN]),
    )
    wanted = np.array([INF, -INF, INF, 3.0, INF, NAN, NAN])
    assert same_bits(apply("logaddexp", *special, width=8), wanted)
