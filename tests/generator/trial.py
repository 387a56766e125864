"""One program, compiled in all ways that are compared."""

import copy
import io
import warnings
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

import dpc
from dpc.compiler import pipeline
from dpc.compiler.driver import Compiled, Options
from dpc.compiler.ir.core import Function
from dpc.compiler.passes.inline import inline
from dpc.runtime.marshal import Marshaller
from tests.conformance.reference import interpreted
from tests.generator.program import Program
from tests.semantics.records import plain

FLOATS = ("a", "b", "u", "w", "p", "r")


@dataclass(frozen=True)
class Raised:
    """What a call raised instead of returning."""

    kind: str
    line: int
    message: str


def outcome(call: Any, *args: Any, **keywords: Any) -> Any:
    """The result of a call, or the run-time error it raised."""
    try:
        return call(*copy.deepcopy(args), **copy.deepcopy(keywords))
    except dpc.RuntimeError as error:
        return Raised(error.kind, error.line, error.message)


def flat(value: Any) -> Any:
    """All numbers of a value, in order."""
    value = plain(value)
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return np.concatenate([[], *(flat(item) for item in value)])
    return np.ravel(np.asarray(value, float))


def compiled(program: Program, real: str = "f64") -> dpc.Function:
    """The function of a program, in the working precision given."""
    with warnings.catch_warnings(), TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        for name, text in {**program.modules, "generated": program.text}.items():
            Path(folder, f"{name}.dp").write_text(text)
        module = dpc.load(Path(folder, "generated.dp"), real=real, math="strict")
    function: dpc.Function = getattr(module, program.function)
    return function


class Trial:
    """A program with its functions, made on first need, and directions for its derivatives."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.arguments = program.arguments
        self.printed = ""  # by the strict build

    @cached_property
    def main(self) -> dpc.Function:
        return compiled(self.program).options(math="fast")

    @cached_property
    def strict(self) -> dpc.Function:
        return self.main.options(math="strict")

    @cached_property
    def value(self) -> Any:
        """The value of the strict build, or what it raised."""
        text = io.StringIO()
        with redirect_stdout(text):
            value = outcome(self.strict, **self.arguments)
        self.printed = text.getvalue()
        return value

    @cached_property
    def raises(self) -> bool:
        return isinstance(self.value, Raised)

    @cached_property
    def jvp(self) -> dpc.Function:
        return dpc.jvp(self.main, wrt=FLOATS)

    @cached_property
    def vjp(self) -> dpc.Function:
        return dpc.vjp(self.main, wrt=FLOATS)

    @cached_property
    def tangents(self) -> list[Any]:
        """A direction for each float argument."""
        random = np.random.default_rng(self.program.seed)
        return [_like(self.arguments[name], random) for name in FLOATS]

    @cached_property
    def cotangent(self) -> Any:
        """A direction for the result."""
        return _like(self.value, np.random.default_rng(self.program.seed + 1))

    @cached_property
    def forward(self) -> tuple[Any, Any]:
        """Value and tangent by forward mode; interpreted, which takes no machine code."""
        forward = interpreted(self.jvp)
        found: tuple[Any, Any] = forward(*self.arguments.values(), *self.tangents)
        return found

    @cached_property
    def backward(self) -> tuple[Any, Any]:
        """Value and cotangents by reverse mode."""
        found: tuple[Any, Any] = self.vjp(*self.arguments.values(), self.cotangent)
        return found

    @cached_property
    def ill_conditioned(self) -> bool:
        """Rounding alone moves the value: derivatives of what stays below 100 are that large."""
        return bool(np.max(np.abs(flat(self.forward[1])), initial=0.0) > 1e6)

    # --- before any pass ----------------------------------------------------------------------

    @cached_property
    def unoptimised(self) -> Function:
        """The loops level of the program, no pass run but for inlining."""
        compiled = Compiled(self.main.origin.primal.compiled.module)
        with patch.multiple(pipeline, ARRAY=(inline,), loops=lambda math: ()):
            return compiled.entry(self.program.function, Options(), reverse=True).function

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The dimension arguments of `unoptimised`."""
        names = [p.name for p in self.unoptimised.parameters if p.role == "dimension"]
        extents = self.main.signature.extents
        values = [poly.evaluate(self._frame.dimensions) for poly in extents]
        return dict(zip(names, values, strict=True))

    @property
    def inputs(self) -> list[Any]:
        """The leaves of the arguments."""
        return [np.copy(v) if isinstance(v, np.ndarray) else v for v in self._frame.leaves]

    @property
    def directions(self) -> list[Any]:
        """The leaves of the tangents."""
        found: list[Any] = []
        for tangent in self.tangents:
            found += tangent.values() if isinstance(tangent, dict) else [tangent]
        return found

    @cached_property
    def _frame(self) -> Any:
        marshaller = Marshaller(self.main.signature, self.main.origin.classes)
        return marshaller.pack(list(self.arguments.values()))


def _like(value: Any, random: np.random.Generator) -> Any:
    if isinstance(value, dict):
        return {name: _like(part, random) for name, part in value.items()}
    drawn = random.normal(size=np.shape(value))
    return drawn if drawn.ndim else float(drawn)
