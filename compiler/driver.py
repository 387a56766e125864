"""From a source text to loops-level IR, on one page.

    front      parse, check                                   -> typed.Module
    Compiled   lower_module, array passes, bufferize, loops passes  -> Entry, one for each function
    (compiler/ad/transforms: Entry -> Entry, any number of times)
    finish     the last passes                                -> Module for codegen

Everything is computed on first need and kept.
"""

from dpc.compiler import pipeline
from dpc.compiler.codegen import mlir
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.lowering import lower_module
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.lowering.signature import signature_of
from dpc.compiler.options import DEFAULT, Options
from dpc.compiler.signature import Entry, Signature
from dpc.dsl import typed
from dpc.dsl.check import check
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.source import Source


def front(source: Source) -> typed.Module:
    """The checked module; `CompileError` carries every diagnostic."""
    sink = Sink()
    tree = parse(source, sink)
    module = check(tree, sink)
    sink.raise_if_failed()
    return module
