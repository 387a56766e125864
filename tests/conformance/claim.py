"""The rows of the conformance tables, and how each is held true.

A row is one claim of the language's definition with the smallest program that shows it.
`later(row)` marks a claim about what the compiler does not have yet: today the row's program must
be refused with E0100; whoever makes it work removes the mark.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import dpc
from tests.conformance.reference import interpreted
from tests.semantics.python import by_python
from tests.semantics.records import plain

HEAD = "def f"


@dataclass(frozen=True)
class Row:
    """One claim: its number (section.sentence), what it says, a program."""

    number: str
    says: str
    source: str

    def check(self) -> None:
        """Assert the claim."""
        raise NotImplementedError

    @property
    def module(self) -> dpc.Module:
        return dpc.compile(self.source, name="claim")


@dataclass(frozen=True)
class Value(Row):
    """`f(**arguments)` is `expected` (where that is not given: what Python computes), natively in
    both modes and by the interpreter; its gradient is right, and `gradient` where that is given.
    """

    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    expected: Any = None
    gradient: Any = None
    rtol: float = 1e-13
    smooth: bool = True

    def check(self) -> None:
        function = self.module.f
        expected = self.expected
        if expected is None:
            expected = by_python(self.source, dict(self.arguments))
        strict = function.options(math="strict")
        for call in (function, strict, interpreted(strict)):
            same(call(**copy.deepcopy(dict(self.arguments))), expected, self.rtol)
        if self.gradient is not None:
            same(dpc.grad(function)(**self.arguments), self.gradient, self.rtol)
        if self.smooth and _differentiable(function):
            report = dpc.check_grad(function, **self.arguments)
            assert report.ok, str(report)


@dataclass(frozen=True)
class Refused(Row):
    """The program is refused: one error with this code, `at` being the underlined text."""

    code: str
    at: str
    message: str = ""

    def check(self) -> None:
        found = diagnostics(self.source)
        assert [(d.code, d.span.text) for d in found] == [(self.code, self.at)], found
        assert self.message in found[0].message


@dataclass(frozen=True)
class Fails(Row):
    """`f(**arguments)` raises at the line that holds `at`, natively and in the interpreter."""

    arguments: Mapping[str, Any]
    at: str
    kind: str
    message: str

    def check(self) -> None:
        function = self.module.f
        line = 1 + next(i for i, text in enumerate(self.source.splitlines()) if self.at in text)
        strict = function.options(math="strict")
        for call in (function, strict, interpreted(strict)):
            with pytest.raises(dpc.RuntimeError) as caught:
                call(**self.arguments)
            assert (caught.value.line, caught.value.kind) == (line, self.kind), caught.value
            assert self.message in caught.value.message, caught.value


@dataclass(frozen=True)
class EntryError(Row):
    """The arguments are refused before anything runs."""

    arguments: Mapping[str, Any]
    message: str

    def check(self) -> None:
        with pytest.raises(dpc.Error) as caught:
            self.module.f(**self.arguments)
        assert self.message in str(caught.value), caught.value


@dataclass(frozen=True)
class Shown(Row):
    """A claim that takes more than a call: `holds` asserts it on the module."""

    holds: Callable[[dpc.Module], None]

    def check(self) -> None:
        self.holds(self.module)


@dataclass(frozen=True)
class Later(Row):
    """A claim about what is not there yet; see `later`."""

    row: Row

    def check(self) -> None:
        codes = {d.code for d in diagnostics(self.source)}
        assert "E0100" in codes, f"no longer refused (found {codes}): remove the mark `later`"


def later(row: Row) -> Row:
    """The row, once what it is about is there; until then its program is refused with E0100."""
    return Later(row.number, row.says, row.source, row)


def diagnostics(source: str) -> list[Any]:
    """The errors of a program, none if it is legal."""
    try:
        dpc.compile(source, name="claim")
    except dpc.CompileError as error:
        return [d for d in error.diagnostics if d.level == "error"]
    return []


def same(found: Any, expected: Any, rtol: float) -> None:
    """Equal trees of numbers, of equal shapes, up to rounding."""
    found, expected = plain(found), plain(expected)
    if isinstance(expected, tuple | dict):
        assert type(found) is type(expected), found
        keys = expected.keys() if isinstance(expected, dict) else range(len(expected))
        assert len(found) == len(expected), found
        for key in keys:
            same(found[key], expected[key], rtol)
        return
    assert np.shape(found) == np.shape(expected)
    assert np.asarray(found).dtype.kind == np.asarray(expected).dtype.kind, (found, expected)
    np.testing.assert_allclose(np.asarray(found), expected, rtol=rtol, atol=1e-300)


def _differentiable(function: dpc.Function) -> bool:
    """From floats to floats."""
    slots = (function.signature.inputs, function.signature.results)
    texts = ["".join(str(e.type) for s in part for e in s.leaves) for part in slots]
    return all("f64" in text or "f32" in text for text in texts)
