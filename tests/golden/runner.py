"""Golden files: a command on line 1, an input, and the exact output in trailing comment lines.

    # RUN: check
    def f(x: f64) -> f64:
        return y
    #> error[E0201]: unknown name `y`
    #> ...

The command's name selects a row of COMMANDS; what stands after the name goes to it as arguments.
The input is the whole text before the expected lines, so that line numbers are the file's own.
"""

import difflib
import importlib
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dpc.dsl.source import Source

Command = Callable[[Source, Sequence[str]], str]

ROOT = Path(__file__).parent

# Command -> "module:function"; imported when a file asks for it. A row whose module is missing is
# an error of the files that use it, never a skip.
COMMANDS = {
    "parse": "tests.golden.stages.parse:dump",
    "check": "tests.golden.stages.check:diagnostics",
    "forms": "tests.golden.stages.forms:forms",
    "lowered": "tests.golden.stages.lowering:lowered",
    "bufferized": "tests.golden.stages.lowering:bufferized",
    "array": "tests.golden.stages.ir:array",
    "loops": "tests.golden.stages.ir:loops",
    "grad": "tests.golden.stages.ir:grad",
    "mlir": "tests.golden.stages.ir:mlir",
    "llvm": "tests.golden.stages.ir:llvm",
    "run": "tests.golden.stages.run:calls",
}

_COMMENTS = {".dp": "#", ".mlir": "//"}


@dataclass(frozen=True)
class Golden:
    """One golden file, taken apart."""

    path: Path
    command: str
    arguments: tuple[str, ...]
    input: str
    expected: str

    @property
    def comment(self) -> str:
        """What starts a comment in this kind of file."""
        return _COMMENTS[self.path.suffix]


def discover() -> list[Path]:
    """Every golden file, in order."""
    return sorted(p for p in ROOT.rglob("*") if p.suffix in _COMMENTS)


def read(path: Path) -> Golden:
    """Take a golden file apart."""
    comment = _COMMENTS[path.suffix]
    with path.open(encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    if lines[-1] == "":
        lines.pop()
    head = f"{comment} RUN:"
    if not lines or not lines[0].startswith(head):
        raise ValueError(f"{path}: line 1 must be `{head} <command>`")
    command, *arguments = shlex.split(lines[0].removeprefix(head))
    mark = f"{comment}>"
    first = len(lines)
    while lines[first - 1].startswith(mark):
        first -= 1
    expected = [line.removeprefix(mark).removeprefix(" ") for line in lines[first:]]
    text = "".join(f"{line}\n" for line in lines[:first])
    return Golden(path, command, tuple(arguments), text, "\n".join(expected))


def run(golden: Golden) -> str:
    """What the command says about the input, without trailing blanks."""
    if golden.command not in COMMANDS:
        raise ValueError(f"{golden.path}: unknown command `{golden.command}`")
    module, name = COMMANDS[golden.command].split(":")
    command: Command = getattr(importlib.import_module(module), name)
    output = command(Source(golden.path.name, golden.input, golden.path.parent), golden.arguments)
    return "\n".join(line.rstrip() for line in output.rstrip("\n").split("\n"))


def bless(golden: Golden, output: str) -> None:
    """Write the output into the file as what is expected."""
    lines = [f"{golden.comment}> {line}".rstrip() for line in output.split("\n")]
    with golden.path.open("w", encoding="utf-8", newline="") as file:
        file.write(golden.input + "\n".join(lines) + "\n")


def difference(golden: Golden, output: str) -> str:
    """A unified diff from what is expected to what was obtained."""
    lines = difflib.unified_diff(
        golden.expected.split("\n"), output.split("\n"), "expected", "obtained", lineterm=""
    )
    return "\n".join(lines)
