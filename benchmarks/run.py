"""Measures workloads: first that all candidates agree, then all of them by turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time

import dpc
from benchmarks.compilers import build
from benchmarks.first_gradient import first_gradient
from benchmarks.measure import interleaved
from benchmarks.peers.find import PEERS, prepared
from benchmarks.workload import HERE, Call, Case, Size, Workload, assert_agrees, label
from dpc.runtime.peak_memory import peak_bytes

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Options:
    """How to measure: the rounds of the interleaved timing, with other tools or without."""

    rounds: int
    peers: bool


@dataclass(frozen=True)
class Peer:
    """Another tool on the same case, seconds of one call; `first` is the first gradient's."""

    primal: float
    gradient: float
    first: float


@dataclass(frozen=True)
class Row:
    """What was measured of a case: CPU seconds of one call, bytes, versions of other tools."""

    workload: str
    size: Size
    c: dict[str, float]
    primal: float
    gradient: float
    first_gradient: float
    primal_bytes: int
    gradient_bytes: int
    peers: dict[str, Peer]

    @property
    def title(self) -> str:
        return f"{self.workload} {label(self.size)}"

    @property
    def compiler(self) -> str:
        """The C compiler whose code is faster."""
        return min(self.c, key=self.c.__getitem__)

    @property
    def c_primal(self) -> float:
        """Seconds of the faster C code."""
        return self.c[self.compiler]


def check(case: Case, candidates: dict[str, Call], peers: dict[str, tuple[Call, Call]]) -> None:
    """Raise AssertionError unless all agree with the strict build, value and gradient."""
    strict = dpc.load(case.model, math="strict")
    value, gradient = case.primal(strict)(), case.gradient(strict)()
    for name, call in candidates.items():
        expected = gradient if name == "gradient" else value
        assert_agrees(name, call(), expected, TOLERANCE)
    for name, (primal, differentiated) in peers.items():
        assert_agrees(f"primal of {name}", primal(), value, TOLERANCE)
        assert_agrees(f"gradient of {name}", differentiated(), gradient, TOLERANCE)


def measure(workload: Workload, size: Size, compilers: Sequence[str], options: Options) -> Row:
    """The row of one size."""
    case = workload.make(size)
    module = dpc.load(case.model)
    libraries = build(HERE / "c" / f"{workload.name}.c", compilers)
    candidates: dict[str, Call] = {each.compiler: case.c_primal(each.library) for each in libraries}
    candidates["primal"], candidates["gradient"] = case.primal(module), case.gradient(module)
    peers, first = _peers(workload.name, case, options)
    check(case, candidates, peers)
    for name, (primal, gradient) in peers.items():
        candidates[f"{name} primal"], candidates[f"{name} gradient"] = primal, gradient
    times = {name: t.median for name, t in interleaved(candidates, options.rounds).items()}
    index = str(workload.sizes.index(size)) if size in workload.sizes else "small"
    return Row(
        workload=workload.name,
        size=size,
        c={each.compiler: times[each.compiler] for each in libraries},
        primal=times["primal"],
        gradient=times["gradient"],
        first_gradient=first_gradient(workload.name, index),
        primal_bytes=peak_bytes(candidates["primal"]),
        gradient_bytes=peak_bytes(candidates["gradient"]),
        peers={n: Peer(times[f"{n} primal"], times[f"{n} gradient"], first[n]) for n in peers},
    )


def _peers(
    name: str, case: Case, options: Options
) -> tuple[dict[str, tuple[Call, Call]], dict[str, float]]:
    """The other tools' calls, and the seconds that each one's first gradient took."""
    calls, first = {}, {}
    for peer in PEERS if options.peers else ():
        start = process_time()
        pair = prepared(peer, name, case.arguments)
        if pair is not None:
            pair[1]()
            calls[peer], first[peer] = pair, process_time() - start
    return calls, first
