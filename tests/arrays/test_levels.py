"""Every row at the array level and after bufferization, by the reference interpreter."""

import numpy as np
import pytest

from tests.arrays import test_along, test_arranging, test_products
from tests.arrays.harness import Row, arguments, by_numpy
from tests.lowering.harness import Program, assert_same

ROWS = (*test_arranging.ROWS, *test_along.ROWS, *test_products.ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.text)
def test_both_levels_mean_what_numpy_says(row: Row) -> None:
    given = arguments(3, 4)
    program = Program(row.source)
    expected = np.asarray(by_numpy(row, given))
    for found in (program.at_array(given), program.at_loops(given)):
        single = row.type.startswith("f32")
        assert_same(found, expected, 1e-6 if single else 1e-12)
