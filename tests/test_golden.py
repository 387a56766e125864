"""Every golden file says what its command still says."""

from pathlib import Path

import pytest

from tests.golden.runner import COMMANDS, ROOT, bless, difference, discover, read, run

FILES = discover()


def test_files_are_found() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_golden(path: Path, request: pytest.FixtureRequest) -> None:
    golden = read(path)
    output = run(golden)
    if output == golden.expected:
        return
    if request.config.getoption("--bless"):
        bless(golden, output)
        return
    name = path.relative_to(ROOT)
    pytest.fail(
        f"{difference(golden, output)}\n\n"
        f"If the new output is right: pytest tests/test_golden.py -k {name.stem} --bless",
        pytrace=False,
    )


def test_a_missing_stage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.dp"
    path.write_text("# RUN: nothing\n")
    with pytest.raises(ValueError, match="unknown command `nothing`"):
        run(read(path))


def test_bless_round_trips(tmp_path: Path) -> None:
    path = tmp_path / "a.dp"
    path.write_text("# RUN: parse\nA = 1\n#> stale\n")
    golden = read(path)
    output = run(golden)
    assert "stale" in difference(golden, output)
    bless(golden, output)
    again = read(path)
    assert again.input == golden.input
    assert again.expected == output
    assert set(COMMANDS) >= {"parse", "check"}
