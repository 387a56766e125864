"""Random numbers: the published test vectors, and the formulas over NumPy integers."""

from typing import Any

import numpy as np
import pytest

import dpc
from dpc.dsl.check.written import FOLDER

ONES = 2**32 - 1
MODULE = dpc.load(FOLDER / "random.dp")
USES = dpc.compile("""
def one(seed: i64, i: i64) -> (f64, f64):
    return uniform(seed, i), normal(seed, i)

def many(seed: i64, i: i64[n], j: i32) -> (f64[n], f64[n], f64):
    return uniform(seed, i), normal(i, seed), uniform(j, i=3)

def sample(mu: f64, sigma: f64, seed: i64, n: i64) -> f64:
    return mean((mu + sigma * normal(seed, arange(n))) ** 2)
""")


# The known answers that come with Random123: counter, key, words.
@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers(counter: Any, key: Any, expected: Any) -> None:
    assert MODULE.philox(*counter, *key) == expected


def words(seed: int, i: int) -> list[int]:
    """Philox4x32-10 in unbounded integers."""
    seed, i = int(seed) % 2**64, int(i) % 2**64
    counter = [i & ONES, i >> 32, 0, 0]
    key = [seed & ONES, seed >> 32]
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [
            (second >> 32) ^ counter[1] ^ key[0], second & ONES,
            (first >> 32) ^ counter[3] ^ key[1], first & ONES,
        ]  # fmt: skip
        key = [(key[0] + 0x9E3779B9) & ONES, (key[1] + 0xBB67AE85) & ONES]
    return counter


def expected(seed: int, i: int) -> tuple[float, float]:
    w = words(seed, i)
    u, v = (((w[k] << 32 | w[k + 1]) >> 11) * 2.0**-53 for k in (0, 2))
    return u, float(np.sqrt(-2.0 * np.log1p(-u)) * np.cos(2.0 * np.pi * v))


PAIRS = [(0, 0), (1, 2), (-1, 5), (2**40 + 3, -7), (-(2**63), 2**63 - 1)]


@pytest.mark.parametrize(("seed", "i"), PAIRS)
def test_scalars(seed: int, i: int) -> None:
    u, z = USES.one(seed, i)
    assert u == expected(seed, i)[0]
    assert z == pytest.approx(expected(seed, i)[1], rel=1e-13)


def test_arrays() -> None:
    i = np.arange(-2, 3)
    u, z, single = USES.many(11, i, np.int32(4))
    np.testing.assert_array_equal(u, [expected(11, int(k))[0] for k in i])
    np.testing.assert_allclose(z, np.array([expected(int(k), 11)[1] for k in i]), rtol=1e-13)
    assert single == expected(4, 3)[0]


def test_in_the_working_precision() -> None:
    text = (
        "def f(x: real[n], seed: i64) -> real[n]:\n"
        "    return x * normal(seed, arange(n)) * uniform(1, 2)\n"
    )
    x = np.array([1.0, -2.0])
    found = dpc.compile(text, real="f32").f(x.astype(np.float32), 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, dpc.compile(text).f(x, 3), rtol=1e-6)


def test_uniform_stays_below_one_in_single_precision() -> None:
    """A number of which f32 holds no part below 1, found by search."""
    counter = 38471471
    assert np.float32(expected(0, counter)[0]) == 1.0
    text = "def f(i: i64[n]) -> (real[n], real):\n    return uniform(0, i), uniform(0, i[0])\n"
    many, one = dpc.compile(text, real="f32").f(np.array([counter, 3]))
    largest = np.nextafter(np.float32(1), np.float32(0))
    assert one == many[0] == largest
    assert many[1] == np.float32(expected(0, 3)[0])
    assert dpc.compile(text).f(np.array([counter]))[1] == expected(0, counter)[0]


def test_moments_and_derivatives_by_reparametrisation() -> None:
    assert USES.sample(2.0, 3.0, 5, 20000) == pytest.approx(13.0, rel=0.05)
    report = dpc.check_grad(USES.sample, 2.0, 3.0, 5, 40)
    assert report.ok, str(report)
