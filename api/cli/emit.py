"""`dpc emit FILE FUNC --stage STAGE`: the text of a stage of compilation."""

import argparse
from dataclasses import fields, is_dataclass
from typing import Any

STAGES = ("ast", "array", "loops", "grad", "mlir", "llvm", "asm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument("function", metavar="FUNC", help="the function to show")
    parser.add_argument("--stage", choices=STAGES, default="loops", help="default: loops")
    parser.add_argument("--grad", metavar="NAMES", help="of the gradient for these parameters")
    parser.add_argument("--math", choices=("fast", "strict"), default="fast", help="see the docs")


def execute(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    # Here, as these load NumPy and the compiler.
    from dpc.cli.terminal import load, read
    from dpc.cli.values import function_of
    from dpc.runtime.transforms import value_and_grad

    if arguments.stage == "ast":
        print(_tree(read(arguments.file), arguments.function))
        return 0
    function = function_of(load(arguments.file, math=arguments.math), arguments.function)
    if arguments.grad is not None or arguments.stage == "grad":
        names = tuple((arguments.grad or "").split(",")) if arguments.grad else None
        wrt = names[0] if names and len(names) == 1 else names
        function = value_and_grad(function, wrt=wrt)
    if arguments.stage == "llvm":
        print(function.llvm())
    elif arguments.stage == "asm":
        print(function.asm())
    else:
        print(function.ir(arguments.stage))
    return 0


def _tree(source: Any, name: str) -> str:
    """The syntax tree of one function, one node a line."""
    # Here, as the parser's library loads with it.
    from dpc.cli.values import no_function
    from dpc.dsl.ast import FunctionDef
    from dpc.dsl.diagnostics import Sink
    from dpc.dsl.parse import parse

    sink = Sink()
    tree = parse(source, sink)
    sink.raise_if_failed()
    found = {item.name: item for item in tree.items if isinstance(item, FunctionDef)}
    if name not in found:
        raise no_function(source.name, name, list(found))
    return "\n".join(_lines(found[name], ""))


def _lines(node: Any, label: str, depth: int = 0) -> list[str]:
    """A node and what is below it, indented; fields without content are left out."""
    pad = "  " * depth
    prefix = f"{label}: " if label else ""
    if isinstance(node, tuple):
        below = [line for item in node for line in _lines(item, "", depth + 1)]
        return [f"{pad}{label}:", *below] if node else []
    if not is_dataclass(node):
        return [] if node is None else [f"{pad}{prefix}{node!r}"]
    plain, lines = [], []
    for field in fields(node):
        value = getattr(node, field.name)
        if field.name in ("span", "name_span") or value is None:
            continue
        if is_dataclass(value) or (isinstance(value, tuple) and any(map(is_dataclass, value))):
            lines += _lines(value, field.name, depth + 1)
        elif value != ():
            plain.append(f"{field.name}={value!r}")
    return [f"{pad}{prefix}{type(node).__name__}({', '.join(plain)})", *lines]
