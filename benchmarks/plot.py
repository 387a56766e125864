"""The picture: gradient / C primal of each row, for dpc and the other tools."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.find import PEERS
from benchmarks.run import Row


def save(rows: Sequence[Row], path: Path) -> None:
    """Write bars on a logarithmic scale; needs Matplotlib."""
    # Here, as drawing is optional and its library slow to load.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    peers = [peer for peer in PEERS if any(peer in row.peers for row in rows)]
    height = 0.8 / (2 + len(peers))
    figure, axes = pyplot.subplots(figsize=(8, 1.5 + 0.25 * len(rows) * (2 + len(peers))))
    for offset, name in enumerate(("primal", "dpc", *peers)):
        values = [_ratio(row, name) for row in rows]
        shown = [(i + offset * height, v) for i, v in enumerate(values) if v is not None]
        label = {"primal": "primal, dpc", "dpc": "gradient, dpc"}.get(name, f"gradient, {name}")
        axes.barh([y for y, _ in shown], [v for _, v in shown], height, label=label)
    axes.set_yticks([i + 0.4 - height / 2 for i in range(len(rows))], [row.title for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xlabel("time / time of the objective in C")
    axes.legend(loc="lower right")
    axes.grid(axis="x", alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _ratio(row: Row, name: str) -> float | None:
    """A tool's time in units of the C primal's."""
    if name in ("primal", "dpc"):
        return (row.primal if name == "primal" else row.gradient) / row.c_primal
    return row.peers[name].gradient / row.c_primal if name in row.peers else None
