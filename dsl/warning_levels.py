"""Which warnings are shown, which are errors, which are silent: by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Literal

from dpc.dsl.diagnostics import Diagnostic, Error
from dpc.dsl.errors.explanations import diagnostic_classes, summary
from dpc.dsl.resolve import nearest
from dpc.dsl.source import Source

Level = Literal["allow", "warn", "deny"]
ALL = "all"
# Hiding a built-in is legal and often harmless.
_SILENT = frozenset(("shadowed-builtin",))


@cache
def warning_names() -> dict[str, str]:
    """The code of every warning by its name."""
    return {cls.switch: code for code, cls in diagnostic_classes().items() if cls.switch}


@dataclass(frozen=True)
class Levels:
    """What was asked for; later choices count more. `all` stands for every warning."""

    chosen: Mapping[str, Level] = field(default_factory=dict)

    def of(self, name: str) -> Level:
        """The level of a warning."""
        return self.chosen.get(name, "allow" if name in _SILENT else "warn")


DEFAULT = Levels()


def levels(choices: Iterable[tuple[Level, str]]) -> Levels:
    """The levels after choices in their order; `dpc.Error` for an unknown name."""
    chosen: dict[str, Level] = {}
    for level, name in choices:
        if name != ALL and name not in warning_names():
            near = nearest(name, [*warning_names(), ALL])
            hint = f"did you mean `{near}`?" if near else f"there are {', '.join(warning_names())}"
            raise Error(f"there is no warning `{name}`; {hint}")
        chosen.update(dict.fromkeys(warning_names() if name == ALL else [name], level))
    return Levels(chosen)


def settled(
    diagnostics: Iterable[Diagnostic], chosen: Levels, source: Source
) -> tuple[Diagnostic, ...]:
    """In source order: errors, and of the warnings about this source those that are not allowed."""
    kept: list[Diagnostic] = []
    for diagnostic in diagnostics:
        level = chosen.of(diagnostic.switch) if diagnostic.switch else "deny"
        if not diagnostic.switch:
            kept.append(diagnostic)
        elif diagnostic.span.source is source and level != "allow":
            kept.append(_denied(diagnostic) if level == "deny" else diagnostic)
    return tuple(sorted(kept, key=lambda d: (d.span.source.name, d.span.start)))


def _denied(diagnostic: Diagnostic) -> Diagnostic:
    """The warning as an error."""
    values = {f.name: getattr(diagnostic, f.name) for f in fields(diagnostic)}
    cls = type(diagnostic)
    made: Diagnostic = type(cls.__name__, (cls,), {"level": "error"})(**values)
    return made


def as_list() -> str:
    """The names of all warnings with what they report, for a terminal."""
    width = max(map(len, warning_names()))
    lines = [
        f"  {name:{width}}  {code}  {summary(code)}{' (off)' if name in _SILENT else ''}"
        for name, code in warning_names().items()
    ]
    return "\n".join(["warnings, for --warn, --deny and --allow (also: all):", "", *lines])
