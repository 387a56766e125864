"""The command line, one file for each command: `main` parses, dispatches and reports errors.

Exit status: 0 done; 1 the program has errors or a check failed; 2 wrong usage; 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from dpc.cli.terminal import complain, report
from dpc.dsl.diagnostics import CompileError, Error

COMMANDS = {
    "check": "parse and type programs, show all diagnostics",
    "run": "compile a function, call it, show its result or gradient",
    "plan": "show what a reverse pass stores and computes again, and why",
    "bench": "time a function and its gradient",
    "emit": "show the text of a compilation stage",
    "test": "check the gradients of every differentiable function",
    "fmt": "format programs",
    "explain": "say what a diagnostic means, with an example and what helps",
    "cache": "show or clear the machine code kept between runs",
}
DESCRIPTION = """\
A differentiable-programming compiler: .dp models become native code with their gradients.
"""
EPILOG = """\
examples:
  dpc check model.dp
  dpc run model.dp loss w=@w.npy x=@x.npy b=0.5 --grad w,b
  dpc test model.dp
FILE may be - for standard input. `dpc COMMAND --help` says more.
"""


class UsageError(Exception):
    """The command line itself is wrong."""


class _Version(argparse.Action):
    """Prints the version; looked up only when asked for, as that is slow."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"dpc {import_module('dpc').__version__}")
        parser.exit()


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; the commands' own modules load only when they run."""
    parser = argparse.ArgumentParser(
        prog="dpc",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        import_module(f"dpc.cli.{name}").add_arguments(command)
    return parser


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The parsed command line; name=value words may also stand between and behind options."""
    parser = make_parser()
    parsed, rest = parser.parse_known_args(arguments)
    if rest and (not hasattr(parsed, "values") or any(word.startswith("-") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        parsed.values.extend(rest)
    return parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; the exit status."""
    try:
        parsed = _parsed(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        status = int(import_module(f"dpc.cli.{parsed.command}").execute(parsed))
        sys.stdout.flush()
    except KeyboardInterrupt:
        complain("interrupted")
        return 130
    except BrokenPipeError:
        # The reader went away; nothing more can be written, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        return _failure(error)
    return status


def _failure(error: Exception) -> int:
    """Tell the user what went wrong, never with a traceback; the exit status."""
    if isinstance(error, CompileError):
        report(error.diagnostics, sys.stderr)
        return 1
    if isinstance(error, UsageError):
        complain(str(error))
        return 2
    if isinstance(error, Error):
        complain(str(error))
        # An argument of the wrong type is wrong usage; other errors come from the program.
        return 2 if type(error).__name__ == "TypeError" else 1
    if isinstance(error, OSError):
        complain(f"{error.filename or 'input'}: {error.strerror or error}")
        return 2
    if isinstance(error, MemoryError):
        complain("out of memory")
        return 1
    complain(f"internal error: {type(error).__name__}: {error}")
    complain("this is a bug of dpc, not of your program; please report it with the .dp file")
    return 1
