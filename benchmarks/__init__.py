"""Speed, as ratios against plain C in one run: `python -m benchmarks`."""
