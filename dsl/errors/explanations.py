"""Every diagnostic with its explanation: the content of `dpc explain` and of docs/errors.md.

A new family's module is a row of `MODULES`, its explanations a row of `EXPLANATIONS`.
"""

import importlib
from collections.abc import Iterator
from functools import cache

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.explanation import Explanation
from dpc.dsl.errors.explanations_build import BUILD
from dpc.dsl.errors.explanations_derivatives import DERIVATIVES
from dpc.dsl.errors.explanations_functions import FUNCTIONS
from dpc.dsl.errors.explanations_modules import IMPORTS
from dpc.dsl.errors.explanations_names import NAMES
from dpc.dsl.errors.explanations_parallel import PARALLEL
from dpc.dsl.errors.explanations_rules import RULES
from dpc.dsl.errors.explanations_shapes import SHAPES
from dpc.dsl.errors.explanations_syntax import SYNTAX
from dpc.dsl.errors.explanations_types import TYPES

MODULES = (
    "support",
    "syntax",
    "names",
    "types",
    "functions",
    "modules",
    "shapes",
    "differentiability",
    "rules",
    "extern",
    "parallel",
)
FAMILIES = {
    "E01": "Syntax",
    "E02": "Names, types and flow of control",
    "E03": "Shapes",
    "E04": "Differentiability",
    "E05": "Memory",
    "E06": "Parallel loops",
    "E09": "Building",
}
EXPLANATIONS: dict[str, Explanation] = {
    **SYNTAX,
    **NAMES,
    **TYPES,
    **FUNCTIONS,
    **IMPORTS,
    **SHAPES,
    **DERIVATIVES,
    **RULES,
    **BUILD,
    **PARALLEL,
}


@cache
def diagnostic_classes() -> dict[str, type[Diagnostic]]:
    """Every diagnostic by its code, in the order of codes."""
    found = {cls.code: cls for name in MODULES for cls in classes_of(name)}
    return dict(sorted(found.items()))


def classes_of(module: str) -> Iterator[type[Diagnostic]]:
    """The diagnostics of a module of `dsl/errors`."""
    home = importlib.import_module(f"dpc.dsl.errors.{module}")
    for item in vars(home).values():
        if isinstance(item, type) and issubclass(item, Diagnostic) and "code" in vars(item):
            yield item


def summary(code: str) -> str:
    """What the diagnostic is about, in a line."""
    return (diagnostic_classes()[code].__doc__ or "").partition("\n")[0].strip()


def as_text(code: str) -> str:
    """The explanation for a terminal."""
    known, explanation = diagnostic_classes()[code], EXPLANATIONS[code]
    lines = [f"{known.level}[{code}]: {summary(code)}", "", *_wrapped(explanation.cause, "")]
    if explanation.example:
        lines += ["", "Example:", ""]
        lines += [f"    {line}".rstrip() for line in explanation.example.splitlines()]
    lines += ["", "What helps:", ""]
    for fix in explanation.fixes:
        first, *rest = _wrapped(fix, "  ")
        lines += [f"- {first.strip()}", *rest]
    return "\n".join(lines)


def _wrapped(text: str, indent: str) -> list[str]:
    # Here, as only people who read an explanation need it.
    from textwrap import wrap

    return wrap(text, 88, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def as_list() -> str:
    """All codes with their summaries, for a terminal."""
    lines: list[str] = []
    for family, title in FAMILIES.items():
        codes = [code for code in diagnostic_classes() if code.startswith(family)]
        lines += ["", f"{family} {title}", ""] if codes else []
        lines += [f"  {code}  {summary(code)}" for code in codes]
    return "\n".join(lines[1:])


def as_page() -> str:
    """The page docs/errors.md."""
    parts = [
        "# Errors and warnings",
        "Every diagnostic has a code. `dpc explain E0304` prints what this page says about it; "
        "`dpc explain` lists the codes. An example that is refused starts with `# error`.",
    ]
    for family, title in FAMILIES.items():
        codes = [code for code in diagnostic_classes() if code.startswith(family)]
        parts += [f"## {family}: {title}"] if codes else []
        parts += [part for code in codes for part in _section(code)]
    return "\n\n".join(parts) + "\n"


def _section(code: str) -> list[str]:
    known, explanation = diagnostic_classes()[code], EXPLANATIONS[code]
    warning = " (warning)" if known.level == "warning" else ""
    parts = [f"### {code}{warning}", f"**{summary(code)}** {explanation.cause}"]
    if explanation.example:
        refused = "# error\n" if known.level == "error" else ""
        parts.append(f"```dp\n{refused}{explanation.example}```")
    parts.append("\n".join(f"- {fix}" for fix in explanation.fixes))
    return parts
