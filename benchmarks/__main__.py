"""`python -m benchmarks [names] [--peers] [--json out] [--plot out.png]`: a table of workloads.

Times are medians of CPU seconds; docs/performance.md says how they are taken and what the columns
mean.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks import plot, table
from benchmarks.compilers import compilers
from benchmarks.measure import one_core
from benchmarks.registry import WORKLOADS, workload
from benchmarks.run import Options, Row, measure
from benchmarks.workload import label
from dpc.runtime.timing import ROUNDS


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
        help=f"which workloads, by default all: {', '.join(each.name for each in WORKLOADS)}",
    )
    made.add_argument("--peers", action="store_true", help="other tools too, where installed")
    made.add_argument("--small", action="store_true", help="tiny sizes: does all of it work?")
    made.add_argument("--rounds", type=int, default=ROUNDS, help=f"by default {ROUNDS}")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    made.add_argument("--plot", type=Path, metavar="PNG", help="draw gradient / C; Matplotlib")
    return made


def main() -> None:
    """Run the benchmarks and print the table; each workload is named on standard error."""
    commands = parser()
    given = commands.parse_args()
    try:
        chosen = [workload(name) for name in given.names] or WORKLOADS
    except KeyError as error:
        commands.error(error.args[0])
    options, found = Options(given.rounds, given.peers), compilers()
    one_core()
    rows: list[Row] = []
    for each in chosen:
        for size in (each.small,) if given.small else each.sizes:
            print(each.name, label(size), file=sys.stderr)
            rows.append(measure(each, size, found, options))
    print(table.table(rows))
    if given.json:
        given.json.write_text(json.dumps(table.data(rows, found), indent=2) + "\n")
    if given.plot:
        plot.save(rows, given.plot)


if __name__ == "__main__":
    main()
