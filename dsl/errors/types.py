"""Types, arguments and constants: E0220 to E0249."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic, Fix, WithOrigin
from dpc.dsl.source import Span


@dataclass(frozen=True, kw_only=True)
class TypeMismatch(WithOrigin):
    """A value of another type than its place has."""

    code: ClassVar[str] = "E0220"
    title: ClassVar[str] = "{what} has type `{found}`, expected `{expected}`"
    label: ClassVar[str] = "`{found}`"
    hint: ClassVar[str] = "{advice}"

    what: str
    expected: str
    found: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class MixedPrecision(WithOrigin):
    """`f64` and `f32` in one operation."""

    code: ClassVar[str] = "E0221"
    title: ClassVar[str] = "`{left}` and `{right}` do not mix"
    label: ClassVar[str] = "`{left}` with `{right}`"
    hint: ClassVar[str] = "convert one side: `f64(...)` or `f32(...)`"

    left: str
    right: str


@dataclass(frozen=True, kw_only=True)
class WrongOperand(Diagnostic):
    """An operand or argument of a type the operation does not take."""

    code: ClassVar[str] = "E0222"
    title: ClassVar[str] = "{operation} takes {expected}, not `{found}`"
    label: ClassVar[str] = "`{found}`"
    hint: ClassVar[str] = "{advice}"

    operation: str
    expected: str
    found: str
    advice: str = ""

    @property
    def message(self) -> str:
        """Operations without a space in them are as the source writes them."""
        quoted = f"`{self.operation}`" if " " not in self.operation else self.operation
        return quoted + super().message.removeprefix(self.operation)


@dataclass(frozen=True, kw_only=True)
class MissingAnnotation(Diagnostic):
    """A parameter or result without a type."""

    code: ClassVar[str] = "E0223"
    title: ClassVar[str] = "{what} has no type"
    label: ClassVar[str] = "annotate it"
    hint: ClassVar[str] = "parameters and results are annotated: `def f(x: f64[n]) -> f64:`"

    what: str


@dataclass(frozen=True, kw_only=True)
class WrongArguments(Diagnostic):
    """Too many, too few, repeated or unknown arguments of a call."""

    code: ClassVar[str] = "E0224"
    title: ClassVar[str] = "{problem}"
    label: ClassVar[str] = "in this call"
    hint: ClassVar[str] = "{signature}"

    problem: str
    signature: str = ""


@dataclass(frozen=True, kw_only=True)
class NotConstant(Diagnostic):
    """Something that must be known at compile time and is not."""

    code: ClassVar[str] = "E0225"
    title: ClassVar[str] = "{what} must be a constant"
    label: ClassVar[str] = "not known at compile time"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class IntegerOverflow(Diagnostic):
    """A constant that its integer type can't hold."""

    code: ClassVar[str] = "E0226"
    title: ClassVar[str] = "{value} does not fit into `{type}`"
    label: ClassVar[str] = "out of range"

    value: str
    type: str


@dataclass(frozen=True, kw_only=True)
class ConstantFails(Diagnostic):
    """A constant expression without a value, such as `1 // 0`."""

    code: ClassVar[str] = "E0227"
    title: ClassVar[str] = "this constant has no value: {reason}"
    label: ClassVar[str] = "{reason}"

    reason: str
    failing: Span | None = None

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The line of a function that fails."""
        return () if self.failing is None else ((self.failing, "it fails here"),)


@dataclass(frozen=True, kw_only=True)
class ConditionNotBool(Diagnostic):
    """A condition that is not one bool."""

    code: ClassVar[str] = "E0228"
    title: ClassVar[str] = "a condition is a bool, not `{found}`"
    label: ClassVar[str] = "`{found}`"
    hint: ClassVar[str] = "{advice}"

    found: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class WrongUnpacking(Diagnostic):
    """A destructuring whose sides do not match."""

    code: ClassVar[str] = "E0229"
    title: ClassVar[str] = "{targets} targets for {values}"
    label: ClassVar[str] = "{targets} targets"

    targets: int
    values: str


@dataclass(frozen=True, kw_only=True)
class BadTarget(Diagnostic):
    """Something that can't be assigned to."""

    code: ClassVar[str] = "E0230"
    title: ClassVar[str] = "can't assign to {what}"
    label: ClassVar[str] = "not a variable, element, slice or field"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class NotIterable(Diagnostic):
    """A `for` over something other than a range or an array."""

    code: ClassVar[str] = "E0231"
    title: ClassVar[str] = "`for` goes over `range(...)` or an array, not `{found}`"
    label: ClassVar[str] = "`{found}`"
    hint: ClassVar[str] = "{advice}"

    found: str
    advice: str = ""
    replacement: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The range that is certainly meant."""
        return () if self.replacement is None else (Fix(self.span, self.replacement),)


@dataclass(frozen=True, kw_only=True)
class Misplaced(WithOrigin):
    """A construct where it has no meaning."""

    code: ClassVar[str] = "E0232"
    title: ClassVar[str] = "{problem}"
    label: ClassVar[str] = "here"
    hint: ClassVar[str] = "{advice}"

    problem: str
    advice: str = ""
