"""`dpc check FILE...`: parse and type; all diagnostics of all files."""

import argparse
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dpc.cli.terminal import add_levels, complain, levels_of, read, report
from dpc.dsl.diagnostics import Diagnostic, Error

if TYPE_CHECKING:
    from dpc.dsl.warning_levels import Levels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument(
        "--format",
        choices=("human", "short", "json"),
        default="human",
        help="human: with the source line; short: one line each; json: for editors",
    )
    add_levels(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Check every file; 1 when one has errors, 2 when one can't be read."""
    levels = levels_of(arguments)
    found: list[Diagnostic] = []
    unreadable = False
    for path in arguments.files:
        try:
            found.extend(_diagnostics(path, levels))
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


def _diagnostics(path: str, levels: "Levels") -> Iterable[Diagnostic]:
    # Here, as the front end loads the parser's library.
    from dpc.compiler.driver import diagnose

    return diagnose(read(path), levels)


def _human(diagnostics: list[Diagnostic]) -> None:
    report(diagnostics, sys.stdout)
    errors = sum(d.level == "error" for d in diagnostics)
    if errors:
        print(f"{errors} error{'s' if errors > 1 else ''}")


def _short(diagnostics: list[Diagnostic]) -> None:
    from dpc.dsl.render import render_short

    for diagnostic in diagnostics:
        print(render_short(diagnostic))


def _json(diagnostics: Iterable[Diagnostic]) -> None:
    from dpc.dsl.render import as_data

    print(json.dumps(as_data(diagnostics), indent=2))


_SHOW = {"human": _human, "short": _short, "json": _json}
