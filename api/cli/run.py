"""`dpc run FILE FUNC`: compile a function, call it, show or save the results."""

import argparse
from typing import Any

from dpc.cli.terminal import add_levels, add_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument("function", metavar="FUNC", help="the function to call")
    parser.add_argument(
        "values",
        nargs="*",
        metavar="name=value",
        help="an argument: a literal, @array.npy, or m.w=... for a field of a record",
    )
    parser.add_argument("--args", metavar="DATA", help="arguments from a .npz or .json file")
    parser.add_argument("--grad", metavar="NAMES", help="the gradient too: w,b or m.w")
    parser.add_argument("-o", "--output", metavar="OUT.npz", help="write the results to a file")
    parser.add_argument("--math", choices=("fast", "strict"), default="fast", help="see the docs")
    add_memory(parser)
    parser.add_argument("--progress", action="store_true", help="say how far the gradient is")
    parser.add_argument(
        "--trap", choices=("nonfinite",), help="stop at the first derivative that is not finite"
    )
    add_levels(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    # Here, as these load NumPy and the compiler.
    from dpc.cli.terminal import levels_of, load
    from dpc.cli.values import arguments_of, function_of
    from dpc.runtime.transforms import value_and_grad

    given = arguments_of(arguments.values, arguments.args)
    function = function_of(
        load(
            arguments.file,
            levels_of(arguments),
            math=arguments.math,
            trap=arguments.trap,
            memory=arguments.memory,
            progress=arguments.progress,
        ),
        arguments.function,
    )
    results: dict[str, Any] = {}
    if arguments.grad is None:
        results["value"] = function(**given)
    else:
        names = tuple(name.strip() for name in arguments.grad.split(","))
        wrt = names if len(names) > 1 else names[0]
        results["value"], gradient = value_and_grad(function, wrt=wrt)(**given)
        parts = gradient if len(names) > 1 else (gradient,)
        results.update((f"gradient.{n}", part) for n, part in zip(names, parts, strict=True))
    _deliver(results, arguments.output)
    return 0


def _deliver(results: dict[str, Any], output: str | None) -> None:
    import numpy as np

    from dpc.cli.values import leaves, shown

    flat = [pair for name, value in results.items() for pair in leaves(name, value)]
    if output is not None:
        with open(output, "wb") as file:
            arrays: dict[str, Any] = {name: np.asarray(value) for name, value in flat}
            np.savez(file, **arrays)
        return
    for name, value in flat:
        print(f"{name} = {shown(value)}")
