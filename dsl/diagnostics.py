"""What the compiler says to users: the base of all diagnostics, their collector, `CompileError`.

A diagnostic is a frozen dataclass with typed fields and a title template, reported in one line:

    sink.report(UnknownName(span=node.span, name=node.name, suggestion=near))

The dataclasses live in `dsl/errors/`, one file per family; `dsl/render.py` draws them.
Families: E01 syntax (E0100 = not supported yet), E02 names and types, E03 shapes,
E04 differentiability, E05 memory, E06 parallel, E09 build.
"""

from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal

from dpc.dsl.source import Span


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the text after which the diagnostic is gone: `span` becomes `replacement`."""

    span: Span
    replacement: str


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One message with its place. Subclasses set the class variables and add fields.

    `title`, `label` and `hint` are `str.format` templates over the fields. A subclass whose hint
    depends on its fields overrides `hint_text`. A warning has a `switch`: the name by which it is
    allowed or denied.
    """

    code: ClassVar[str]
    level: ClassVar[Literal["error", "warning"]] = "error"
    title: ClassVar[str]
    label: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    switch: ClassVar[str] = ""

    span: Span

    def _format(self, template: str) -> str:
        return template.format(**{f.name: getattr(self, f.name) for f in fields(self)})

    @property
    def message(self) -> str:
        """The headline."""
        return self._format(self.title)

    @property
    def label_text(self) -> str:
        """What stands beside the underlined span; may be empty."""
        return self._format(self.label)

    @property
    def hint_text(self) -> str:
        """The likely fix; may be empty."""
        return self._format(self.hint)

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """Other places that matter, each with its label."""
        return ()

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The change that is certainly meant, where there is one."""
        return ()


@dataclass(frozen=True, kw_only=True)
class WithOrigin(Diagnostic):
    """A value that does not fit, and the place that says what would: a declaration, say. `also`:
    what else takes part, such as the operands of an operator.
    """

    origin: tuple[Span, str] | None = None
    also: tuple[tuple[Span, str], ...] = ()

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """What takes part, and the origin."""
        return self.also if self.origin is None else (*self.also, self.origin)


class Error(Exception):
    """Base of everything that is raised for a user's program or call (`dpc.Error`)."""


class CompileError(Error):
    """A program that can't be compiled; carries every diagnostic of the run.

    As text it shows each with its source line, as the command line does.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(diagnostics)

    def __str__(self) -> str:
        # Here, as drawing is only needed when an error is shown, and draws what is defined here.
        from dpc.dsl.render import render_all

        return "\n" + render_all(self.diagnostics)


class InternalError(Exception):
    """A bug of the compiler itself, never the user's fault."""


@dataclass
class Sink:
    """Collects diagnostics so that one run reports all independent ones."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _known: set[tuple[str, Span]] = field(default_factory=set, repr=False)

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic, once per code and place."""
        key = (diagnostic.code, diagnostic.span)
        if key not in self._known:
            self._known.add(key)
            self.diagnostics.append(diagnostic)

    @property
    def failed(self) -> bool:
        """True when an error (not only warnings) was reported."""
        return any(d.level == "error" for d in self.diagnostics)

    def raise_if_failed(self) -> None:
        """Raise `CompileError` with all diagnostics, in source order, when there is an error."""
        if self.failed:
            ordered = sorted(self.diagnostics, key=lambda d: (d.span.source.name, d.span.start))
            raise CompileError(tuple(ordered))
