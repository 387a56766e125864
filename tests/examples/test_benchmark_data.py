"""Every data set of the benchmark that is there is compared with its expected results."""

import pytest

from tests.examples import test_ba, test_gmm, test_lstm

TESTS = {"ba": test_ba, "gmm": test_gmm, "lstm": test_lstm}


@pytest.mark.parametrize("name", TESTS)
def test_all_files_are_compared(name: str) -> None:
    folder = TESTS[name].SHARED
    if not folder.exists():
        pytest.skip(f"{folder} is absent; set DPC_SHARED_DATA to the folder that holds adbench/")
    found = {path.name.removesuffix(".expected.npz") for path in folder.glob("*.expected.npz")}
    assert found
    assert found == set(TESTS[name].FILES)
