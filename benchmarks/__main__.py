"""`python -m benchmarks [names] [--peers] [--json out] [--plot out.png]`: a table of workloads.

Times are medians of CPU seconds; docs/performance.md says how they are taken and what the columns
mean.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks import burgers_memory, plot, table
from benchmarks.compilers import compilers
from benchmarks.measure import one_core
from benchmarks.registry import WORKLOADS, workload
from benchmarks.run import Options, Row, measure
from benchmarks.workload import label
from dpc.runtime.timing import ROUNDS

NAMES = [*(each.name for each in WORKLOADS), burgers_memory.NAME]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Speed as ratios against plain C, measured by turns in one process.",
    )
    made.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"which workloads, by default all: {', '.join(NAMES)}",
    )
    made.add_argument("--peers", action="store_true", help="other tools too, where installed")
    made.add_argument("--small", action="store_true", help="tiny sizes: does all of it work?")
    made.add_argument("--rounds", type=int, default=ROUNDS, help=f"by default {ROUNDS}")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    made.add_argument(
        "--page", type=Path, metavar="MD", help="put the tables into a page, docs/performance.md"
    )
    made.add_argument("--plot", type=Path, metavar="PNG", help="draw gradient / C; Matplotlib")
    return made


def main() -> None:
    """Run the benchmarks and print the tables; each workload is named on standard error."""
    commands = parser()
    given = commands.parse_args()
    names = given.names or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        commands.error(f"no workload {unknown[0]!r}; there are {', '.join(NAMES)}")
    if given.page and not table.has_place(given.page.read_text()):
        commands.error(f"{given.page} has no place for the tables: {' and '.join(table.MARKS)}")
    options, found = Options(given.rounds, given.peers), compilers()
    one_core()
    rows: list[Row] = []
    for each in (workload(name) for name in names if name != burgers_memory.NAME):
        for size in (each.small,) if given.small else each.sizes:
            print(each.name, label(size), file=sys.stderr)
            rows.append(measure(each, size, found, options))
    if rows:
        print(table.table(rows))
    memory: list[burgers_memory.MemoryRow] = []
    if burgers_memory.NAME in names:
        print(burgers_memory.NAME, file=sys.stderr)
        memory = burgers_memory.run(options, given.small)
        print(f"\n{burgers_memory.text(memory)}")
    measured = table.data(rows, memory, found)
    if given.json:
        given.json.write_text(json.dumps(measured, indent=2) + "\n")
    if given.page:
        shown = [table.table(rows)] if rows else []
        shown += [burgers_memory.text(memory)] if memory else []
        given.page.write_text(table.on_page(given.page.read_text(), measured, shown))
    if given.plot and rows:
        plot.save(rows, given.plot)


if __name__ == "__main__":
    main()
