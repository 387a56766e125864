"""E04: what can't be differentiated, and wrong requests for derivatives."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Literal

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Source, Span


def place(span: Span | None) -> Span:
    """The span, or an empty one where code has no place in a source."""
    return span if span is not None else Span(Source("<generated>", ""), 0, 0)


@dataclass(frozen=True, kw_only=True)
class NoDerivative(Diagnostic):
    """An operation on the way from an input to a result has no derivative rule."""

    code: ClassVar[str] = "E0401"
    title: ClassVar[str] = "no derivative is known for `{operation}`"
    label: ClassVar[str] = "the result depends on this"
    hint: ClassVar[str] = "wrap the value in stop_gradient(...) if its derivative should be zero"

    operation: str
    path: tuple[tuple[Span, str], ...] = ()

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return self.path


@dataclass(frozen=True, kw_only=True)
class NotScalar(Diagnostic):
    """A gradient of something that is no float scalar."""

    code: ClassVar[str] = "E0402"
    title: ClassVar[str] = "`{function}` has no gradient: its result is {found}, not a float scalar"
    hint: ClassVar[str] = "vjp and jvp differentiate results of any type"

    function: str
    found: str


@dataclass(frozen=True, kw_only=True)
class UnknownParameter(Diagnostic):
    """A name in `wrt` that is no parameter, or no field of one."""

    code: ClassVar[str] = "E0403"
    title: ClassVar[str] = "`{function}` has no parameter `{name}` to differentiate by"

    function: str
    name: str
    known: tuple[str, ...]

    @property
    def hint_text(self) -> str:
        """The nearest name, else all of them."""
        near = get_close_matches(self.name, self.known, n=1)
        if near:
            return f"did you mean `{near[0]}`?"
        return f"there are {', '.join(f'`{k}`' for k in self.known)}" if self.known else ""


@dataclass(frozen=True, kw_only=True)
class NoFloats(Diagnostic):
    """A `wrt` that holds no floats."""

    code: ClassVar[str] = "E0404"
    title: ClassVar[str] = "`{name}` of `{function}` holds no floats to differentiate by"
    hint: ClassVar[str] = "integers and bools carry no derivative"

    function: str
    name: str


@dataclass(frozen=True, kw_only=True)
class NothingToDifferentiate(Diagnostic):
    """A function without a float parameter or without a float result."""

    code: ClassVar[str] = "E0405"
    title: ClassVar[str] = "`{function}` can't be differentiated: it has no float {what}"
    hint: ClassVar[str] = "integers and bools carry no derivative"

    function: str
    what: str


@dataclass(frozen=True, kw_only=True)
class DifferentiatesItself(Diagnostic):
    """A function that needs its own derivative to be computed."""

    code: ClassVar[str] = "E0407"
    title: ClassVar[str] = "`{function}` differentiates itself"
    label: ClassVar[str] = "this derivative needs `{function}` itself"
    hint: ClassVar[str] = "differentiate another function; one order of derivatives is one `grad`"

    function: str


@dataclass(frozen=True, kw_only=True)
class AskedTwice(Diagnostic):
    """A parameter and a field of it, or one name twice, in `wrt`."""

    code: ClassVar[str] = "E0406"
    title: ClassVar[str] = "`wrt` of `{function}` names a part of `{name}` twice"

    function: str
    name: str


@dataclass(frozen=True, kw_only=True)
class FloatToInteger(Diagnostic):
    """A float that becomes an integer and is computed with as a float again."""

    code: ClassVar[str] = "E0491"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "float-to-integer"
    title: ClassVar[str] = "a float becomes an integer and is computed with: its derivative is 0"
    label: ClassVar[str] = "the derivative stops here"
    hint: ClassVar[str] = (
        "`floor(x)` and `round(x)` are floats; stop_gradient(...) says that this is meant"
    )


@dataclass(frozen=True, kw_only=True)
class SingularPoint(Diagnostic):
    """A value that reaches 0, where a function of it or the derivative is infinite."""

    code: ClassVar[str] = "E0492"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "singular-point"
    title: ClassVar[str] = (
        "{what} where `{operand}` can be 0: its value or derivative is not finite"
    )
    label: ClassVar[str] = "singular at 0"
    hint: ClassVar[str] = (
        "ask first (`if`, `where`), add a small constant, or use norm and hypot, whose derivative "
        "at 0 is 0"
    )

    what: str
    operand: str
