"""C functions: E0430 and E0431 in derivatives, E0910 to E0912 where they are declared."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Span


@dataclass(frozen=True, kw_only=True)
class NoRule(Diagnostic):
    """A C function without a derivative rule on the way from an input to a result."""

    code: ClassVar[str] = "E0430"
    title: ClassVar[str] = "`{function}` is a C function without a derivative rule"
    label: ClassVar[str] = "the result depends on `{source}` through this"
    hint: ClassVar[str] = (
        "write a rule, `@custom_jvp({function})` or `@custom_vjp({function})`, or wrap the "
        "argument in stop_gradient(...) if the derivative should be zero"
    )

    function: str
    source: str
    path: tuple[tuple[Span, str], ...] = ()

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return self.path


@dataclass(frozen=True, kw_only=True)
class RunsTwice(Diagnostic):
    """A C function that is not pure where a derivative would run it more than once."""

    code: ClassVar[str] = "E0431"
    title: ClassVar[str] = "`{function}` is not pure, but this derivative runs it more than once"
    label: ClassVar[str] = "runs once for every element"
    hint: ClassVar[str] = "declare it with `pure=True` if equal arguments always give equal results"

    function: str


@dataclass(frozen=True, kw_only=True)
class UnknownLibrary(Diagnostic):
    """A library that the system's loader does not find."""

    code: ClassVar[str] = "E0910"
    title: ClassVar[str] = "the library `{name}` can't be loaded"
    label: ClassVar[str] = "not found by the system's loader"
    hint: ClassVar[str] = (
        'a path with a slash counts from the folder of this file, as in `"./libmodel.so"`; '
        '`"process"` is what is loaded already'
    )

    name: str


@dataclass(frozen=True, kw_only=True)
class UnknownSymbol(Diagnostic):
    """A library that has no function of that name."""

    code: ClassVar[str] = "E0911"
    title: ClassVar[str] = "the library `{library}` has no function `{symbol}`"
    label: ClassVar[str] = "not found in the library"
    hint: ClassVar[str] = 'a function of C++ needs `extern "C"`'

    library: str
    symbol: str


@dataclass(frozen=True, kw_only=True)
class WrongExtern(Diagnostic):
    """An `@extern` that is not written as it should be, or above another kind of function."""

    code: ClassVar[str] = "E0912"
    title: ClassVar[str] = "{problem}"
    hint: ClassVar[str] = "{advice}"

    problem: str
    advice: str = ""
