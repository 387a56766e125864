"""Options of the test run."""

import os

import pytest

# Every test compiles what it runs; those of the cache say where theirs is.
os.environ["DPC_CACHE"] = "0"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless",
        action="store_true",
        help="rewrite the expected output of golden files with what was obtained",
    )
