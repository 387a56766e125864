"""Every generated program is legal, for Python's parser and for ours, and means something."""

import ast as python

import pytest

import dpc
from dpc.dsl.render import render_all
from tests.front.oracle import ours, theirs
from tests.generator.families.table import FAMILIES
from tests.generator.program import program
from tests.generator.trial import compiled

SEEDS = range(60)


def test_programs_parse() -> None:
    for seed in SEEDS:
        text = program(seed).text
        python.parse(text)
        form, diagnostics = ours(text)
        assert not diagnostics, seed
        assert form == theirs(text), seed


def test_programs_are_well_typed() -> None:
    for seed in SEEDS:
        made = program(seed)
        try:
            compiled(made)
        except dpc.CompileError as error:
            errors = [d for d in error.diagnostics if d.level == "error"]
            pytest.fail(f"seed {seed}\n{made.text}{render_all(errors)}")


def test_a_seed_is_a_program() -> None:
    assert program(7).text == program(7).text
    assert program(7).text != program(8).text


def test_every_family_is_used() -> None:
    used = {family.name for seed in range(300) for family in program(seed).families}
    assert used == {family.name for family in FAMILIES}
