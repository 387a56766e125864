"""`python -m tests.generator FIRST LAST`: all checks of the programs of these seeds.

Each failure is printed with its program, shrunk (`--whole`: as it is).
"""

import argparse
import sys
from time import perf_counter

from tests.generator.oracles import run
from tests.generator.program import program
from tests.generator.shrink import shrunk


def main() -> int:
    """Run the seeds asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--whole", action="store_true", help="print programs as generated")
    options = parser.parse_args()
    failed, start = 0, perf_counter()
    for seed in range(options.first, options.last):
        made = program(seed)
        failures = run(made)
        for check, message in failures.items():
            small = made if options.whole or check == "is_legal" else shrunk(made, check)
            print(
                f"--- seed {seed}: {check}\n{message}\n{small.text}\n{made.arguments}", flush=True
            )
        failed += bool(failures)
        if seed % 100 == 99:
            print(f"... up to seed {seed}", flush=True)
    count, seconds = options.last - options.first, perf_counter() - start
    print(f"{count} programs, {failed} with failures, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
