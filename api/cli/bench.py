"""`dpc bench FILE FUNC [--grad NAMES] [name=value ...]`: how fast, in how much memory."""

import argparse
import json
from typing import TYPE_CHECKING

from dpc.cli.terminal import add_levels, add_memory

if TYPE_CHECKING:
    from dpc.runtime.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument("function", metavar="FUNC", help="the function")
    parser.add_argument(
        "values",
        nargs="*",
        metavar="name=value",
        help="an extent, n=1000 (else 100), or an argument, as for `dpc run`; the rest is made",
    )
    parser.add_argument("--args", metavar="DATA", help="arguments from a .npz or .json file")
    parser.add_argument("--grad", metavar="NAMES", help="the gradient too: w,b or m.w")
    parser.add_argument(
        "--data",
        choices=("uniform", "normal", "zeros"),
        default="uniform",
        help="floats that are made: between 0.1 and 0.9 (default), normal, or 0; integers are 0",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the data, default 0")
    parser.add_argument("--rounds", type=_count, default=15, help="how often to sample, default 15")
    parser.add_argument("--math", choices=("fast", "strict"), default="fast", help="see the docs")
    parser.add_argument(
        "--remarks", action="store_true", help="what became of each loop, and why, instead"
    )
    add_memory(parser)
    parser.add_argument("--format", choices=("human", "json"), default="human")
    parser.add_argument(
        "--json", dest="format", action="store_const", const="json", help="as --format=json"
    )
    add_levels(parser)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds, 1 or more")
    return int(text)


def execute(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    # Here, as these load NumPy and the compiler.
    from time import process_time

    from dpc.cli.terminal import levels_of, load
    from dpc.cli.values import arguments_of, function_of
    from dpc.runtime.made_data import made
    from dpc.runtime.speed import speed
    from dpc.runtime.transforms import grad

    given = arguments_of(arguments.values, arguments.args)
    start = process_time()
    module = load(
        arguments.file, levels_of(arguments), math=arguments.math, memory=arguments.memory
    )
    seconds = process_time() - start
    function = function_of(module, arguments.function)
    names = tuple(name.strip() for name in (arguments.grad or "").split(",") if name.strip())
    gradient = grad(function, wrt=names if len(names) > 1 else names[0]) if names else None
    if arguments.remarks:
        _print_reports([f.report() for f in (function, gradient) if f], arguments.format)
        return 0
    data = made(function.signature, given, arguments.data, arguments.seed)
    found = speed(
        function, gradient, data.arguments, data.dimensions, seconds, names, arguments.rounds
    )
    print(json.dumps(found.as_data(), indent=2) if arguments.format == "json" else found)
    return 0


def _print_reports(reports: "list[Report]", format_: str) -> None:
    if format_ == "json":
        print(json.dumps([report.as_data() for report in reports], indent=2))
    else:
        print("\n\n".join(map(str, reports)))
