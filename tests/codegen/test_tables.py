"""The tables of the code generator are complete, and its text is what LLVM should see."""

import re

import pytest

from dpc.compiler.codegen import abi, llvm
from dpc.compiler.codegen.rules import func, linalg, scf, tape
from dpc.compiler.codegen.support import SUPPORT
from dpc.compiler.dialects import ALL_OPS, array
from dpc.runtime.engine import assembly, optimized_llvm
from tests.codegen import programs
from tests.codegen.running import module_of

TEXTS = {name: text for name, text in vars(programs).items() if name.isupper()}


def test_every_op_is_written_or_gone_before() -> None:
    gone = {*array.OPS, *func.INLINED_BEFORE, *linalg.EXPANDED_BEFORE, *scf.INSIDE_OTHERS}
    gone |= tape.EXPANDED_BEFORE
    assert set(llvm.RULES) | gone == set(ALL_OPS)
    assert not set(llvm.RULES) & gone


def test_support_routines_declare_what_they_call() -> None:
    for name, routine in SUPPORT.items():
        called = set(re.findall(r"call [^@]*@([\w.]+)\(", routine.text)) - {name}
        assert called == {*routine.needs, *routine.declarations} - _only_needed(name), name


def _only_needed(name: str) -> set[str]:
    """Routines that come along because the entry or a task calls them, not the routine itself."""
    alone = ("dp.alloc", "dp.reserve", "dp.set_aside", "dp.stack_grow", "dp.forall")
    return {"dp.finish"} if name in alone else set()


def test_externals_are_the_c_library_and_intrinsics() -> None:
    names = {n for r in SUPPORT.values() for n in r.declarations if not n.startswith("llvm.")}
    libm = {"exp", "log", "log1p", "pow", "tan", "tgamma"}
    assert names - libm <= {*abi.RUNTIME_SYMBOLS, *abi.LIBRARY_STATE}


@pytest.mark.parametrize("name", TEXTS)
def test_no_flag_relaxes_floating_point(name: str) -> None:
    module = module_of(TEXTS[name].replace("KIND", "bounds").replace("ELEMENT", "f64"))
    code = llvm.emit(module, module.functions[0].name)
    flags = r"\b(fast|reassoc|contract|afn|arcp|nnan|ninf|nsz)\b"
    assert not re.search(flags, code.text)
    assert code.symbol == f"dpc.{module.functions[0].name}"


SAXPY = """\
func.func @saxpy(%n: index {dp.dimension = "n"}, %a: f64, \
%x: memref<?xf64> {dp.extents = ["n"]}, %y: memref<?xf64> {dp.extents = ["n"]}, \
%out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %u = memref.load %x[%i] : memref<?xf64>
    %v = memref.load %y[%i] : memref<?xf64>
    %w = arith.mulf %a, %u : f64
    %z = arith.addf %w, %v : f64
    memref.store %z, %out[%i] : memref<?xf64>
    scf.yield
  }
  func.return
}
"""


def test_independent_loops_become_vector_loops_without_overlap_checks() -> None:
    code = llvm.emit(module_of(SAXPY), "saxpy")
    text = optimized_llvm(code)
    assert re.search(r"fmul <\d+ x double>", text)
    assert "vector.memcheck" not in text
    assert "dpc.saxpy" in assembly(code)
