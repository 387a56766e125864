"""From a source text to loops-level IR, on one page.

    front      parse, check                                          -> typed.Module
    Compiled   lower, array passes, bufferize, loops passes          -> Entry, one for each function
    (ad.transforms: Entry -> Entry, any number of times)
    finish     what is left to do when no derivative will be taken   -> Module for codegen

A module is lowered once, a function's passes run when it is first needed; both are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from threading import RLock
from typing import Literal

from dpc.compiler import pipeline
from dpc.compiler.ad import transforms
from dpc.compiler.dialects.func import Call
from dpc.compiler.dialects.linalg import Matmul
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.types import FloatType
from dpc.compiler.lowering import lower_module
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.lowering.signature import signature_of
from dpc.compiler.passes.expand_linear_algebra import LOOPS, expand_linear_algebra
from dpc.compiler.signature import Entry, Signature
from dpc.dsl import typed
from dpc.dsl.diagnostics import CompileError, Diagnostic, Sink
from dpc.dsl.program import check_program
from dpc.dsl.source import Source
from dpc.dsl.types import F64, ScalarType, element_of
from dpc.dsl.warning_levels import DEFAULT, Levels, settled


@dataclass(frozen=True, slots=True)
class Options:
    """Choices that lead to different native code; equal options, equal code.

    math: "fast" lets sums be reassociated and multiply-adds fused, "strict" keeps source order.
    """

    math: Literal["fast", "strict"] = "fast"


def front(source: Source, real: ScalarType = F64) -> typed.Module:
    """The checked module; `CompileError` carries every diagnostic, of what it imports too. `real`
    is the working precision.
    """
    return checked(source, DEFAULT, real)[0]


def checked(
    source: Source, levels: Levels, real: ScalarType = F64
) -> tuple[typed.Module, tuple[Diagnostic, ...]]:
    """The checked module and its warnings; `CompileError` as for `front`, denied warnings too."""
    sink = Sink()
    module = check_program(source, sink, real)
    found = settled(sink.diagnostics, levels, source)
    if any(d.level == "error" for d in found):
        raise CompileError(found)
    return module, found


def diagnose(source: Source, levels: Levels = DEFAULT) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a source and what it imports, warnings too, in source order.

    Functions from floats to floats are lowered and differentiated, so that what has no derivative
    shows before anything runs.
    """
    sink = Sink()
    module = check_program(source, sink)
    if not sink.failed:
        compiled = Compiled(module)
        for name in module.functions:
            try:
                _differentiate(compiled.entry(name, Options()))
            except CompileError as error:
                for diagnostic in error.diagnostics:
                    sink.report(diagnostic)
    return settled(sink.diagnostics, levels, source)


def _differentiate(entry: Entry) -> None:
    """Run both modes on a function from floats to floats."""
    slots = (entry.signature.inputs, entry.signature.results)
    if all(any(element_of(e.type).is_float for s in part for e in s.leaves) for part in slots):
        transforms.jvp(entry)
        transforms.vjp(entry)


class Compiled:
    """A checked module and the IR of its functions, made on first need."""

    def __init__(self, module: typed.Module) -> None:
        self.module = module
        self._functions = {**module.imports, **module.functions}
        self._lock = RLock()
        self._lowered: Module | None = None
        self._arrays: dict[str, Module] = {}
        self._entries: dict[tuple[str, Options], Entry] = {}

    def function(self, name: str) -> typed.Function:
        """A function of the module, its own or imported."""
        return self._functions[name]

    def signature(self, name: str) -> Signature:
        """Parameters and results of a function."""
        return signature_of(self._functions[name])

    def array(self, name: str) -> Module:
        """The array level of one function, calls inlined, optimised."""
        with self._lock:
            if self._lowered is None:
                self._lowered = lower_module(self.module)
            if name not in self._arrays:
                symbol = self._functions[name].symbol
                needed = _call_tree(self._lowered, symbol)
                inlined = pipeline.run(needed, pipeline.ARRAY)
                self._arrays[name] = as_module(inlined.function(symbol))
            return self._arrays[name]

    def entry(self, name: str, options: Options) -> Entry:
        """The loops level of one function, optimised: what is differentiated and compiled."""
        with self._lock:
            if (name, options) not in self._entries:
                loops = simplifier(options)(bufferize(self.array(name)))
                entry = Entry(self.signature(name), loops.function(self._functions[name].symbol))
                self._entries[name, options] = entry
            return self._entries[name, options]


def _call_tree(module: Module, name: str) -> Module:
    """The function and everything it calls, in the module's order."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            ops = module.function(current).body.walk()
            waiting.extend(op.callee for op in ops if isinstance(op, Call))
    return Module(tuple(f for f in module.functions if f.name in reached), module.name)


def simplifier(options: Options) -> Callable[[Module], Module]:
    """What transforms run on the functions they make: the passes of the loops level."""
    return lambda module: pipeline.run(module, pipeline.loops(options.math))


def finish(entry: Entry, options: Options, strong: bool = False) -> Module:
    """The loops level ready for codegen; `strong`: zero times anything is zero in derivatives."""
    module = as_module(entry.function)
    if any(type(op) in KEPT for op in entry.function.body.walk()):
        module = expand_linear_algebra(module, partial(_linear_algebra, options))
    return pipeline.run(module, pipeline.finish(strong, options.math))


KEPT = frozenset((*LOOPS, Matmul))


@cache
def _library(type_: FloatType) -> "Compiled":
    """The loops of linear algebra, for one float type."""
    path = files("dpc.dsl") / "std" / "_linear_algebra.dp"
    return Compiled(front(Source(path.name, path.read_text().replace("f64", str(type_)))))


def _linear_algebra(options: Options, name: str, type_: FloatType) -> Function:
    return _library(type_).entry(name, options).function


def as_module(function: Function) -> Module:
    """A module of one function."""
    return Module((function,), function.name)
