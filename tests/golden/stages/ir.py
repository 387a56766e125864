"""Stages `array`, `loops`, `grad`, `mlir`, `llvm`: the text of the function the arguments name.

`grad f` shows the derivative of `value_and_grad(f)` with respect to its first float parameter.
"""

from collections.abc import Callable, Sequence

import dpc
from dpc.dsl.source import Source


def _stage(name: str) -> Callable[[Source, Sequence[str]], str]:
    def show(source: Source, arguments: Sequence[str]) -> str:
        module = dpc.compile(source.text, name=source.name)
        function = getattr(module, arguments[0])
        return str((dpc.value_and_grad(function) if name == "grad" else function).ir(name))

    return show


array = _stage("array")
loops = _stage("loops")
grad = _stage("grad")
mlir = _stage("mlir")


def llvm(source: Source, arguments: Sequence[str]) -> str:
    function = getattr(dpc.compile(source.text, name=source.name), arguments[0])
    return str(function.llvm())
