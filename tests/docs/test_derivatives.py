"""docs/derivatives.md has every rule: of scalars, of linear algebra, of the built-in functions."""

import pytest

from dpc.compiler.ad.forms import FORMS
from dpc.compiler.ad.rules.table import RULES
from dpc.compiler.dialects import lapack, linalg
from dpc.compiler.ir.core import Op
from tests.ad.builtin_rows import ROWS
from tests.docs.derivative_rules import BEGIN, END, carrying, row, table
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "derivatives.md").read_text()

# Where the page has the rule of a closed form.
CLOSED_FORMS: dict[type[Op], str] = {
    linalg.Matmul: "| C = A B: `@` |",
    lapack.Cholesky: "| L = cholesky(A) |",
    lapack.SolveTriangular: "| A X = B, A triangular: `solve_triangular` |",
    lapack.Lu: "The factors of LU",
    lapack.LuSolve: "| A X = B: `solve` |",
    lapack.Det: "| d = det(A) |",
    lapack.Eigh: "| A V = V diag(w): `eigh` |",
    lapack.Qr: "| A = Q R: `qr` |",
    lapack.Svd: "| A = U diag(s) Vᵀ: `svd` |",
}


def test_scalar_rules_are_those_of_the_code() -> None:
    shown = PAGE.partition(BEGIN)[2].partition(END)[0]
    advice = "print the table by `python -m tests.docs.derivative_rules`"
    assert shown == table(), advice


def test_every_rule_has_a_row() -> None:
    rows = {row(kind) for kind in carrying()}
    assert len(rows) == len(carrying())
    assert len(rows) > 40
    assert set(carrying()) < set(RULES)


def test_closed_forms_are_on_the_page() -> None:
    assert set(CLOSED_FORMS) == set(FORMS)
    for place in CLOSED_FORMS.values():
        assert place in PAGE, place


@pytest.mark.parametrize("name", sorted({r.name for r in ROWS if r.name.isidentifier()}))
def test_every_builtin_is_on_the_page(name: str) -> None:
    assert any(mark in PAGE for mark in (f"`{name}`", f"`{name}(", f"= {name}(A)"))
