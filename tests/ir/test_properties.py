"""Random functions: printing and parsing change nothing, and stock MLIR takes their export."""

import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpc.compiler.codegen.mlir import export
from dpc.compiler.dialects.numbers import COMPLEX, REAL, Numbers
from dpc.compiler.interpret import CheckFailed, run
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.ir.rewrite import clone_block
from dpc.compiler.ir.verify import verify
from dpc.compiler.passes.export import export as rewrite
from tests.ir.random_ir import random_function

SEEDS = st.integers(0, 10**9)
MLIR_OPT = shutil.which("mlir-opt-19") or shutil.which("mlir-opt")


def module_of(seed: int) -> Module:
    return Module((random_function(seed),))


def outcome(module: Module, numbers: Numbers = REAL) -> Any:
    """Results and output of a run, or the check that failed."""
    source = np.array([0.5, -1.25, 3.0])
    output = np.empty(3, dtype=object)
    try:
        results = run(module, "f", [3, source, 0.75, 5, output], numbers)
    except CheckFailed as failure:
        return str(failure)
    return repr([results, list(output)])


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_text_round_trips_and_means_the_same(seed: int) -> None:
    module = module_of(seed)
    verify(module, "loops")
    text = print_module(module)
    parsed = parse_module(text)
    verify(parsed, "loops")
    assert print_module(parsed) == text
    assert outcome(parsed) == outcome(module)
    assert outcome(parsed, COMPLEX) == outcome(module, COMPLEX)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_copies_print_and_run_alike(seed: int) -> None:
    module = module_of(seed)
    copied = module.map(lambda f: f.with_body(clone_block(f.body, {})))
    verify(copied, "loops")
    assert print_module(copied) == print_module(module)
    assert outcome(copied) == outcome(module)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_export_keeps_the_meaning(seed: int) -> None:
    module = module_of(seed)
    text = print_module(module)
    rewritten = rewrite(module)
    assert print_module(module) == text
    if "math.hypot" not in text:  # a call of a function that only MLIR's user has
        verify(rewritten)
        assert outcome(rewritten) == outcome(module)


@pytest.mark.skipif(MLIR_OPT is None, reason="mlir-opt is not installed")
def test_stock_mlir_takes_random_functions() -> None:
    texts = []
    for seed in range(40):
        function = random_function(seed)
        function.name = f"f{seed}"
        texts.append(function)
    assert MLIR_OPT is not None
    text = export(Module(tuple(texts)))
    done = subprocess.run([MLIR_OPT], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
