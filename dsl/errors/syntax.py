"""E01: what is wrong with the text itself, before any name is looked at."""

from dataclasses import dataclass
from typing import ClassVar

from dpc.dsl.diagnostics import Diagnostic, Fix
from dpc.dsl.source import Span


def _replaced(span: Span, replacement: str | None) -> tuple[Fix, ...]:
    return () if replacement is None else (Fix(span, replacement),)


@dataclass(frozen=True, kw_only=True)
class UnexpectedText(Diagnostic):
    """Something stands where the grammar has no place for it."""

    code: ClassVar[str] = "E0101"
    title: ClassVar[str] = "unexpected {found}"
    label: ClassVar[str] = "expected {expected}"
    hint: ClassVar[str] = "{advice}"

    found: str
    expected: str
    advice: str = ""
    replacement: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What certainly stands there instead."""
        return _replaced(self.span, self.replacement)


@dataclass(frozen=True, kw_only=True)
class MissingColon(Diagnostic):
    """`if x` without its colon."""

    code: ClassVar[str] = "E0102"
    title: ClassVar[str] = "missing `:` after `{header}`"
    label: ClassVar[str] = "expected `:`"

    header: str

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The colon."""
        return (Fix(self.span, ":"),)


@dataclass(frozen=True, kw_only=True)
class UnclosedBracket(Diagnostic):
    """An opening bracket without its partner; `noticed` is where the text can't go on."""

    code: ClassVar[str] = "E0103"
    title: ClassVar[str] = "`{bracket}` was never closed"
    label: ClassVar[str] = "opened here"

    bracket: str
    noticed: Span | None = None

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """Where the bracket should have been closed at the latest."""
        return () if self.noticed is None else ((self.noticed, "not closed before this"),)


@dataclass(frozen=True, kw_only=True)
class UnmatchedBracket(Diagnostic):
    """A closing bracket that closes nothing, or something else."""

    code: ClassVar[str] = "E0104"
    title: ClassVar[str] = "`{bracket}` has no matching opening bracket"
    label: ClassVar[str] = "closes nothing"

    bracket: str
    opener: Span | None = None

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The bracket that is open here."""
        return () if self.opener is None else ((self.opener, "this is open"),)


@dataclass(frozen=True, kw_only=True)
class UnexpectedIndent(Diagnostic):
    """A line further to the right than its block."""

    code: ClassVar[str] = "E0105"
    title: ClassVar[str] = "unexpected indentation"
    label: ClassVar[str] = "no block starts before this line"


@dataclass(frozen=True, kw_only=True)
class MissingBlock(Diagnostic):
    """A header without a body."""

    code: ClassVar[str] = "E0106"
    title: ClassVar[str] = "expected an indented block after `{header}`"
    hint: ClassVar[str] = "write `pass` if there is nothing to do"

    header: str
    header_span: Span

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The header."""
        return ((self.header_span, "its body is missing"),)


@dataclass(frozen=True, kw_only=True)
class UnmatchedDedent(Diagnostic):
    """A line that goes back to a column where no block started."""

    code: ClassVar[str] = "E0107"
    title: ClassVar[str] = "indentation matches no block that is open"
    hint: ClassVar[str] = "begin it in the column of a line above"


@dataclass(frozen=True, kw_only=True)
class MixedTabs(Diagnostic):
    """Tabs and spaces whose comparison depends on the width of a tab."""

    code: ClassVar[str] = "E0108"
    title: ClassVar[str] = "tabs and spaces are mixed in the indentation"
    hint: ClassVar[str] = "indent with spaces only"


@dataclass(frozen=True, kw_only=True)
class UnterminatedText(Diagnostic):
    """A string without its closing quote."""

    code: ClassVar[str] = "E0109"
    title: ClassVar[str] = "this string is not terminated"
    label: ClassVar[str] = "opened here"
    hint: ClassVar[str] = "{advice}"

    advice: str


