"""From a source text to loops-level IR, on one page.

    front      parse, check                                          -> typed.Module
    Compiled   lower, array passes, bufferize, loops passes          -> Entry, one for each function
    (ad.transforms: Entry -> Entry, any number of times)
    finish     what is left to do when no derivative will be taken   -> Module for codegen

A module is lowered once, a function's passes run when it is first needed; both are kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from importlib.resources import files
from threading import RLock
from typing import Literal

from dpc.compiler import pipeline
from dpc.compiler.ad import transforms
from dpc.compiler.ad.by_forward import vjp_by_forward
from dpc.compiler.ad.checkpoint import allow_checkpoints
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.ad.trap import erase_traps, set_traps
from dpc.compiler.analysis.callees import flat, holding, pruned
from dpc.compiler.constants import computed
from dpc.compiler.custom_functions import custom_function
from dpc.compiler.dialects import tape
from dpc.compiler.dialects.ad import CustomFunction, Derivative
from dpc.compiler.dialects.linalg import Matmul
from dpc.compiler.ir.core import Function, Module
from dpc.compiler.ir.types import FloatType
from dpc.compiler.lowering import lower_module
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.lowering.signature import signature_of
from dpc.compiler.passes.drop_checks import drop_checks
from dpc.compiler.passes.expand_budget import expand_budget
from dpc.compiler.passes.expand_custom import expand_custom
from dpc.compiler.passes.expand_linear_algebra import LOOPS, expand_linear_algebra
from dpc.compiler.passes.expand_schedule import expand_schedule
from dpc.compiler.passes.inline import call_tree, inline, with_callees
from dpc.compiler.signature import Entry, Signature
from dpc.dsl import typed
from dpc.dsl.check.calling import reached
from dpc.dsl.diagnostics import CompileError, Diagnostic, Sink
from dpc.dsl.errors.extern import NoRule
from dpc.dsl.errors.support import StackExhausted
from dpc.dsl.program import check_program, standard_source
from dpc.dsl.resolve import Computed
from dpc.dsl.source import Source, Span
from dpc.dsl.types import F64, ScalarType, element_of
from dpc.dsl.warning_levels import DEFAULT, Levels, settled


@dataclass(frozen=True, slots=True)
class Options:
    """Choices that lead to different native code; equal options, equal code.

    math: "fast" lets sums be reassociated and multiply-adds fused, "strict" keeps source order.
    library: large matrices go to BLAS and LAPACK, where math is "fast".
    trap: "nonfinite" stops a reverse sweep at the first cotangent that is infinite or NaN.
    checks: asserts and indices are checked; if not, a program that breaks a check means nothing.
    memory: how many bytes a call may take, None for the default; the code is the same.
    progress: who is told of a reverse pass how many executions of loop bodies are done, and in all.
    threads: how many share the work of parallel loops; the code is the same for any number.
    checkpoint: reverse sweeps keep to a memory budget, by running loops again from stored states.
    """

    math: Literal["fast", "strict"] = "fast"
    library: bool = False
    trap: Literal["", "nonfinite"] = ""
    checks: bool = True
    memory: int | None = field(default=None, compare=False)
    progress: Callable[[int, int], object] | None = field(default=None, compare=False)
    threads: int = field(default=1, compare=False)
    checkpoint: bool = False


@contextmanager
def _stack_watched(source: Source) -> Iterator[None]:
    """A stack that runs out is the program's error, shown at its start."""
    try:
        yield
    except RecursionError:
        diagnostic = StackExhausted(span=Span(source, 0, 0))
    else:
        return
    # Outside of the handler: the traceback of thousands of frames is let go.
    raise CompileError((diagnostic,))


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
    with _stack_watched(source):
        module = check_program(source, sink, real, _computed)
    found = settled(sink.diagnostics, levels, source)
    if any(d.level == "error" for d in found):
        raise CompileError(found)
    return module, found


def _computed(function: typed.Function) -> Computed:
    """The value of a function without parameters, for a constant."""
    source, name = function.span.source, function.name
    module = typed.Module(source, None, {name: function}, {}, {})
    return computed(Compiled(module).entry(name, Options(math="strict")))


