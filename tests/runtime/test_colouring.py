"""Colourings: every element of a pattern is recovered from the products."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from dpc.runtime.colouring import Colouring, Pattern, colour_columns, colour_symmetric


def pattern_of(matrix: np.ndarray) -> Pattern:
    rows, columns = np.nonzero(matrix)
    return Pattern(matrix.shape, rows, columns)


def recovered(matrix: np.ndarray, colouring: Colouring) -> np.ndarray:
    """The elements read from the products with the colours."""
    vectors = np.zeros((colouring.count, matrix.shape[1]))
    used = np.flatnonzero(colouring.colours >= 0)
    vectors[colouring.colours[used], used] = 1.0
    products = vectors @ matrix.T
    return np.asarray(products[colouring.colour, colouring.row])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(1, 9), st.floats(0.0, 1.0))
def test_columns(seed: int, rows: int, columns: int, density: float) -> None:
    generator = np.random.default_rng(seed)
    matrix = generator.integers(1, 100, (rows, columns)) * (
        generator.random((rows, columns)) < density
    )
    pattern = pattern_of(matrix)
    made = colour_columns(pattern)
    np.testing.assert_array_equal(recovered(matrix, made), matrix[pattern.rows, pattern.columns])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.floats(0.0, 1.0))
def test_symmetric(seed: int, size: int, density: float) -> None:
    generator = np.random.default_rng(seed)
    half = np.tril(generator.integers(1, 100, (size, size)))
    half *= generator.random((size, size)) < density
    matrix = half + half.T
    pattern = pattern_of(matrix)
    made = colour_symmetric(pattern)
    np.testing.assert_array_equal(recovered(matrix, made), matrix[pattern.rows, pattern.columns])
    assert made.count <= max(colour_columns(pattern).count, 1)


@pytest.mark.parametrize(("band", "colours"), [(0, 1), (1, 3), (2, 5)])
def test_bands(band: int, colours: int) -> None:
    offsets = range(-band, band + 1)
    matrix = scipy.sparse.diags_array([1.0] * len(offsets), offsets=offsets, shape=(200, 200))
    assert colour_columns(pattern_of(matrix.toarray())).count == colours
    assert colour_symmetric(pattern_of(matrix.toarray())).count <= colours


def test_an_arrow_of_any_size_takes_two() -> None:
    size = 20_000
    ones = np.arange(1, size)
    rows = np.concatenate([np.zeros(size, int), np.repeat(ones, 2)])
    columns = np.concatenate([np.arange(size), np.stack([0 * ones, ones], 1).ravel()])
    assert colour_symmetric(Pattern((size, size), rows, columns)).count == 2
