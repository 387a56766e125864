"""Rows as a Markdown table, as JSON and as a picture."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.burgers_memory import MemoryRow
from benchmarks.compilers import version as compiler_version
from benchmarks.peers.find import PEERS, installed
from benchmarks.run import Row
from dpc.dsl.sizes import readable

SCHEMA = 1
MARKS = ("<!-- measured -->", "<!-- end of measured -->")


def number(value: float) -> str:
    """Three significant digits, large numbers whole."""
    return f"{value:.0f}" if value >= 100.0 else f"{value:.3g}"


def cells(row: Row, peers: Sequence[str]) -> dict[str, str]:
    """The columns of a row."""
    found = {
        "workload": row.title,
        "C ms": f"{number(1e3 * row.c_primal)} ({row.compiler})",
        "primal / C": number(row.primal / row.c_primal),
        "gradient / C": number(row.gradient / row.c_primal),
        "gradient / primal": number(row.gradient / row.primal),
        "memory": readable(row.gradient_bytes),
        "first gradient ms": number(1e3 * row.first_gradient),
    }
    for peer in peers:
        known = row.peers.get(peer)
        found[f"{peer} / C"] = number(known.gradient / row.c_primal) if known else ""
    return found


def table(rows: Sequence[Row]) -> str:
    """All rows in Markdown, a column for each peer that was measured."""
    peers = [peer for peer in PEERS if any(peer in row.peers for row in rows)]
    lines = [list(cells(row, peers).values()) for row in rows]
    header = list(cells(rows[0], peers))
    return "\n".join(
        "| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *lines]
    )


def data(
    rows: Sequence[Row], memory: Sequence[MemoryRow], compilers: Sequence[str]
) -> dict[str, Any]:
    """All that was measured; `docs/performance.md` describes it."""
    return {
        "schema": SCHEMA,
        "statistic": "median of CPU seconds of one call, candidates sampled by turns on one core",
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "system": platform.platform(),
        },
        "versions": {
            "python": platform.python_version(),
            "dpc": version("dp-compiler"),
            **{name: version(name) for name in ("numpy", "llvmlite")},
            **{name: compiler_version(name) for name in compilers},
            **installed(),
        },
        "rows": [{**asdict(row), "c_compiler": row.compiler, "title": row.title} for row in rows],
        "memory": [asdict(row) for row in memory],
    }


def has_place(page: str) -> bool:
    """True if a page has both marks."""
    return MARKS[1] in page.partition(MARKS[0])[2]


def on_page(page: str, measured: Mapping[str, Any], tables: Sequence[str]) -> str:
    """A Markdown page with tables between the two marks, and what they were measured with."""
    before, start, rest = page.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    machine, versions = measured["machine"], dict(measured["versions"])
    compilers = [versions.pop(name) for name in [*versions] if " " in versions[name]]
    known = ", ".join([*(f"{name} {number}" for name, number in versions.items()), *compilers])
    place = f"{machine['processor']}, {machine['cores']} cores; {known}."
    return "\n\n".join([before + start, place, *tables, end + after])


def _processor() -> str:
    """The name of the processor, where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
