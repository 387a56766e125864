"""Names, definitions and control flow: E0201 to E0219, warnings E0291 to E0293."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from dpc.dsl.diagnostics import Diagnostic, Fix, WithOrigin
from dpc.dsl.source import Span


def _did_you_mean(suggestion: str | None) -> str:
    return f"did you mean `{suggestion}`?" if suggestion else ""


def _last_word(span: Span, name: str, suggestion: str | None) -> tuple[Fix, ...]:
    """The suggestion in the place of the name that ends a span."""
    if suggestion is None or not span.text.endswith(name):
        return ()
    return (Fix(Span(span.source, span.end - len(name), span.end), suggestion),)


@dataclass(frozen=True, kw_only=True)
class UnknownName(WithOrigin):
    """A name that nothing visible has."""

    code: ClassVar[str] = "E0201"
    title: ClassVar[str] = "unknown name `{name}`"
    label: ClassVar[str] = "not found"

    name: str
    suggestion: str | None = None
    advice: str = ""
    replacement: str | None = None

    @property
    def hint_text(self) -> str:
        return self.advice or _did_you_mean(self.suggestion)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return _last_word(self.span, self.name, self.replacement or self.suggestion)


@dataclass(frozen=True, kw_only=True)
class DuplicateName(Diagnostic):
    """A module-level definition whose name is taken."""

    code: ClassVar[str] = "E0202"
    title: ClassVar[str] = "`{name}` is defined twice"
    label: ClassVar[str] = "defined again"

    name: str
    first: Span

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return ((self.first, "first defined here"),)


@dataclass(frozen=True, kw_only=True)
class ShadowsBuiltin(Diagnostic):
    """A module-level definition with the name of a built-in."""

    code: ClassVar[str] = "E0203"
    title: ClassVar[str] = "`{name}` is the name of a built-in"
    label: ClassVar[str] = "definitions may not shadow built-ins"
    hint: ClassVar[str] = "choose another name; only local names may shadow a built-in"

    name: str


@dataclass(frozen=True, kw_only=True)
class UseBeforeAssignment(Diagnostic):
    """A local variable read where some path has not assigned it."""

    code: ClassVar[str] = "E0204"
    title: ClassVar[str] = "`{name}` may be used before it is assigned"
    label: ClassVar[str] = "not assigned on every path to here"
    hint: ClassVar[str] = "give `{name}` a value before the branch or loop that assigns it"

    name: str
    assigned: Span | None = None

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """Where it is assigned first."""
        return () if self.assigned is None else ((self.assigned, "assigned here"),)


@dataclass(frozen=True, kw_only=True)
class UseBeforeDefinition(Diagnostic):
    """A module constant or alias used above its definition."""

    code: ClassVar[str] = "E0205"
    title: ClassVar[str] = "`{name}` is used before its definition"
    label: ClassVar[str] = "defined further down"
    hint: ClassVar[str] = "{advice}"

    name: str
    advice: str = "a module is read from top to bottom: move the definition up"
    definition: Span

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        return ((self.definition, "defined here"),)


@dataclass(frozen=True, kw_only=True)
class UnknownField(Diagnostic):
    """A field or attribute that a value does not have."""

    code: ClassVar[str] = "E0206"
    title: ClassVar[str] = "{owner} has no field `{name}`"
    label: ClassVar[str] = "unknown field"

    owner: str
    name: str
    suggestion: str | None = None
    advice: str = ""
    replacement: str | None = None

    @property
    def hint_text(self) -> str:
        return self.advice or _did_you_mean(self.suggestion)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        if self.replacement is not None:
            return (Fix(self.span, self.replacement),)
        return _last_word(self.span, self.name, self.suggestion)


@dataclass(frozen=True, kw_only=True)
class NotAValue(Diagnostic):
    """A function, record or type where a value is needed."""

    code: ClassVar[str] = "E0207"
    title: ClassVar[str] = "{kind} `{name}` is not a value"
    label: ClassVar[str] = "{kind}"
    hint: ClassVar[str] = "{advice}"

    kind: str
    name: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class NotCallable(WithOrigin):
    """A call of something that is not a function."""

    code: ClassVar[str] = "E0208"
    title: ClassVar[str] = "`{name}` is {kind} and can't be called"
    label: ClassVar[str] = "not a function"
    hint: ClassVar[str] = "{advice}"

    name: str
    kind: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class UnknownType(Diagnostic):
    """An annotation that is not a type."""

    code: ClassVar[str] = "E0209"
    title: ClassVar[str] = "`{text}` is not a type"
    label: ClassVar[str] = "expected a type such as `f64` or `f64[n, d]`"

    text: str
    suggestion: str | None = None
    advice: str = ""

    @property
    def hint_text(self) -> str:
        return self.advice or _did_you_mean(self.suggestion)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return () if self.suggestion is None else (Fix(self.span, self.suggestion),)


@dataclass(frozen=True, kw_only=True)
class MissingReturn(WithOrigin):
    """A path through a function with a result that returns nothing."""

    code: ClassVar[str] = "E0210"
    title: ClassVar[str] = "`{name}` does not return a value on every path"
    label: ClassVar[str] = "the end of this function can be reached"
    hint: ClassVar[str] = 'add a `return`, or `assert False, "why"` where no value makes sense'

    name: str


@dataclass(frozen=True, kw_only=True)
class OutsideLoop(Diagnostic):
    """`break` or `continue` that no loop encloses."""

    code: ClassVar[str] = "E0211"
    title: ClassVar[str] = "`{statement}` outside a loop"
    label: ClassVar[str] = "no loop encloses this"

    statement: str


@dataclass(frozen=True, kw_only=True)
class DimensionAssigned(Diagnostic):
    """An assignment to a dimension variable."""

    code: ClassVar[str] = "E0212"
    title: ClassVar[str] = "dimension `{name}` can't be assigned"
    label: ClassVar[str] = "an extent of this function's parameters"
    hint: ClassVar[str] = "`{name}` has its value already; a local variable needs another name"

    name: str
    parameter: Span | None = None

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The parameter that binds it."""
        return () if self.parameter is None else ((self.parameter, "bound by this parameter"),)


