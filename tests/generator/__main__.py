"""`python -m tests.generator FIRST LAST`: all checks of the programs of these seeds.

Each failure is printed with its program, shrunk (`--whole`: as it is). `--light`: of each program
only the value, the adjoint identity and the Taylor remainder. `--coverage`: nothing is run; it says
in how many of the programs each construct of the language appears.
"""

import argparse
import sys
import warnings
from collections import Counter
from time import perf_counter

from tests.generator.coverage import table
from tests.generator.oracles import CHECKS, LIGHT, run
from tests.generator.program import program
from tests.generator.shrink import shrunk


def main() -> int:
    """Run the seeds asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--whole", action="store_true", help="print programs as generated")
    parser.add_argument("--light", action="store_true", help="few checks of each program")
    parser.add_argument("--coverage", action="store_true", help="count constructs instead")
    options = parser.parse_args()
    if options.coverage:
        print(table(program(seed) for seed in range(options.first, options.last)), end="")
        return 0
    checks = LIGHT if options.light else CHECKS
    skips: Counter[str] = Counter()
    warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, of the mean of nothing
    failed, start = 0, perf_counter()
    for seed in range(options.first, options.last):
        made = program(seed)
        failures = run(made, checks, skips)
        for check, message in failures.items():
            small = made if options.whole or check == "is_legal" else shrunk(made, check)
            print(
                f"--- seed {seed}: {check}\n{message}\n{small.text}\n{made.arguments}", flush=True
            )
        failed += bool(failures)
        if seed % 100 == 99:
            print(f"... up to seed {seed}", flush=True)
    count, seconds = options.last - options.first, perf_counter() - start
    for reason, times in sorted(skips.items()):
        print(f"{times} x {reason}")
    print(f"{count} programs, {failed} with failures, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
