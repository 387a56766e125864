"""`dpc fmt FILE...`: rewrite programs in the standard form."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from dpc.cli.terminal import complain, read, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a .dp file; - for stdin, written to stdout"
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing; 1 if a file would change"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Format every file; 1 when one has errors (or would change), 2 when one can't be read."""
    # Here, as the front end loads the parser's library.
    from dpc.dsl.diagnostics import CompileError, Error

    status = 0
    for path in arguments.files:
        try:
            status = max(status, _format(path, arguments.check))
        except CompileError as error:
            report(error.diagnostics, sys.stderr)
            status = max(status, 1)
        except OSError as error:
            complain(f"{path}: {error.strerror or error}")
            status = 2
        except Error as error:
            complain(str(error))
            status = 2
    return status


def _format(path: str, only_check: bool) -> int:
    from dpc.dsl.format import format_source

    source = read(path)
    text = format_source(source)
    if only_check:
        if text != source.text:
            print(f"{source.name} would be formatted")
        return int(text != source.text)
    if path == "-":
        sys.stdout.write(text)
    elif text != source.text:
        _replace(Path(path), text)
        print(f"{path} formatted")
    return 0


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, path.stat().st_mode)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
