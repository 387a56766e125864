"""The stages of one function: their texts, and native code."""

from dataclasses import replace
from weakref import WeakKeyDictionary

from dpc.compiler import driver
from dpc.compiler.analysis.effects import calls_once
from dpc.compiler.codegen import llvm as codegen
from dpc.compiler.codegen import mlir
from dpc.compiler.codegen.llvm import CodegenOptions
from dpc.compiler.dialects import arith, io
from dpc.compiler.driver import Options
from dpc.compiler.ir.core import Function
from dpc.compiler.ir.printer import print_module
from dpc.compiler.passes.expand_custom import expand_custom
from dpc.compiler.signature import Entry
from dpc.dsl.diagnostics import Error
from dpc.runtime import blas, engine
from dpc.runtime.native_function import NativeFunction
from dpc.runtime.origin import Origin


def native(entry: Entry, options: Options, strong: bool = False) -> NativeFunction:
    """Machine code, loaded; `strong`: with strong zeros. Made once for equal options."""
    made = _LOADED.setdefault(entry.function, {})
    if (options, strong) not in made:
        made[options, strong] = engine.load(_code(entry, options, strong))
    return ready(made[options, strong], options)


def ready(function: NativeFunction, options: Options) -> NativeFunction:
    """The function, the threads for it loaded."""
    if options.threads > 1 and function.code.tasks:
        engine.load_pool()
    return function


# By function of the loops level.
_LOADED: WeakKeyDictionary[Function, dict[tuple[Options, bool], NativeFunction]] = (
    WeakKeyDictionary()
)


def holds_derivatives(entry: Entry) -> bool:
    """True if the code computes products of derivatives, whose strong zeros may matter."""
    whole = expand_custom(driver.as_module(entry.function)).functions[0]
    everyone = (whole, *whole.callees)
    return any(isinstance(op, arith.MulZ) for f in everyone for op in f.body.walk())


def runs_once(entry: Entry) -> bool:
    """True if it calls C functions that must not run again."""
    everyone = (entry.function, *entry.function.callees)
    return any(calls_once(op) for f in everyone for op in f.body.walk())


def repeatable(entry: Entry) -> bool:
    """True if a second call would not show: nothing is printed, no C function called again."""
    everyone = (entry.function, *entry.function.callees)
    prints = any(isinstance(op, io.Print) for f in everyone for op in f.body.walk())
    return not prints and not runs_once(entry)


def _code(entry: Entry, options: Options, strong: bool = False) -> codegen.LlvmModule:
    library = blas.library()
    chosen = CodegenOptions(kernels=options.math == "fast", fuses=engine.fuses())
    if library is None:  # as for a function that comes from a process that has one
        options = replace(options, library=False)
    else:
        chosen = replace(chosen, integer_bits=library.integer_bits)
    finished = driver.finish(entry, options, strong, vectors=True)
    return codegen.emit(finished, entry.function.name, chosen)


def ir(origin: Origin, options: Options, stage: str) -> str:
    """The text of an IR stage; "array" and "loops" are those of the function that is derived."""
    primal = origin.primal
    if stage == "array":
        return print_module(primal.compiled.array(primal.name))
    if stage == "loops":
        return print_module(driver.as_module(primal.entry(options).function))
    if stage == "grad":
        if not origin.is_derivative:
            name = origin.name
            raise Error(f"`{name}` is no derivative; the stage is that of dpc.grad(m.{name})")
        return print_module(driver.as_module(origin.entry(options).function))
    if stage == "mlir":
        return mlir.export(driver.finish(origin.entry(options), replace(options, library=False)))
    raise Error(f'there is no stage {stage!r}; there are "array", "loops", "grad" and "mlir"')


def llvm(origin: Origin, options: Options) -> str:
    """LLVM IR as it is handed to LLVM."""
    return _code(origin.entry(options), options).text


def asm(origin: Origin, options: Options) -> str:
    """Assembler text for this machine."""
    return engine.assembly(_code(origin.entry(options), options))
