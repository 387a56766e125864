"""Every code has a golden file that shows it as people, terminals and editors get it.

A new code's file is made from its explanation's example by `pytest --bless`.
"""

import json
import re
from typing import Any

import pytest

from dpc.dsl.errors.explanations import EXPLANATIONS, diagnostic_classes
from tests.golden.runner import ROOT, bless, read, run

FOLDER = ROOT / "codes"
CODES = sorted(diagnostic_classes())
PLACE = {"file": str, "line": int, "column": int, "end_line": int, "end_column": int}


@pytest.mark.parametrize("code", CODES)
def test_code_has_a_golden(code: str, request: pytest.FixtureRequest) -> None:
    path = FOLDER / f"{code}.dp"
    if request.config.getoption("--bless") and not path.exists():
        path.write_text(f"# RUN: forms\n{EXPLANATIONS[code].example}", encoding="utf-8")
        golden = read(path)
        bless(golden, run(golden))
    assert path.exists(), f"no {path.name}: run pytest tests/diagnostics --bless"
    shown = read(path).expected
    level = diagnostic_classes()[code].level
    assert set(re.findall(r"^\w+\[(E\d+)\]: ", shown, re.MULTILINE)) == {code}
    assert re.search(rf"^\S+:\d+:\d+: {level}\[{code}\]: ", shown, re.MULTILINE)


def test_no_golden_without_its_code() -> None:
    assert {path.stem for path in FOLDER.glob("*.dp")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_json_has_the_documented_form(code: str) -> None:
    shown = read(FOLDER / f"{code}.dp").expected.split("\n")
    found = [json.loads(line) for line in shown if line.startswith("{")]
    assert found
    for item in found:
        keys = ["code", "level", "name", "message", "spans", "notes", "fixes"]
        assert list(item) == keys
        assert item["code"] == code
        assert item["level"] in ("error", "warning")
        assert (item["name"] is None) == (item["level"] == "error")
        assert item["message"]
        assert all(isinstance(note, str) and note for note in item["notes"])
        assert [span.pop("primary") for span in item["spans"]] == [True] + [False] * (
            len(item["spans"]) - 1
        )
        for span in item["spans"]:
            assert isinstance(span.pop("label"), str)
            _is_place(span)
        for fix in item["fixes"]:
            assert list(fix) == ["span", "replacement"]
            assert isinstance(fix["replacement"], str)
            _is_place(fix["span"])


def _is_place(span: dict[str, Any]) -> None:
    assert {key: type(value) for key, value in span.items()} == PLACE
    line, column, end_line, end_column = (span[key] for key in list(PLACE)[1:])
    assert (1, 1) <= (line, column) <= (end_line, end_column)
