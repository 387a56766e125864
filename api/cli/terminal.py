"""What the commands share: colour, diagnostics, error lines, reading sources."""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.sizes import UNIT_NAMES, bytes_of

if TYPE_CHECKING:
    from dpc.dsl.source import Source
    from dpc.dsl.warning_levels import Levels
    from dpc.runtime.module import Module


def has_color(stream: TextIO) -> bool:
    """Colour only on a terminal and never with NO_COLOR set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def complain(text: str) -> None:
    """One line of what went wrong, to standard error."""
    red, reset = ("\033[1;31m", "\033[0m") if has_color(sys.stderr) else ("", "")
    print(f"{red}dpc:{reset} {text}", file=sys.stderr)


def report(diagnostics: Iterable[Diagnostic], stream: TextIO) -> None:
    """Diagnostics for people, an empty line after each."""
    # Here, as drawing is needed only when there is something to draw.
    from dpc.dsl.render import render

    for diagnostic in diagnostics:
        print(render(diagnostic, color=has_color(stream)), file=stream, end="\n\n")


def read(path: str) -> "Source":
    """A file, or standard input for `-`, as a source; that one imports from the current folder."""
    # Here, as these load NumPy.
    from dpc.dsl.source import Source
    from dpc.runtime.module import decoded, read_source

    if path == "-":
        return Source("<stdin>", decoded(sys.stdin.buffer.read(), "<stdin>"), Path())
    return read_source(path)


def load(path: str, levels: "Levels | None" = None, **options: str) -> "Module":
    """A module from a file or standard input; its warnings go to standard error."""
    from dpc.dsl.warning_levels import DEFAULT
    from dpc.runtime.module import Module

    module = Module(read(path), options, levels or DEFAULT)
    report(module.diagnostics, sys.stderr)
    return module


class _Choice(argparse.Action):
    """One `--warn NAME`, kept in order with the others."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        chosen = [*getattr(namespace, self.dest), (self.const, str(values))]
        setattr(namespace, self.dest, chosen)


def add_levels(parser: argparse.ArgumentParser) -> None:
    """Declare `--warn`, `--deny` and `--allow`."""
    texts = {
        "warn": "show this warning; `dpc explain warnings` lists the names, all is every one",
        "deny": "take this warning for an error",
        "allow": "do not show this warning",
    }
    for level, text in texts.items():
        names = ("-W", "--warn") if level == "warn" else (f"--{level}",)
        parser.add_argument(
            *names,
            action=_Choice,
            const=level,
            dest="levels",
            default=[],
            metavar="NAME",
            help=text,
        )


def levels_of(arguments: argparse.Namespace) -> "Levels":
    """The levels that the command line asks for; `UsageError` for an unknown name."""
    # Here, as they load every diagnostic.
    from dpc.cli import UsageError
    from dpc.dsl.diagnostics import Error
    from dpc.dsl.warning_levels import levels

    try:
        return levels(arguments.levels)
    except Error as error:
        raise UsageError(str(error)) from None


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Declare `--memory`."""
    parser.add_argument(
        "--memory",
        type=_size,
        metavar="SIZE",
        help="what a call may take: 64MiB, 2GB, a number of bytes; without it, reverse passes have"
        " a quarter of the free memory, at most 1GiB",
    )


def _size(text: str) -> int:
    found = int(text) if text.isdecimal() else bytes_of(text)
    if not found:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no size; write 64MiB, 2GB or a number of bytes (units {UNIT_NAMES})"
        )
    return found
