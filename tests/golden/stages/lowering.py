"""Stages `lowered` and `bufferized`: what lowering itself makes, only dead code taken out.

`bufferized` is `lowered` with calls inlined and arrays in buffers.
"""

from collections.abc import Sequence

from dpc.compiler.ir.core import Module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.lowering import lower_module
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.inline import inline
from dpc.dsl.check import check
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.source import Source


def lowered(source: Source, arguments: Sequence[str]) -> str:
    return print_module(_lowered(source))


def bufferized(source: Source, arguments: Sequence[str]) -> str:
    return print_module(dce(bufferize(inline(_lowered(source)))))


def _lowered(source: Source) -> Module:
    sink = Sink()
    tree = parse(source, sink)
    sink.raise_if_failed()
    module = check(tree, sink)
    sink.raise_if_failed()
    return dce(lower_module(module))
