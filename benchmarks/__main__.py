"""`python -m benchmarks [--json out.json]`: one table of all workloads."""

import argparse
import json
from pathlib import Path

from benchmarks import gmm


def text(value: object) -> str:
    """A cell of the table."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Run the benchmarks and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args()
    rows = gmm.run()
    header = list(rows[0])
    print("| " + " | ".join(header) + " |")
    print("| " + " | ".join("---" for _ in header) + " |")
    for row in rows:
        print("| " + " | ".join(text(cell) for cell in row.values()) + " |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
