"""Generated programs mean the same to Python, to the interpreter, to native code, and to all
derivatives: the checks of `oracles`.

DPC_PROGRAMS sets how many programs there are (40), DPC_SEED the seed of the first one (0). The same
from the command line, with failing programs shrunk: `python -m tests.generator 0 2000`.
"""

import os

import pytest

from tests.generator.oracles import run
from tests.generator.program import program

COUNT = int(os.environ.get("DPC_PROGRAMS", "40"))
FIRST = int(os.environ.get("DPC_SEED", "0"))
BATCHES = 8


@pytest.mark.parametrize("batch", range(BATCHES))
def test_everything_agrees(batch: int) -> None:
    for seed in range(FIRST + batch, FIRST + COUNT, BATCHES):
        made = program(seed)
        failures = "\n".join(f"{name}: {message}" for name, message in run(made).items())
        assert not failures, f"seed {seed}\n{failures}\n{made.text}\n{made.arguments}"
