"""`dpc test FILE [FUNC]`: check the gradients of every differentiable function."""

import argparse

from dpc.cli.terminal import add_levels, add_memory

_SKIPPED = "skipped, it depends on a C function without a derivative rule"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a .dp file, - for stdin")
    parser.add_argument("function", nargs="?", metavar="FUNC", help="only this function")
    parser.add_argument("--seed", type=int, default=0, help="of the random points, default 0")
    parser.add_argument("--math", choices=("fast", "strict"), default="fast", help="see the docs")
    add_memory(parser)
    add_levels(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Test the functions, one line each; 1 when a gradient is wrong."""
    # Here, as these load NumPy and the compiler.
    from dpc.cli.terminal import levels_of, load
    from dpc.cli.values import function_of
    from dpc.dsl.diagnostics import CompileError, Error
    from dpc.dsl.errors.extern import NoRule
    from dpc.runtime.gradient_test import check_gradients, is_testable

    module = load(
        arguments.file, levels_of(arguments), math=arguments.math, memory=arguments.memory
    )
    chosen = module.functions
    if arguments.function is not None:
        chosen = {arguments.function: function_of(module, arguments.function)}
    failed = False
    tested = 0
    for name, function in chosen.items():
        if not is_testable(function.signature):
            print(f"{name}: skipped, not a function from floats to floats", flush=True)
            continue
        tested += 1
        try:
            verdict = check_gradients(function, arguments.seed)
        except CompileError as error:
            unknown = all(d.code == NoRule.code for d in error.diagnostics)
            failed = failed or not unknown
            print(f"{name}: {_SKIPPED if unknown else f'FAILED {error}'}", flush=True)
            continue
        except Error as error:
            print(f"{name}: FAILED {error}", flush=True)
            failed = True
            continue
        print(verdict, flush=True)
        failed = failed or not verdict.ok
    if not tested:
        print("no differentiable functions")
    return 1 if failed else 0
