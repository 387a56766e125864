"""Compiled models, their derivatives too: the text round-trips and stock MLIR takes the export."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dpc.compiler import driver
from dpc.compiler.ad import transforms
from dpc.compiler.codegen.mlir import export
from dpc.compiler.driver import Compiled, Options
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.printer import print_module
from dpc.compiler.ir.verify import verify
from dpc.compiler.signature import Entry
from dpc.dsl.source import Source
from dpc.dsl.types import element_of
from tests.end_to_end.models import MODELS
from tests.end_to_end.recursive_models import RECURSIVE_MODELS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.dp"))
SOURCES = [(m.name, m.source) for m in (*MODELS, *RECURSIVE_MODELS)] + [
    (p.stem, p.read_text()) for p in EXAMPLES
]
MLIR_OPT = shutil.which("mlir-opt-19") or shutil.which("mlir-opt")


def has_derivatives(entry: Entry) -> bool:
    """Whether floats go in and come out."""
    sides = (entry.signature.inputs, entry.signature.results)
    return all(
        any(element_of(leaf.type).is_float for slot in side for leaf in slot.leaves)
        for side in sides
    )


def compiled_source(name: str, text: str) -> Compiled:
    return Compiled(driver.front(Source(f"{name}.dp", text)))


def entries(name: str, text: str) -> list[Entry]:
    """Every function of a source, and its derivatives where it has any."""
    compiled = compiled_source(name, text)
    found = []
    for function in compiled.module.functions:
        entry = compiled.entry(function, Options())
        found.append(entry)
        if has_derivatives(entry):
            found.extend([transforms.jvp(entry), transforms.vjp(entry)])
    return found


def check_text(module: Module, level: str) -> None:
    """The module is valid, its text too, and printing what was parsed gives the same text."""
    verify(module, level)
    printed = print_module(module)
    parsed = parse_module(printed)
    verify(parsed, level)
    assert print_module(parsed) == printed


@pytest.mark.parametrize(("name", "text"), SOURCES, ids=[name for name, _ in SOURCES])
def test_the_array_level_has_a_text(name: str, text: str) -> None:
    compiled = compiled_source(name, text)
    for function in compiled.module.functions:
        check_text(compiled.array(function), "array")


@pytest.mark.parametrize(("name", "text"), SOURCES, ids=[name for name, _ in SOURCES])
def test_compiled_models_have_a_text_and_an_export(name: str, text: str) -> None:
    exported = []
    for entry in entries(name, text):
        check_text(Module((entry.function,)), "loops")
        for strong in (False, True):
            exported.append(export(driver.finish(entry, Options(), strong)))
    if MLIR_OPT is None:
        pytest.skip("mlir-opt is not installed")
    text = "\n// -----\n".join(exported)
    done = subprocess.run(
        [MLIR_OPT, "--split-input-file"], input=text, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
