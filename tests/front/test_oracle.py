"""Every legal text parses with Python's `ast`, into the tree that we make of it."""

import ast as python
import textwrap
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.front import corpus
from tests.front.oracle import ours, theirs

FUNCTION = "def f():\n    {}\n"


def legal(text: str) -> None:
    form, diagnostics = ours(text)
    assert not diagnostics, [str(d.span) + d.message for d in diagnostics]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert form == theirs(text)


def python_takes(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            python.parse(text.encode())
        except (SyntaxError, ValueError):
            return False
    return True


def subset(text: str) -> None:
    """What we take, Python takes, with the same meaning; what we refuse has a diagnostic."""
    form, diagnostics = ours(text)
    if diagnostics:
        assert all(d.message for d in diagnostics)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert form == theirs(text)


@pytest.mark.parametrize("text", corpus.FILES)
def test_files(text: str) -> None:
    legal(text)


@pytest.mark.parametrize("text", corpus.STATEMENTS)
def test_statements(text: str) -> None:
    legal(FUNCTION.format(text))


@pytest.mark.parametrize("text", corpus.EXPRESSIONS)
def test_expressions(text: str) -> None:
    legal(f"A = {text}\n")
    legal(FUNCTION.format(f"return ({text})"))


@pytest.mark.parametrize("text", corpus.LEFT_OUT)
def test_left_out(text: str) -> None:
    inside = FUNCTION.format(textwrap.indent(text, "    ").lstrip())
    assert python_takes(text) or python_takes(inside)
    assert ours(text)[1]


@pytest.mark.parametrize("text", corpus.WRONG)
def test_wrong(text: str) -> None:
    assert not python_takes(text)
    assert ours(text)[1]
    inside = FUNCTION.format(text.replace("\n", "\n    "))
    subset(inside)


def test_line_ends_do_not_matter() -> None:
    legal(corpus.LOGISTIC.replace("\n", "\r\n"))
    legal(corpus.LOGISTIC.rstrip("\n"))


NAMES = st.sampled_from(["a", "b", "x", "y2", "é"])
ATOMS = st.one_of(
    NAMES,
    st.integers(0, 10**6).map(str),
    st.floats(0, 1e300).map(repr),
    st.sampled_from(["True", "...", "'t'", "f'{x}'", "[]", "()"]),
)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(
        "+ - * / // % ** @ & | ^ < > <= >= == != and or".split()  # noqa: SIM905
    )
    space = st.sampled_from(["", " ", "  "])
    return st.one_of(
        st.tuples(inner, binary, inner).map(" ".join),
        st.tuples(st.sampled_from(["-", "+", "~", "not "]), space, inner).map("".join),
        st.tuples(inner, inner, inner).map(lambda t: f"{t[0]} if {t[1]} else {t[2]}"),
        inner.map(lambda t: f"({t})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda t: f"({', '.join(t)},)"),
        st.lists(inner, max_size=3).map(lambda t: f"[{', '.join(t)}]"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}({t[1]}, k={t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"{t[0]}[{t[1]}, :{t[2]}, None]"),
        inner.map(lambda t: f"{t}.name"),
        inner.map(lambda t: f"lambda p, q: {t}"),
        st.tuples(inner, NAMES, inner, inner).map(
            lambda t: f"[{t[0]} for {t[1]} in {t[2]} if {t[3]}]"
        ),
        st.tuples(inner, NAMES, inner).map(lambda t: f"sum({t[0]} for {t[1]} in {t[2]})"),
    )


@settings(max_examples=200, deadline=None)
@given(st.recursive(ATOMS, compound, max_leaves=12))
def test_generated_expressions(text: str) -> None:
    subset(f"A = {text}\n")


SOUP = [
    *("a", "b", "1", "2.5", "'s'", "f'{a}'", "(", ")", "[", "]", "{", "}", ",", ":", ";", "."),
    *("=", "==", "+", "-", "*", "**", "@", "+=", "<", ":=", "->", "...", "\n", "\n    ", "\n\t"),
    *("if", "else", "elif", "for", "in", "while", "def f():", "return", "lambda", "not", "and"),
    *("class A:", "pass", "break", "assert", "from a import b", "None", "True", "is", "#c", "\\\n"),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(SOUP), max_size=12).map(" ".join))
def test_token_soup(text: str) -> None:
    subset(text)
    subset(FUNCTION.format(text))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_files(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([*corpus.FILES, *corpus.STATEMENTS]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 4))
        put = data.draw(
            st.sampled_from(["", " ", "\n", "(", ")", "'", '"""', "\t", "\\", "x", ":"])
        )
        text = text[:at] + put + text[at + cut :]
    subset(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    subset(text)