@dataclass(frozen=True, kw_only=True)
class OtherModule(Diagnostic):
    """A function or constant written with the module that another system has it in."""

    code: ClassVar[str] = "E0213"
    title: ClassVar[str] = "no module `{name}`: `{text}` means nothing here"
    label: ClassVar[str] = "names stand alone"
    hint: ClassVar[str] = "{advice}"

    text: str
    name: str
    advice: str = ""
    here: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The name here."""
        return () if self.here is None else (Fix(self.span, self.here),)


@dataclass(frozen=True, kw_only=True)
class NoMethod(Diagnostic):
    """A call of a method: values have none."""

    code: ClassVar[str] = "E0214"
    title: ClassVar[str] = "{owner} has no method `{name}`"
    label: ClassVar[str] = "values have no methods"
    hint: ClassVar[str] = "{advice}"

    owner: str
    name: str
    advice: str = ""
    here: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The call of a function."""
        return () if self.here is None else (Fix(self.span, self.here),)


@dataclass(frozen=True, kw_only=True)
class UnusedVariable(Diagnostic):
    """A local variable that is assigned and never read."""

    code: ClassVar[str] = "E0291"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "unused-variable"
    title: ClassVar[str] = "`{name}` is assigned but never read"
    label: ClassVar[str] = "never read"
    hint: ClassVar[str] = "remove it, or start its name with `_`"

    name: str


@dataclass(frozen=True, kw_only=True)
class Unreachable(Diagnostic):
    """A statement that no path reaches."""

    code: ClassVar[str] = "E0292"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "unreachable-code"
    title: ClassVar[str] = "this statement is never reached"
    label: ClassVar[str] = "unreachable"

    leaving: Span | None = None

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The statement that leaves."""
        return () if self.leaving is None else ((self.leaving, "nothing goes on after this"),)


@dataclass(frozen=True, kw_only=True)
class CopyNeverRead(Diagnostic):
    """Elements stored into a copy of part of another variable, never read afterwards."""

    code: ClassVar[str] = "E0293"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "unused-copy"
    title: ClassVar[str] = "`{name}` is a copy: assigning into it changes nothing else"
    label: ClassVar[str] = "stored and never read"
    hint: ClassVar[str] = "values are copied when assigned; assign into `{origin}` itself"

    name: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class FloatEquality(Diagnostic):
    """Floats compared with `==` or `!=`, which rounding makes a matter of luck."""

    code: ClassVar[str] = "E0294"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "float-equality"
    title: ClassVar[str] = "floats are compared for equality"
    label: ClassVar[str] = "rounding decides"
    hint: ClassVar[str] = "compare the distance: `abs(a - b) <= tolerance`"


@dataclass(frozen=True, kw_only=True)
class ShadowedBuiltin(Diagnostic):
    """A local name that hides a built-in."""

    code: ClassVar[str] = "E0295"
    level: ClassVar[Literal["error", "warning"]] = "warning"
    switch: ClassVar[str] = "shadowed-builtin"
    title: ClassVar[str] = "`{name}` hides the built-in of that name"
    label: ClassVar[str] = "hidden from here on"
    hint: ClassVar[str] = "choose another name where the built-in is needed"

    name: str
