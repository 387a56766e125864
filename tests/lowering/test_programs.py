"""Lowered programs give what Python gives, at the array level and after bufferization."""

import pytest

from tests.lowering.harness import agree
from tests.lowering.programs import SCALARS, Program
from tests.lowering.programs_arrays import ARRAYS
from tests.lowering.programs_control import CONTROL
from tests.lowering.programs_wide import WIDE

ALL = [*SCALARS, *CONTROL, *ARRAYS, *WIDE]


@pytest.mark.parametrize("program", ALL, ids=lambda p: p.name)
def test_programs_mean_what_python_says(program: Program) -> None:
    single = "single_precision" in program.name
    agree(program.text, program.arguments, rtol=3e-6 if single else 1e-12)
