"""From LLVM text to native code in this process, through llvmlite.

One target machine for the host's processor with all its features; LLVM's O3 with the vectorisers
and without a fast-math flag; an object file, loaded by LLJIT (with RTDyld, which debuggers see).
llvmlite serialises what it does by a lock of its own, so any thread may compile.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache as once
from hashlib import sha256
from itertools import count
from types import MappingProxyType
from typing import Any

from dpc.compiler.codegen.abi import LIBRARY_PREFIX
from dpc.compiler.codegen.llvm import DEFAULT, CodegenOptions, LlvmModule, emit
from dpc.compiler.ir.core import Module
from dpc.dsl import libraries
from dpc.dsl.diagnostics import InternalError
from dpc.runtime import blas, cache, interrupt, pool
from dpc.runtime.native_function import NativeFunction

_serial = count()


@dataclass(frozen=True, slots=True)
class _Host:
    """llvmlite's binding, the target machine and the linker of this process."""

    binding: Any
    machine: Any
    linker: Any


@once
def _host() -> _Host:
    """Set up LLVM once; llvmlite is imported here because it takes 60 ms."""
    import llvmlite.binding as binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    if sys.platform == "linux":
        binding.load_library_permanently("libm.so.6")  # elsewhere it is part of C's library
    target = binding.Target.from_triple(binding.get_process_triple())
    machine = target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="small",
        jit=True,
    )
    return _Host(binding, machine, binding.create_lljit_compiler(machine))


@once
def fuses() -> bool:
    """Whether this machine has a fused multiply-add."""
    binding = _host().binding
    named = binding.get_host_cpu_features().get("fma", False)
    return bool(named) or binding.get_process_triple().startswith(("aarch64", "arm64"))


@once
def target() -> str:
    """What machine code depends on beside its text: LLVM and the processor."""
    binding = _host().binding
    features = sha256(binding.get_host_cpu_features().flatten().encode()).hexdigest()
    version = ".".join(map(str, binding.llvm_version_info))
    return f"LLVM {version}, {binding.get_host_cpu_name()}, features {features[:16]}"


def _parsed(text: str) -> Any:
    """A verified llvmlite module from LLVM text."""
    host = _host()
    try:
        module = host.binding.parse_assembly(text)
        module.triple = host.machine.triple
        module.data_layout = str(host.machine.target_data)
        module.verify()
    except RuntimeError as error:
        raise InternalError(f"LLVM refuses the code that was written: {error}") from error
    return module


def optimize(text: str) -> Any:
    """An optimised llvmlite module from LLVM text."""
    host, module = _host(), _parsed(text)
    tuning = host.binding.create_pipeline_tuning_options(speed_level=3)
    tuning.loop_vectorization = True
    tuning.slp_vectorization = True
    tuning.loop_unrolling = True
    tuning.loop_interleaving = False
    builder = host.binding.create_pass_builder(host.machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return module


def optimized_llvm(code: LlvmModule) -> str:
    """The LLVM text after LLVM's own passes."""
    return str(optimize(code.text))


def assembly(code: LlvmModule) -> str:
    """The machine's assembly text."""
    text: str = _host().machine.emit_assembly(optimize(code.text))
    return text


def linked(text: str, symbol: str, addresses: Mapping[str, int]) -> Any:
    """Load a text that is no function of a program, compiled without LLVM's passes or taken from
    the cache. What is returned maps the symbol and keeps the code; `addresses`: as for `_loaded`.
    """
    key = cache.SUPPORT + sha256(f"{target()}\n{text}".encode()).hexdigest()
    kept = cache.read(key)
    image: bytes = kept.body if kept else _host().machine.emit_object(_parsed(text))
    if kept is None:
        cache.write(key, cache.Entry({}, image))
    return _loaded(image, (symbol,), addresses)


def load(code: LlvmModule) -> NativeFunction:
    """Compile and load a module."""
    image: bytes = _host().machine.emit_object(optimize(code.text))
    return loaded(code, image)


def loaded(code: LlvmModule, image: bytes) -> NativeFunction:
    """Load the machine code of a module."""
    if code.polls:
        interrupt.install(linked)
    addresses = {**_addresses(code.routines), **_extern_addresses(code)}
    resources = _loaded(image, (code.symbol,), addresses)
    return NativeFunction(resources[code.symbol], code, resources, image)


def load_pool() -> None:
    """Load the threads that share the work of parallel loops."""
    pool.install(lambda text, *symbols: _linked(_parsed(text), *symbols))


def _addresses(routines: tuple[str, ...]) -> dict[str, int]:
    """Where the routines of BLAS and LAPACK are that a module calls."""
    if not routines:
        return {}
    library = blas.library()
    if library is None:
        raise InternalError("code that calls BLAS, where there is none")
    return {name: library.addresses[name.removeprefix(LIBRARY_PREFIX)] for name in routines}


def _extern_addresses(code: LlvmModule) -> dict[str, int]:
    """Where the C functions are that the code calls."""
    found: dict[str, int] = {}
    for name, path, symbol in code.externs:
        address = libraries.address(path, symbol)
        if address is None:
            raise InternalError(f"the function {symbol} of {path or 'the process'} is gone")
        found[name] = address
    return found


def _linked(module: Any, *symbols: str, addresses: Mapping[str, int] = MappingProxyType({})) -> Any:
    """Compile a module as it is, and load it."""
    return _loaded(_host().machine.emit_object(module), symbols, addresses)


def _loaded(image: bytes, symbols: Sequence[str], addresses: Mapping[str, int]) -> Any:
    """Link machine code; the symbols are looked up in what is returned, which keeps it loaded.

    `addresses`: of symbols that are no symbols of the process.
    """
    host = _host()
    builder = host.binding.JITLibraryBuilder().add_object_img(image)
    library = builder.add_current_process()
    for symbol in symbols:
        library.export_symbol(symbol)
    for name, address in addresses.items():
        library.import_symbol(name, address)
    return library.link(host.linker, f"dpc-{next(_serial)}")


def compile_ir(
    module: Module, function_name: str, options: CodegenOptions = DEFAULT
) -> NativeFunction:
    """A native function from a loops-level function."""
    return load(emit(module, function_name, options))
