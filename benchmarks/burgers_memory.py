"""Burgers' equation in bounded memory: what a budget costs, against storing everything.

The gradient with respect to the initial condition, bit by bit the same for every budget.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import dpc
from benchmarks.measure import interleaved
from benchmarks.run import TOLERANCE, Options
from benchmarks.workload import Call, Size, assert_agrees, label
from benchmarks.workloads import burgers
from dpc.dsl.sizes import readable
from dpc.runtime.peak_memory import peak_bytes

NAME = "burgers-memory"
STORED = "dpc, all stored"
SIZE: Size = {"N": 1024, "steps": 20_000}
SMALL: Size = {"N": 65, "steps": 300}
SHARES = (1 / 78, 0.01, 0.002)  # of the tape; the first are 2.1 MB of 163.8
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class MemoryRow:
    """A way to the gradient, or why it was refused.

    `budget`: the bytes that it may take, None without a bound; `seconds`: CPU time of one call;
    `native_bytes`: the most that native code of dpc had of the system; `resident_bytes`: by how
    much the process grew, None where the system does not tell. `refused`: what would have been
    needed.
    """

    method: str
    size: Size
    budget: int | None
    seconds: float | None
    native_bytes: int | None
    resident_bytes: int | None
    refused: str = ""


def tape(size: Size) -> int:
    """Bytes of a tape with every state."""
    return 8 * size["N"] * size["steps"]


def resident(call: Call) -> int | None:
    """By how much the process grows while a call runs that has run before."""
    try:
        CLEAR.write_text("5")  # the peak becomes what is resident now
        before = _kilobytes("VmRSS")
        call()
        return max(0, 1024 * (_kilobytes("VmHWM") - before))
    except OSError:
        return None


def _kilobytes(name: str) -> int:
    (line,) = (each for each in STATUS.read_text().splitlines() if each.startswith(f"{name}:"))
    return int(line.split()[1])


def candidates(given: Mapping[str, Any], size: Size) -> dict[str, tuple[int | None, Call]]:
    """The gradients that dpc makes: the budget and the call by name."""
    gradient = dpc.grad(dpc.load(burgers.MODEL).misfit, memory=4 * tape(size))
    budgets = [(f"dpc, {share:.2g} of the tape", int(share * tape(size))) for share in SHARES]

    def bound(budget: int) -> Call:
        bounded = gradient.options(memory=budget)
        return lambda: bounded(**given)

    stored: dict[str, tuple[int | None, Call]] = {STORED: (None, bound(4 * tape(size)))}
    return {**stored, **{name: (budget, bound(budget)) for name, budget in budgets}}


def run(options: Options, small: bool = False) -> list[MemoryRow]:
    """All rows; AssertionError where gradients differ."""
    size = SMALL if small else SIZE
    given = burgers.arguments(size)
    calls = candidates(given, size)
    exact = calls[STORED][1]()
    refused = {name: text for name, (_, call) in calls.items() if (text := _refused(call, exact))}
    timed: dict[str, Call] = {n: call for n, (_, call) in calls.items() if n not in refused}
    timed.update(_peers(given, exact) if options.peers else {})
    times = interleaved(timed, options.rounds)
    rows = []
    for name in dict.fromkeys([*calls, *timed]):
        budget = calls[name][0] if name in calls else None
        if name in refused:
            rows.append(MemoryRow(name, size, budget, None, None, None, refused[name]))
            continue
        call = timed[name]
        native = peak_bytes(call) if name in calls else None
        rows.append(MemoryRow(name, size, budget, times[name].median, native, resident(call)))
    return rows


def _refused(call: Call, exact: Any) -> str:
    """What a budget lacks, empty where it does; then the gradient is the exact one, bit by bit."""
    try:
        found = call()
    except dpc.MemoryBudgetError as error:
        return f"needs {readable(error.needed)}"
    if found.tobytes() != exact.tobytes():
        raise AssertionError("a budget leads to another gradient than everything stored")
    return ""


def _peers(given: Mapping[str, Any], expected: Any) -> dict[str, Call]:
    """Other tools' gradients, which agree."""
    if find_spec("jax") is None:
        return {}
    from benchmarks.peers.jax_burgers_memory import variants  # here, as it loads JAX

    found = variants(given)
    for name, call in found.items():
        assert_agrees(name, np.asarray(call()), expected, TOLERANCE)
    return found


def text(rows: Sequence[MemoryRow]) -> str:
    """The rows in Markdown."""
    whole = rows[0].seconds
    lines = [f"burgers-memory {label(rows[0].size)}: a tape of {readable(tape(rows[0].size))}", ""]
    lines += ["| method | budget | ms | / all stored | native memory | process grew |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        ratio = "" if row.seconds is None or not whole else f"{row.seconds / whole:.2f}"
        time = row.refused if row.seconds is None else f"{1e3 * row.seconds:.1f}"
        sizes = (row.native_bytes, row.resident_bytes)
        budget = "" if row.budget is None else readable(row.budget)
        shown = ["" if count is None else readable(count) for count in sizes]
        lines.append(f"| {row.method} | {budget} | {time} | {ratio} | {' | '.join(shown)} |")
    return "\n".join(lines)
