"""How fast a function and its gradient are, in how much memory: `dpc bench`.

Times are CPU seconds of this process: what others do meanwhile hardly counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from time import process_time
from typing import Any

from dpc.compiler.dialects.io import silenced
from dpc.dsl.sizes import readable
from dpc.runtime.blas import library
from dpc.runtime.function import Function
from dpc.runtime.peak_memory import peak_bytes
from dpc.runtime.timing import ROUNDS, interleaved, seconds


@dataclass(frozen=True)
class Measured:
    """One function: seconds of the first call, compiling it; seconds of one call after that, the
    median; the most bytes of native memory it has at once.
    """

    first: float
    call: float
    bytes: int


@dataclass(frozen=True)
class Speed:
    """A function and, where asked for, its gradient; prints as a table.

    load: seconds to read and check the module. linear_algebra: where BLAS and LAPACK come from.
    """

    function: str
    wrt: tuple[str, ...]
    dimensions: Mapping[str, int]
    load: float
    primal: Measured
    gradient: Measured | None
    linear_algebra: str

    @property
    def ratio(self) -> float | None:
        """Gradient / primal."""
        return None if self.gradient is None else self.gradient.call / self.primal.call

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**asdict(self), "wrt": list(self.wrt), "ratio": self.ratio}

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {value}" for name, value in self.dimensions.items())
        lines = [f"{self.function}{f': {sizes}' if sizes else ''}"]
        lines.append(f"{'':<10}{'time':>12}{'memory':>12}{'compile':>12}")
        lines.append(_line("primal", self.primal))
        if self.gradient is not None:
            lines.append(_line("gradient", self.gradient))
            lines.append(f"gradient / primal: {self.ratio:.2f}, by {', '.join(self.wrt)}")
        lines.append(f"module loaded in {_time(self.load)}; linear algebra: {self.linear_algebra}")
        return "\n".join(lines)


def speed(
    function: Function,
    gradient: Function | None,
    arguments: Mapping[str, Any],
    dimensions: Mapping[str, int],
    load: float,
    wrt: tuple[str, ...] = (),
    rounds: int = ROUNDS,
) -> Speed:
    """Measure by turns; prints of the program are not shown. `wrt`: what the gradient is by."""
    given = dict(arguments)
    calls: dict[str, Callable[[], object]] = {"primal": lambda: function(**given)}
    if gradient is not None:
        calls["gradient"] = lambda: gradient(**given)
    with silenced():
        first = {name: seconds(call, clock=process_time) for name, call in calls.items()}
        most = {name: peak_bytes(call) for name, call in calls.items()}
        times = interleaved(calls, rounds, process_time)
    found = {name: Measured(first[name], times[name].median, most[name]) for name in calls}
    return Speed(
        function.__name__, wrt, dimensions, load, found["primal"], found.get("gradient"), provider()
    )


def provider() -> str:
    """Where BLAS and LAPACK come from."""
    found = library()
    return "own loops" if found is None else f"{found.package} {version(found.package)}"


def _line(name: str, of: Measured) -> str:
    return f"{name:<10}{_time(of.call):>12}{readable(of.bytes):>12}{_time(of.first):>12}"


def _time(value: float) -> str:
    """Seconds for people."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"
