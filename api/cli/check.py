"""`dpc check FILE...`: parse and type; all diagnostics of all files."""

import argparse
import json
import sys
from collections.abc import Iterable

from dpc.cli.terminal import complain, read, report
from dpc.dsl.diagnostics import Diagnostic, Error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument(
        "--format",
        choices=("human", "short", "json"),
        default="human",
        help="human: with the source line; short: one line each; json: for editors",
    )


def execute(arguments: argparse.Namespace) -> int:
    """Check every file; 1 when one has errors, 2 when one can't be read."""
    found: list[Diagnostic] = []
    unreadable = False
    for path in arguments.files:
        try:
            found.extend(_diagnostics(path))
        except OSError as error:
            complain(f"{path}: {error.strerror or error}")
            unreadable = True
        except Error as error:
            complain(str(error))
            unreadable = True
    _SHOW[arguments.format](found)
    if unreadable:
        return 2
    return 1 if any(d.level == "error" for d in found) else 0


def _diagnostics(path: str) -> Iterable[Diagnostic]:
    # Here, as the front end loads the parser's library.
    from dpc.compiler.driver import diagnose

    return diagnose(read(path))


def _human(diagnostics: list[Diagnostic]) -> None:
    report(diagnostics, sys.stdout)
    errors = sum(d.level == "error" for d in diagnostics)
    if errors:
        print(f"{errors} error{'s' if errors > 1 else ''}")


def _short(diagnostics: list[Diagnostic]) -> None:
    for d in diagnostics:
        print(f"{d.span}: {d.level}[{d.code}]: {d.message}")


def _json(diagnostics: Iterable[Diagnostic]) -> None:
    print(json.dumps([_plain(d) for d in diagnostics], indent=2))


def _plain(d: Diagnostic) -> dict[str, object]:
    end_line, end_column = d.span.source.position(d.span.end)
    return {
        "file": d.span.source.name,
        "line": d.span.line,
        "column": d.span.column,
        "end_line": end_line,
        "end_column": end_column,
        "level": d.level,
        "code": d.code,
        "message": d.message,
        "label": d.label_text,
        "hint": d.hint_text,
    }


_SHOW = {"human": _human, "short": _short, "json": _json}