@dataclass(frozen=True, kw_only=True)
class BadNumber(Diagnostic):
    """Digits that are no number of the language."""

    code: ClassVar[str] = "E0110"
    title: ClassVar[str] = "`{text}` is not a number of the language"
    hint: ClassVar[str] = "{advice}"

    text: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class BadCharacter(Diagnostic):
    """A character that means nothing outside strings and comments."""

    code: ClassVar[str] = "E0111"
    title: ClassVar[str] = "unexpected character {character}"
    label: ClassVar[str] = "means nothing outside of strings and comments"
    hint: ClassVar[str] = "{advice}"

    character: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class NotInLanguage(Diagnostic):
    """A construct of Python that this language leaves out."""

    code: ClassVar[str] = "E0112"
    title: ClassVar[str] = "{what} is not part of the language"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str
    replacement: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What the language writes instead, where that is one text."""
        return _replaced(self.span, self.replacement)


@dataclass(frozen=True, kw_only=True)
class AssignmentInCondition(Diagnostic):
    """`=` where a value is expected."""

    code: ClassVar[str] = "E0113"
    title: ClassVar[str] = "assignment where a value is expected"
    hint: ClassVar[str] = "`==` compares two values"

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """A comparison."""
        return (Fix(self.span, "=="),)


@dataclass(frozen=True, kw_only=True)
class ChainedAssignment(Diagnostic):
    """`a = b = e`."""

    code: ClassVar[str] = "E0114"
    title: ClassVar[str] = "chained assignment is not part of the language"
    hint: ClassVar[str] = "assign in two statements"


@dataclass(frozen=True, kw_only=True)
class CannotAssign(Diagnostic):
    """A target that is no place."""

    code: ClassVar[str] = "E0115"
    title: ClassVar[str] = "cannot assign to {what}"
    label: ClassVar[str] = "not a variable, element, slice or field"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class StatementInModule(Diagnostic):
    """A statement outside of a function."""

    code: ClassVar[str] = "E0116"
    title: ClassVar[str] = "{what} outside of a function"
    label: ClassVar[str] = "a module holds definitions, constants and imports"
    hint: ClassVar[str] = "{advice}"

    what: str
    advice: str = "put it into a function"


@dataclass(frozen=True, kw_only=True)
class MissingValue(Diagnostic):
    """`x: f64` outside of a record."""

    code: ClassVar[str] = "E0117"
    title: ClassVar[str] = "a declaration needs a value"
    hint: ClassVar[str] = "write `{name}: {annotation} = ...`"

    name: str
    annotation: str


@dataclass(frozen=True, kw_only=True)
class NotAField(Diagnostic):
    """Something else than a field in a record."""

    code: ClassVar[str] = "E0118"
    title: ClassVar[str] = "a record holds fields only"
    label: ClassVar[str] = "expected `name: type`"
    hint: ClassVar[str] = "{advice}"

    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class BadFormat(Diagnostic):
    """A mistake inside the braces of an f-string."""

    code: ClassVar[str] = "E0119"
    title: ClassVar[str] = "{problem} in an f-string"
    hint: ClassVar[str] = "{advice}"

    problem: str
    advice: str = ""
    replacement: str | None = None

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The expression alone."""
        return _replaced(self.span, self.replacement)


@dataclass(frozen=True, kw_only=True)
class TooDeep(Diagnostic):
    """Nesting beyond what the compiler goes through."""

    code: ClassVar[str] = "E0120"
    title: ClassVar[str] = "{what} nested more than {limit} deep"
    hint: ClassVar[str] = "{advice}"

    what: str
    limit: int
    advice: str = "give the inner parts names"


@dataclass(frozen=True, kw_only=True)
class ArgumentOrder(Diagnostic):
    """`f(a=1, b)`."""

    code: ClassVar[str] = "E0121"
    title: ClassVar[str] = "positional argument after a keyword argument"
    label: ClassVar[str] = "give it its name, or move it to the front"


@dataclass(frozen=True, kw_only=True)
class RepeatedName(Diagnostic):
    """One name twice in a parameter list, a call, or a record."""

    code: ClassVar[str] = "E0122"
    title: ClassVar[str] = "{what} `{name}` is given twice"

    what: str
    name: str
    first: Span

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The other one."""
        return ((self.first, "first given here"),)


@dataclass(frozen=True, kw_only=True)
class DefaultOrder(Diagnostic):
    """A parameter without default after one with a default."""

    code: ClassVar[str] = "E0123"
    title: ClassVar[str] = "parameter `{name}` without a default follows one with a default"
    hint: ClassVar[str] = "move `{name}` to the front, or give it a default"

    name: str


@dataclass(frozen=True, kw_only=True)
class Misplaced(Diagnostic):
    """An import or a record inside a block."""

    code: ClassVar[str] = "E0124"
    title: ClassVar[str] = "{what} inside of a block"
    hint: ClassVar[str] = "move it to the module"

    what: str


@dataclass(frozen=True, kw_only=True)
class BadEscape(Diagnostic):
    r"""`"\x4"`."""

    code: ClassVar[str] = "E0125"
    title: ClassVar[str] = "`{text}` is not a complete escape sequence"
    hint: ClassVar[str] = "write `\\\\` for a backslash"

    text: str


@dataclass(frozen=True, kw_only=True)
class MisspeltKeyword(Diagnostic):
    """A line that starts with a word that is nearly a keyword, or another language's."""

    code: ClassVar[str] = "E0126"
    title: ClassVar[str] = "`{word}` starts no statement"
    hint: ClassVar[str] = "did you mean `{meant}`?"

    word: str
    meant: str

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The keyword."""
        return (Fix(self.span, self.meant),)
