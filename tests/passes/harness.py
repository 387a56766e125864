"""Passes on textual IR: expected text up to names, and equal meaning under the interpreter."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dpc.compiler.interpret import CheckFailed, run
from dpc.compiler.ir.core import Module, Op
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.ir.verify import verify

Pass = Callable[[Module], Module]
HEAD = """func.func @f(
  %n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]},
  %a: f64, %b: f64, %k: i64, %m: i64, %c: i1,
  %y: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) -> (TYPES) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
"""


def function(body: str, types: str = "f64") -> Module:
    """`@f` with the arguments of HEAD and this body."""
    module = parse_module(f"{HEAD.replace('TYPES', types)}{body}\n}}\n")
    verify(module)
    return module


def apply(module: Module, *passes: Pass) -> Module:
    """The module after the passes, verified after each."""
    for each in passes:
        module = each(module)
        verify(module)
    return module


def normal(module: Module) -> str:
    """The text with values numbered in order of appearance."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(), f"%{len(numbers)}")

    return re.sub(r"%[\w.\-$]+", number, print_module(module))


def ops(module: Module, name: str) -> list[Op]:
    """All ops of that name."""
    return [op for f in module.functions for op in f.body.walk() if op.name == name]


def outcome(module: Module, arguments: Sequence[Any], outputs: int = 0, name: str = "f") -> str:
    """Results and output buffers of a run as text, or the check that failed."""
    filled = [np.full(arguments[0], -7.0, dtype=object) for _ in range(outputs)]
    try:
        results = run(module, name, [*arguments, *filled])
    except CheckFailed as failure:
        return f"failed: {failure}"
    return repr((results, [list(values) for values in filled]))


def outcomes(module: Module) -> list[str]:
    """Runs of `@f` with the arguments of HEAD: no, one and several elements; both branches."""
    return [
        outcome(module, [n, np.arange(1.0, n + 1), 0.5, -1.25, k, 3, c], 1)
        for n, k, c in ((0, 0, 0), (1, 0, 1), (2, 1, 0), (5, 2, 1), (11, -1, 0))
    ]
