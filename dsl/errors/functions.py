"""Functions as arguments: E0240 to E0249."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Span


@dataclass(frozen=True, kw_only=True)
class MisplacedCallable(Diagnostic):
    """A `Callable` type anywhere but on a parameter: functions are never stored or returned."""

    code: ClassVar[str] = "E0240"
    title: ClassVar[str] = "only parameters can have a `Callable` type"
    label: ClassVar[str] = "functions are never stored or returned"
    hint: ClassVar[str] = "take the function as a parameter where it is called"


@dataclass(frozen=True, kw_only=True)
class NotAFunction(Diagnostic):
    """A value for a `Callable` parameter."""

    code: ClassVar[str] = "E0241"
    title: ClassVar[str] = "{what} takes a function, not `{found}`"
    label: ClassVar[str] = "not a function"
    hint: ClassVar[str] = "pass a function by name, or a `lambda`"

    what: str
    found: str


@dataclass(frozen=True, kw_only=True)
class WrongFunction(Diagnostic):
    """A function whose parameters are not those of the `Callable` type it is passed for."""

    code: ClassVar[str] = "E0242"
    title: ClassVar[str] = "`{name}` takes {takes}, but is called with {given}"
    label: ClassVar[str] = "called with {given}"

    name: str
    takes: str
    given: str
    definition: Span

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return ((self.definition, "defined here"),)


@dataclass(frozen=True, kw_only=True)
class FunctionReassigned(Diagnostic):
    """A local name of a function that is assigned again."""

    code: ClassVar[str] = "E0243"
    title: ClassVar[str] = "`{name}` is a function and can't be assigned again"
    label: ClassVar[str] = "assigned again"
    hint: ClassVar[str] = "which function a name means is known at compile time: use another name"

    name: str


@dataclass(frozen=True, kw_only=True)
class EndlessSpecialisation(Diagnostic):
    """A function that is specialised for a new function in each call of itself."""

    code: ClassVar[str] = "E0244"
    title: ClassVar[str] = "`{name}` would be specialised without end"
    label: ClassVar[str] = "each call passes another function"
    hint: ClassVar[str] = "a recursive function must pass on the function it was given"

    name: str


@dataclass(frozen=True, kw_only=True)
class FunctionWithoutValue(Diagnostic):
    """A lambda or function without result where its value is needed."""

    code: ClassVar[str] = "E0245"
    title: ClassVar[str] = "`{name}` returns no value"
    label: ClassVar[str] = "no value"

    name: str


@dataclass(frozen=True, kw_only=True)
class RecursiveExtent(Diagnostic):
    """A function that calls itself and whose result's extent only its value tells."""

    code: ClassVar[str] = "E0246"
    title: ClassVar[str] = "`{function}` calls itself, and only its result tells {dimensions}"
    label: ClassVar[str] = "room for this result is made before the call"
    hint: ClassVar[str] = (
        "let `{function}` take the extent as a parameter, or return an array whose extent its "
        "arguments tell"
    )

    function: str
    dimensions: str
