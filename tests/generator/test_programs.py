"""Every generated program is legal, for Python's parser and for ours, and means something."""

import ast as python

from hypothesis import HealthCheck, given, settings

from dpc.dsl.check import check
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.render import render_all
from dpc.dsl.source import Source
from tests.front.oracle import ours, theirs
from tests.generator.programs import Program, programs

settings.register_profile("programs", suppress_health_check=[HealthCheck.too_slow], deadline=None)
PROGRAMS = settings(settings.get_profile("programs"), max_examples=60)


@PROGRAMS
@given(programs(smooth=False, scalar_result=False))
def test_programs_parse(program: Program) -> None:
    python.parse(program.text)
    form, diagnostics = ours(program.text)
    assert not diagnostics
    assert form == theirs(program.text)


@PROGRAMS
@given(programs(smooth=False, scalar_result=False))
def test_programs_are_well_typed(program: Program) -> None:
    sink = Sink()
    check(parse(Source("generated.dp", program.text), sink), sink)
    errors = [d for d in sink.diagnostics if d.level == "error"]
    assert not errors, program.text + render_all(errors)
