"""Random well-typed programs, each determined by its seed.

Every program is legal and terminates soon; what it raises, if anything, it raises everywhere. A
program takes its forms from a few families of the table only: rare combinations of few things are
more frequent than with all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import numpy as np

from tests.generator.families.table import FAMILIES
from tests.generator.family import Family
from tests.generator.scope import Helper, Kind, Scope
from tests.generator.statements import Writer

RECORD = """class Pair:
    s: f64
    v: f64[n]
"""


@dataclass(frozen=True)
class Program:
    """A module, the function to call, and its arguments by name; modules that it imports."""

    text: str
    function: str
    arguments: dict[str, Any]
    seed: int = 0
    families: tuple[Family, ...] = field(default=(), repr=False)
    smooth: bool = True
    modules: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> bool:
        """Python can run the text."""
        return all(family.python for family in self.families)

    @property
    def cut(self) -> bool:
        """Derivatives are not those of the value."""
        return any(family.cut for family in self.families)

    @property
    def exact(self) -> bool:
        """The interpreter's bits are those of native code."""
        return all(family.exact for family in self.families)

    @property
    def tolerance(self) -> float:
        return max([1e-9, *(family.tolerance for family in self.families)])


@dataclass(frozen=True)
class _Parameter:
    name: str
    annotation: str
    kind: Kind


_U = _Parameter("u", "f64[n]", ("n",))
_A, _B = _Parameter("a", "f64", "f"), _Parameter("b", "f64", "f")
_K = _Parameter("k", "i64", "i")
_MAIN = (
    _A,
    _B,
    _K,
    _Parameter("flag", "bool", "b"),
    _U,
    _Parameter("w", "f64[m]", ("m",)),
    _Parameter("p", "f64[n, m]", ("n", "m")),
    _Parameter("z", "i64[n]", "z"),
    _Parameter("r", "Pair(n)", "r"),
)
_HELPERS: tuple[tuple[str, tuple[_Parameter, ...], str, Kind], ...] = (
    ("scalar", (_A, _K), "f64", "f"),
    ("folded", (_U, _B), "f64", "f"),
    ("mapped", (_U, _B), "f64[n]", ("n",)),
)
_RESULTS: tuple[tuple[Kind, str], ...] = (
    ("f", "f64"),
    ("f", "f64"),
    (("n",), "f64[n]"),
    (("n", "m"), "f64[n, m]"),
)


def program(seed: int) -> Program:
    """The program of a seed: `main` takes floats, an integer, a bool, arrays and a record.

    Half of them are smooth: no kinks but those of branches, so that a derivative exists almost
    everywhere. Half of them return a float, the others an array.
    """
    random = Random(seed)
    smooth = random.random() < 0.5
    known = [f for f in FAMILIES if not (smooth and f.kinks)]
    families = tuple(random.sample(known, min(len(known), random.randint(1, 4))))
    writer = Writer(random, families, smooth)
    _definitions(writer)
    for name, parameters, result, kind in _HELPERS:
        if random.random() < 0.5:
            _function(writer, name, parameters, result, kind)
            writer.helpers.append(Helper(name, tuple(p.kind for p in parameters), kind))
    modules = dict(module for family in families for module in family.modules)
    if modules:
        modules["parts"] = _moved(writer)
    result_kind, annotation = random.choice(_RESULTS)
    _function(writer, "main", _MAIN, annotation, result_kind)
    text, arguments = "\n".join(writer.lines), _arguments(random)
    return Program(text, "main", arguments, seed, families, smooth, modules)


def _definitions(writer: Writer) -> None:
    """What the families need, at the top of a module."""
    writer.write(0, RECORD)
    for family in writer.families:
        writer.write(0, family.prelude)


def _moved(writer: Writer) -> str:
    """The text so far, as another module that is imported from; both define the same names."""
    text = "\n".join(writer.lines)
    writer.lines.clear()
    for at, helper in enumerate(writer.helpers):
        writer.write(0, f"from parts import {helper.name} as own_{helper.name}")
        writer.helpers[at] = replace(helper, name=f"own_{helper.name}")
    _definitions(writer)
    return text


def _function(
    writer: Writer, name: str, parameters: Sequence[_Parameter], result: str, kind: Kind
) -> None:
    """A function; it may call those written before it."""
    shapes = [p.kind for p in parameters if isinstance(p.kind, tuple)]
    writer.begin([d for d in ("n", "m") if any(d in shape for shape in shapes)])
    writer.result = kind
    writer.deepest = 2 if name == "main" else 1  # `main` calls the others in its loops
    writer.budget = writer.random.randint(2, 8)
    scope = Scope()
    for parameter in parameters:
        scope.add(parameter.kind, parameter.name)
        if parameter.kind == "r":
            scope.add("f", f"{parameter.name}.s")
            scope.add(("n",), f"{parameter.name}.v")
    annotated = ", ".join(f"{p.name}: {p.annotation}" for p in parameters)
    writer.write(0, f"def {name}({annotated}) -> {result}:")
    writer.statements(scope, 1, in_loop=False)
    writer.write(1, f"return {writer.value(scope)}")
    writer.write(0, "")


def _arguments(random: Random) -> dict[str, Any]:
    """Arguments for `main`: floats in [-2, 2], extents from 0 to 4, mostly above 0."""
    n, m = random.choice([0, *[1, 2, 3, 4] * 4]), random.choice([0, *[1, 2, 3] * 6])
    draw = np.random.default_rng(random.getrandbits(32))
    return {
        "a": float(draw.uniform(-2, 2)),
        "b": float(draw.uniform(-2, 2)),
        "k": random.randint(0, 5),
        "flag": random.choice([True, False]),
        "u": draw.uniform(-2, 2, n),
        "w": draw.uniform(-2, 2, m),
        "p": draw.uniform(-2, 2, (n, m)),
        "z": draw.permutation(n),
        "r": {"s": float(draw.uniform(-2, 2)), "v": draw.uniform(-2, 2, n)},
    }