def diagnose(source: Source, levels: Levels = DEFAULT) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a source and what it imports, warnings too, in source order.

    Functions from floats to floats are lowered and differentiated, so that what has no derivative
    shows before anything runs.
    """
    sink = Sink()
    with _stack_watched(source):
        module = check_program(source, sink, evaluate=_computed)
    if not sink.failed:
        compiled = Compiled(module)
        for name in module.functions:
            try:
                _differentiate(compiled, name)
            except CompileError as error:
                for diagnostic in error.diagnostics:
                    sink.report(diagnostic)
    return settled(sink.diagnostics, levels, source)


def _differentiate(compiled: "Compiled", name: str) -> None:
    """Run both modes on a function from floats to floats. C functions without a derivative rule are
    no error: nobody may want the derivative.
    """
    entry = compiled.entry(name, Options())
    slots = (entry.signature.inputs, entry.signature.results)
    if all(any(element_of(e.type).is_float for s in part for e in s.leaves) for part in slots):
        try:
            transforms.jvp(entry)
            transforms.vjp(compiled.entry(name, Options(), reverse=True))
        except CompileError as error:
            if not all(isinstance(d, NoRule) for d in error.diagnostics):
                raise


class Compiled:
    """A checked module and the IR of its functions, made on first need."""

    def __init__(self, module: typed.Module) -> None:
        self.module = module
        self._functions = {**module.imports, **module.functions}
        self._lock = RLock()
        self._lowered: Module | None = None
        self._arrays: dict[str, Module] = {}
        self._loops_level: dict[tuple[str, Options, bool], Function] = {}
        self._custom: dict[tuple[str, Options], CustomFunction] = {}

    @cached_property
    def _by_symbol(self) -> dict[str, typed.Function]:
        return {f.symbol: f for f in reached(self._functions.values())}

    def function(self, name: str) -> typed.Function:
        """A function of the module, its own or imported."""
        return self._functions[name]

    def signature(self, name: str) -> Signature:
        """Parameters and results of a function."""
        return signature_of(self._functions[name])

    def array(self, name: str) -> Module:
        """The array level of one function, optimised: calls inlined, or kept (`passes.outline`)."""
        return self._array(self._functions[name].symbol)

    def _array(self, symbol: str) -> Module:
        with self._lock, _stack_watched(self.module.source):
            if self._lowered is None:
                self._lowered = lower_module(self.module)
            if symbol not in self._arrays:
                # What is inlined wherever it is called is not worth simplifying.
                needed = call_tree(inline(call_tree(self._lowered, symbol)), symbol)
                inlined = pipeline.run(needed, pipeline.ARRAY)
                self._arrays[symbol] = with_callees(inlined, symbol)
            return self._arrays[symbol]

    def entry(self, name: str, options: Options, reverse: bool = False) -> Entry:
        """The loops level of one function, optimised: what is differentiated and compiled.

        `reverse`: reverse mode will differentiate it, so that gradients inside hold no tapes.
        """
        function = self._loops(self._functions[name].symbol, options, reverse)
        return Entry(self.signature(name), function)

    def _loops(self, symbol: str, options: Options, reverse: bool) -> Function:
        """The loops level of a function, the derivatives inside made first."""
        with self._lock, _stack_watched(self.module.source):
            array = self._array(symbol)
            ops = (op for f in array.functions for op in f.body.walk())
            derives = any(isinstance(op, Derivative) for op in ops)
            key = (symbol, options, reverse and derives)
            if key not in self._loops_level:
                made = bufferize(
                    array,
                    lambda op: self._derivative(op, options, reverse),
                    lambda callee: self._kept(callee, options),
                )
                whole = as_module(holding(made))
                whole = whole if options.checks else drop_checks(whole)
                nested = simplifier(options)(whole)
                nested = set_traps(nested) if options.trap else nested
                nested = allow_checkpoints(nested) if options.checkpoint else nested
                self._loops_level[key] = pruned(nested.function(symbol))
            return self._loops_level[key]

    def _derivative(self, op: Derivative, options: Options, reverse: bool) -> Function:
        """The loops level of a derivative inside a function."""
        by_tapes = op.mode == "vjp" and not reverse
        callee = self._loops(op.callee, options, reverse or by_tapes)
        active = tuple(flag == "1" for flag in op.active)
        if op.mode == "jvp":
            made = jvp(callee, active, tapes=not reverse)
        else:
            made = (vjp if by_tapes else vjp_by_forward)(callee, active)
        return pruned(simplifier(options)(as_module(made)).functions[0])

    def _kept(self, symbol: str, options: Options) -> CustomFunction:
        """A function with a derivative rule."""
        key = (symbol, options)
        if key not in self._custom:
            function = self._by_symbol[symbol]
            loops = partial(self._loops, options=options)
            self._custom[key] = custom_function(function, loops, simplifier(options))
        return self._custom[key]


def simplifier(options: Options) -> Callable[[Module], Module]:
    """What transforms run on the functions they make: the passes of the loops level."""
    return lambda module: pipeline.run(module, pipeline.loops(options.math))


def finish(entry: Entry, options: Options, strong: bool = False, vectors: bool = False) -> Module:
    """The loops level ready for codegen; `strong`: zero times anything is zero in derivatives;
    `vectors`: iterations of loops run side by side where that pays, so it is the vector level.
    """
    module = expand_custom(as_module(entry.function))
    module = erase_traps(module) if options.trap else module
    everyone = [f for whole in module.functions for f in (whole, *whole.callees)]
    if any(type(op) in KEPT for f in everyone for op in f.body.walk()):
        library = options.library and options.math == "fast"
        loops = partial(_linear_algebra, replace(options, library=False))
        module = expand_linear_algebra(module, loops, library, strong)
    wide = pipeline.side_by_side(options.math, options.checkpoint) if vectors else None
    module = pipeline.run(module, pipeline.finish(strong, options.math, wide))
    if any(isinstance(op, tape.Split) for f in everyone for op in f.body.walk()):
        module = expand_schedule(expand_budget(module), _schedule)
    return flat(pruned(module.functions[0]))


KEPT = frozenset((*LOOPS, Matmul))


@cache
def _library(type_: FloatType) -> "Compiled":
    """The loops of linear algebra, for one float type."""
    path = files("dpc.dsl") / "std" / "_linear_algebra.dp"
    return Compiled(front(Source(path.name, path.read_text().replace("f64", str(type_)))))


@cache
def schedules() -> Compiled:
    """The arithmetic of checkpoint schedules, `dsl/std/_schedule.dp`."""
    return Compiled(front(standard_source("_schedule")))


@cache
def _schedule(name: str) -> Function:
    return finish(schedules().entry(name, Options()), Options()).functions[0]


def _linear_algebra(options: Options, name: str, type_: FloatType) -> Function:
    return _library(type_).entry(name, options).function


def as_module(function: Function) -> Module:
    """A module of one function."""
    return Module((function,), function.name)
