"""Whatever is typed, the answer is diagnostics: no traceback, no hang, no crash.

DPC_MUTANTS sets how many are tried. Some of those without errors are lowered, optimised and
differentiated, and their IR is verified.
"""

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType

import pytest

from dpc.compiler.driver import Compiled, Options, diagnose
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.verify import verify
from dpc.compiler.lowering import lower_module
from dpc.dsl.diagnostics import Sink
from dpc.dsl.program import check_program
from dpc.dsl.render import as_data, render_all
from dpc.dsl.source import Source
from tests.mutation.corpus import generated_programs, repository_programs
from tests.mutation.mutants import mutant

COUNT = int(os.environ.get("DPC_MUTANTS", "5000"))
LOWERED = 80
BATCHES = 8
SECONDS = 30


class TooSlowError(Exception):
    """A mutant took longer than any program of its size should."""


@contextmanager
def time_limit() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def examine(text: str, lowered: bool) -> bool:
    """Check a text as `dpc check` does; True when it has no errors."""
    source = Source("mutant.dp", text)
    sink = Sink()
    module = check_program(source, sink)
    assert all(d.message for d in sink.diagnostics)
    render_all(sink.diagnostics, color=True)
    as_data(sink.diagnostics)
    if sink.failed:
        return False
    if lowered and all(d.level == "warning" for d in diagnose(source)):
        verify(lower_module(module), "array")
        compiled = Compiled(module)
        for name in module.functions:
            verify(Module((compiled.entry(name, Options()).function,), name), "loops")
    return True


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutants(batch: int) -> None:
    random = Random(batch)
    corpus = [*repository_programs(), *generated_programs(20)]
    lowered = 0
    for number in range(COUNT // BATCHES):
        name, text = random.choice(corpus)
        changed = mutant(text, random)
        try:
            with time_limit():
                lowered += examine(changed, lowered < LOWERED // BATCHES)
        except Exception:
            pytest.fail(f"{name}, mutant {number}:\n{changed}\n{traceback.format_exc()}")
