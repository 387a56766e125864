"""The benchmarks at small sizes: the C code, the models and other tools compute the same."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dpc
from benchmarks import __main__, burgers_memory, plot, table
from benchmarks.burgers_memory import MemoryRow
from benchmarks.compilers import build, compilers
from benchmarks.peers.find import PEERS, installed, prepared
from benchmarks.registry import WORKLOADS, workload
from benchmarks.run import TOLERANCE, Options, Peer, Row, check
from benchmarks.run import measure as measured
from benchmarks.workload import HERE, Workload, assert_agrees

NEEDS_C = pytest.mark.skipif(not compilers(), reason="there is no C compiler")
NAMES = [each.name for each in WORKLOADS]


@NEEDS_C
@pytest.mark.parametrize("each", WORKLOADS, ids=NAMES)
def test_c_and_the_model_agree(each: Workload) -> None:
    case = each.make(each.small)
    module = dpc.load(case.model)
    calls = {"primal": case.primal(module), "gradient": case.gradient(module)}
    for library in build(HERE / "c" / f"{each.name}.c", compilers()):
        calls[library.compiler] = case.c_primal(library.library)
    check(case, calls, {})


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("each", WORKLOADS, ids=NAMES)
def test_other_tools_agree(each: Workload, peer: str) -> None:
    if peer not in installed():
        pytest.skip(f"{peer} is not installed: pip install 'dp-compiler[benchmarks]'")
    case = each.make(each.small)
    pair = prepared(peer, each.name, case.arguments)
    if pair is None:
        pytest.skip(f"there is no {each.name} for {peer}")
    check(case, {}, {peer: pair})


def test_what_is_off_is_found() -> None:
    exact = (1.0, np.array([1e-3, 4.0]))
    assert_agrees("all", exact, (1.0, np.array([1e-3, 4.0 + 1e-9])), TOLERANCE)
    with pytest.raises(AssertionError, match=r"all: part 1 of the result is off by 1\.0e-06"):
        assert_agrees("all", exact, (1.0, np.array([1e-3 + 4e-6, 4.0])), TOLERANCE)
    with pytest.raises(AssertionError, match="off by nan"):
        assert_agrees("all", float("nan"), 1.0, TOLERANCE)


ROWS = [
    Row("gmm", {"n": 10}, {"gcc": 2e-3, "clang": 1e-3}, 5e-4, 2e-3, 0.25, 0, 65_536,
        {"jax": Peer(1e-3, 4e-3, 0.8)}),
    Row("lstm", {"l": 2}, {"gcc": 1e-3}, 1e-3, 0.5, 0.3, 0, 2_000_000, {}),
]  # fmt: skip


MEMORY = [
    MemoryRow("all", {"N": 65, "steps": 300}, None, 0.5, 20_000, None),
    MemoryRow("less", {"N": 65, "steps": 300}, 2000, 0.75, 1000, 4096),
    MemoryRow("none", {"N": 65, "steps": 300}, 20, None, None, None, "needs 1 kB"),
]


def test_the_table_of_memory() -> None:
    assert burgers_memory.text(MEMORY).splitlines() == [
        "burgers-memory N=65 steps=300: a tape of 156 kB",
        "",
        "| method | budget | ms | / all stored | native memory | process grew |",
        "| --- | --- | --- | --- | --- | --- |",
        "| all |  | 500.0 | 1.00 | 20 kB |  |",
        "| less | 2 kB | 750.0 | 1.50 | 1 kB | 4.1 kB |",
        "| none | 20 B | needs 1 kB |  |  |  |",
    ]


def test_budgets_lead_to_the_same_gradient_or_are_refused() -> None:
    stored, *bounded = burgers_memory.run(Options(rounds=1, peers=False), small=True)
    assert stored.seconds is not None
    for row in bounded:
        assert bool(row.refused) == (row.seconds is None)
        if row.native_bytes is not None:
            assert row.budget is not None
            assert row.native_bytes <= row.budget
    assert len(bounded) == len(burgers_memory.SHARES)


def test_the_table() -> None:
    assert table.table(ROWS).splitlines() == [
        "| workload | C ms | primal / C | gradient / C | gradient / primal | memory"
        " | first gradient ms | jax / C |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| gmm n=10 | 1 (clang) | 0.5 | 2 | 4 | 65.5 kB | 250 | 4 |",
        "| lstm l=2 | 1 (gcc) | 1 | 500 | 500 | 2 MB | 300 |  |",
    ]


@NEEDS_C
def test_the_data_are_as_documented() -> None:
    text = (HERE.parent / "docs" / "performance.md").read_text()
    shown = json.loads(json.dumps(table.data(ROWS, MEMORY, compilers())))
    assert shown["schema"] == 1
    peer = shown["rows"][0]["peers"]["jax"]
    for key in [*shown, *shown["rows"][0], *peer, *shown["memory"][0]]:
        assert f"`{key}`" in text


def test_the_page() -> None:
    measured = {
        "machine": {"processor": "a processor", "cores": 2},
        "versions": {"dpc": "1", "gcc": "gcc (GNU) 12"},
    }
    page = "# Page\n\n<!-- measured -->\nold\n<!-- end of measured -->\n\nrest\n"
    shown = table.on_page(page, measured, ["| one |", "| two |"])
    assert shown == (
        "# Page\n\n<!-- measured -->\n\na processor, 2 cores; dpc 1, gcc (GNU) 12.\n\n| one |\n\n"
        "| two |\n\n<!-- end of measured -->\n\nrest\n"
    )
    assert table.on_page(shown, measured, ["| one |", "| two |"]) == shown


def refused(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the command line, which has to refuse it."""
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
    with pytest.raises(SystemExit):
        __main__.main()


def test_a_page_without_a_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- end of measured --> <!-- measured -->")
    refused(["gmm", "--page", str(page)], monkeypatch)
    assert "page.md has no place for the tables: <!-- measured --> and" in capsys.readouterr().err


@pytest.mark.parametrize("scaling", [2, 1])
def test_the_picture(scaling: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "SCALING", scaling)  # with 1 each row is a workload drawn over sizes
    plot.save(ROWS, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


@NEEDS_C
def test_a_row_is_measured() -> None:
    each = workload("logistic")
    row = measured(each, each.small, compilers(), Options(rounds=1, peers=False))
    assert set(row.c) == set(compilers())
    assert min(*row.c.values(), row.primal, row.gradient) > 0.0
    assert row.c_primal == min(row.c.values())


def test_the_first_gradient_has_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "benchmarks.first_gradient", "logistic", "small"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parent)
    assert float(done.stdout) > 0.0


def test_an_unknown_workload_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(["gmn"], monkeypatch)
    assert "no workload 'gmn'; there are gmm, lstm" in capsys.readouterr().err
