"""The library as a whole: documented, without warnings, on the page."""

import pytest

from dpc.compiler.driver import diagnose
from dpc.dsl.program import standard_source
from tests.docs.markdown import ROOT
from tests.docs.standard_library import EXAMPLES, page
from tests.std.library import NAMES, library


def test_every_module_has_a_section() -> None:
    assert sorted(EXAMPLES) == NAMES


def test_the_page_is_up_to_date() -> None:
    text = (ROOT / "docs" / "standard-library.md").read_text()
    assert text == page(), "run: python -m tests.docs.standard_library > docs/standard-library.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_documented(name: str) -> None:
    module = library(name)
    assert module.__doc__
    for function in module.functions.values():
        assert (function.__doc__ or "").endswith(".\n") or (function.__doc__ or "").endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_warn_of(name: str) -> None:
    assert diagnose(standard_source(name)) == ()
