"""Derivative rules: E0420 to E0429."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.source import Span


@dataclass(frozen=True, kw_only=True)
class WrongDecorator(Diagnostic):
    """What stands behind an `@` is none of the decorators, or not written as they are."""

    code: ClassVar[str] = "E0420"
    title: ClassVar[str] = "{problem}"
    hint: ClassVar[str] = "{advice}"

    problem: str
    advice: str = "there are `@custom_vjp(f)` and `@custom_jvp(f)`"


@dataclass(frozen=True, kw_only=True)
class _OfFunction(Diagnostic):
    """A rule that does not fit its function."""

    definition: Span
    signature: str

    @property
    def hint_text(self) -> str:
        """The definition as it should begin."""
        return f"write `{self.signature}`"

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return ((self.definition, "the function is defined here"),)


@dataclass(frozen=True, kw_only=True)
class WrongRuleParameters(_OfFunction):
    """A rule with too few or too many parameters."""

    code: ClassVar[str] = "E0421"
    title: ClassVar[str] = "a {mode} rule of `{function}` takes {expected}; this one has {found}"

    mode: str
    function: str
    expected: str
    found: int


@dataclass(frozen=True, kw_only=True)
class WrongRuleType(_OfFunction):
    """A parameter or the result of a rule has another type than the function says."""

    code: ClassVar[str] = "E0422"
    title: ClassVar[str] = (
        "{what} has type `{found}`, a {mode} rule of `{function}` has `{expected}`"
    )

    what: str
    mode: str
    function: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class UnknownRuleTarget(Diagnostic):
    """A rule for something that is no function of the file."""

    code: ClassVar[str] = "E0423"
    title: ClassVar[str] = "a rule here can't be for `{name}`"
    label: ClassVar[str] = "{reason}"

    name: str
    reason: str
    suggestion: str | None = None

    @property
    def hint_text(self) -> str:
        """The nearest name."""
        return f"did you mean `{self.suggestion}`?" if self.suggestion else ""


@dataclass(frozen=True, kw_only=True)
class SecondRule(Diagnostic):
    """Two rules for one function."""

    code: ClassVar[str] = "E0424"
    title: ClassVar[str] = "`{function}` has a derivative rule already"
    label: ClassVar[str] = "the second rule"
    hint: ClassVar[str] = "one rule serves forward and reverse mode: the other follows from it"

    function: str
    first: Span

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return ((self.first, "the first rule"),)


@dataclass(frozen=True, kw_only=True)
class NoRuleNeeded(Diagnostic):
    """A rule for a function without float parameters, or without a float in its result."""

    code: ClassVar[str] = "E0425"
    title: ClassVar[str] = "`{function}` has no derivative to replace: it has no float {what}"
    hint: ClassVar[str] = "integers and bools carry no derivative"

    function: str
    what: str


@dataclass(frozen=True, kw_only=True)
class RuleNeedsItself(Diagnostic):
    """A rule whose derivative needs the rule itself, without end."""

    code: ClassVar[str] = "E0426"
    title: ClassVar[str] = "the derivative rule of `{function}` needs itself"
    label: ClassVar[str] = "the rule applies `{function}` to a tangent or cotangent"
    hint: ClassVar[str] = "write in the rule what `{function}` does to tangents"

    function: str
