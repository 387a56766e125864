"""Every claim of the tables holds."""

from collections import Counter

import pytest

from tests.conformance import (
    builtins_table,
    derivatives_table,
    expressions_table,
    meaning_table,
    statements_table,
    types_table,
)
from tests.conformance.claim import Row

ROWS: list[Row] = [
    *types_table.ROWS,
    *statements_table.ROWS,
    *expressions_table.ROWS,
    *builtins_table.ROWS,
    *derivatives_table.ROWS,
    *meaning_table.ROWS,
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_claim(row: Row) -> None:
    row.check()


def test_numbers_are_unique() -> None:
    counts = Counter(row.number for row in ROWS)
    assert [number for number, count in counts.items() if count > 1] == []
