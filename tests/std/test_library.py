"""The library as a whole: documented, without warnings, on the page."""

import pytest

from dpc.compiler.driver import diagnose
from dpc.dsl.program import standard_source
from tests.docs.markdown import ROOT
from tests.docs.standard_library import EXAMPLES, functions_of, page, tree_of
from tests.std.library import NAMES


def test_every_module_has_a_section() -> None:
    assert sorted(EXAMPLES) == NAMES


def test_the_page_is_up_to_date() -> None:
    text = (ROOT / "docs" / "standard-library.md").read_text()
    assert text == page(), "run: python -m tests.docs.standard_library > docs/standard-library.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_documented(name: str) -> None:
    tree = tree_of(name)
    assert tree.doc
    for function in functions_of(tree):
        assert (function.doc or "").rstrip().endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_warn_of(name: str) -> None:
    assert diagnose(standard_source(name)) == ()
