"""`dpc plan FILE FUNC [--grad NAMES] [name=value ...]`: what the reverse pass keeps, and why."""

import argparse
import json

from dpc.cli.terminal import add_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument("function", metavar="FUNC", help="the function")
    parser.add_argument(
        "values", metavar="name=value", nargs="*", help="extents and integer parameters: n=1000"
    )
    parser.add_argument("--grad", metavar="NAMES", help="of the gradient for these parameters")
    parser.add_argument("--math", choices=("fast", "strict"), default="fast", help="see the docs")
    add_memory(parser)
    parser.add_argument(
        "--picture", metavar="OUT.png", help="draw how memory trades against work; with --memory"
    )
    parser.add_argument("--format", choices=("human", "json"), default="human")


def execute(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    # Here, as these load NumPy and the compiler.
    from dpc.cli import UsageError
    from dpc.cli.terminal import load
    from dpc.cli.values import arguments_of, function_of
    from dpc.runtime.transforms import vjp

    sizes = arguments_of(arguments.values, None)
    for name, value in sizes.items():
        if type(value) is not int:
            raise UsageError(f"{name}={value!r}: the sizes of a plan are integers")
    function = function_of(
        load(arguments.file, math=arguments.math, memory=arguments.memory), arguments.function
    )
    if arguments.grad is not None:
        names = tuple(arguments.grad.split(","))
        function = vjp(function, wrt=names[0] if len(names) == 1 else names)
    plan = function.plan_for(sizes)
    if arguments.picture is not None:
        plan.picture(arguments.picture)
    if arguments.format == "json":
        print(json.dumps(plan.as_data(), indent=2))
    else:
        print(plan)
    return 0
