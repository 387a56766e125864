"""The language reference names every built-in, and says which are not there yet."""

import re

from dpc.dsl.builtins import BUILTINS
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "language.md").read_text()
# Not called as functions: the checker of loops knows them.
LOOP_FORMS = {"parallel", "checkpoint"}
MISSING = PAGE.partition("## Not there yet")[2].partition("\n## ")[0]


def words(text: str) -> set[str]:
    """Names in code."""
    return {word for code in re.findall(r"`[^`]+`", text) for word in re.findall(r"\w+", code)}


def test_every_built_in_is_named() -> None:
    assert sorted(set(BUILTINS) - words(PAGE.replace("```", ""))) == []


def test_what_is_not_there_is_listed() -> None:
    absent = {name for name, builtin in BUILTINS.items() if not builtin.supported}
    assert sorted(absent - words(MISSING) - LOOP_FORMS) == []
