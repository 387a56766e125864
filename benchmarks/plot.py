"""The picture: gradient / C primal of each row for dpc and other tools, and how gradient / primal
grows where a workload has many sizes.
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.peers.find import PEERS
from benchmarks.run import Row

SCALING = 5  # sizes from which on a workload is drawn as lines over them


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the picture; needs Matplotlib."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    groups = {name: list(group) for name, group in groupby(rows, lambda row: row.workload)}
    growing = {name: group for name, group in groups.items() if len(group) >= SCALING}
    single = [row for name, group in groups.items() if name not in growing for row in group]
    panels = ([len(single)] if single else []) + [10] * len(growing)
    figure, axes = pyplot.subplots(
        len(panels),
        1,
        figsize=(9, 1.5 + 0.3 * sum(panels)),
        height_ratios=panels,
        squeeze=False,
        layout="constrained",
    )
    left = list(axes[:, 0])
    if single:
        _ratios(left.pop(0), single)
    for axis, (name, group) in zip(left, growing.items(), strict=True):
        _growth(axis, name, group)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _ratios(axes: Any, rows: Sequence[Row]) -> None:
    """A line a row, a mark a tool, on a logarithmic scale."""
    peers = [peer for peer in PEERS if any(peer in row.peers for row in rows)]
    for name, mark in zip(("primal", "dpc", *peers), "|oxs^v", strict=False):
        shown = [(ratio, i) for i, row in enumerate(rows) if (ratio := _ratio(row, name))]
        label = {"primal": "objective, dpc", "dpc": "gradient, dpc"}.get(name, f"gradient, {name}")
        axes.plot(*zip(*shown, strict=True), mark, label=label, markersize=8 if mark == "|" else 6)
    axes.set_yticks(range(len(rows)), [row.title for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xlabel("time / time of the objective in C")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.grid(alpha=0.3)


def _ratio(row: Row, name: str) -> float | None:
    """A tool's time in units of the C primal's."""
    if name in ("primal", "dpc"):
        return (row.primal if name == "primal" else row.gradient) / row.c_primal
    return row.peers[name].gradient / row.c_primal if name in row.peers else None


def _growth(axes: Any, name: str, rows: Sequence[Row]) -> None:
    """Gradient / primal over the first extent: flat is right."""
    (extent, *_) = rows[0].size
    axes.plot(
        [row.size[extent] for row in rows], [row.gradient / row.primal for row in rows], "o-",
        label="dpc",
    )  # fmt: skip
    for peer in PEERS:
        known = [(row.size[extent], row.peers[peer]) for row in rows if peer in row.peers]
        if known:
            axes.plot(
                [n for n, _ in known], [p.gradient / p.primal for _, p in known], ".--", label=peer
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(extent)
    axes.set_ylabel("gradient / primal")
    axes.set_title(name)
    axes.legend()
    axes.grid(alpha=0.3)
