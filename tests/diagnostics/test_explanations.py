"""Every diagnostic is explained, by an example that gets exactly this diagnostic."""

import pytest

from dpc.compiler.driver import diagnose
from dpc.dsl.errors.explanations import (
    EXPLANATIONS,
    FAMILIES,
    as_list,
    as_page,
    as_text,
    diagnostic_classes,
    summary,
)
from dpc.dsl.source import Source
from dpc.dsl.warning_levels import levels
from tests.docs.markdown import ROOT

# These come from transforms of a compiled function, need several files, or a deep stack.
WITHOUT_EXAMPLE = {"E0252", "E0253", "E0401", "E0426", "E0430", "E0431", "E0900"}


def test_every_diagnostic_has_an_explanation() -> None:
    assert set(EXPLANATIONS) == set(diagnostic_classes())
    for code, explanation in EXPLANATIONS.items():
        assert code[:3] in FAMILIES
        assert summary(code).endswith(".")
        assert explanation.cause
        assert explanation.fixes
        assert bool(explanation.example) != (code in WITHOUT_EXAMPLE)


def test_every_module_of_errors_is_listed() -> None:
    found = {
        path.stem
        for path in (ROOT / "dsl" / "errors").glob("*.py")
        if "Diagnostic):" in path.read_text()
    }
    assert found == {cls.__module__.rpartition(".")[2] for cls in diagnostic_classes().values()}


@pytest.mark.parametrize("code", sorted(set(EXPLANATIONS) - WITHOUT_EXAMPLE))
def test_example_gets_its_code(code: str) -> None:
    explanation = EXPLANATIONS[code]
    found = diagnose(Source("example.dp", explanation.example), levels([("warn", "all")]))
    assert {d.code for d in found} == {code}
    assert all(d.level == diagnostic_classes()[code].level for d in found)


def test_the_page_is_up_to_date() -> None:
    page = ROOT / "docs" / "errors.md"
    assert page.read_text() == as_page(), "run: dpc explain --markdown > docs/errors.md"


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_text_is_complete_and_fits_a_terminal(code: str) -> None:
    text = as_text(code)
    assert text.startswith(f"{diagnostic_classes()[code].level}[{code}]: ")
    example = EXPLANATIONS[code].example.splitlines()
    assert all(len(line) <= 100 or line.strip() in example for line in text.splitlines())
    assert code in as_list()
