"""The terminals of the grammar."""

import keyword
import unicodedata
from typing import NamedTuple


class Token(NamedTuple):
    """A terminal of the grammar (`type`) with its text and its place."""

    type: str
    text: str
    start: int
    end: int


def normalized(name: str) -> str:
    """A name in the form in which Python compares names (NFKC)."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


KEYWORDS = frozenset(keyword.kwlist)

# The terminal of each operator; SHIFT, LBRACE, RBRACE and WALRUS are Python's alone, known here so
# that they can be named.
OPERATORS = {
    **dict.fromkeys(["+", "-"], "SIGN"),
    **dict.fromkeys(["*", "/", "//", "%"], "FACTOR"),
    **dict.fromkeys(["<", ">", "<=", ">=", "==", "!="], "COMPARE"),
    **dict.fromkeys(
        ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "&=", "|=", "^="], "AUGMENTED"
    ),
    **dict.fromkeys(["<<", ">>", "<<=", ">>="], "SHIFT"),
    "**": "POWER",
    "->": "ARROW",
    "...": "DOTS",
    "@": "AT",
    "~": "TILDE",
    "|": "VBAR",
    "^": "CIRCUMFLEX",
    "&": "AMPERSAND",
    "=": "EQUAL",
    ":": "COLON",
    ",": "COMMA",
    ";": "SEMICOLON",
    ".": "DOT",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    "{": "LBRACE",
    "}": "RBRACE",
    ":=": "WALRUS",
}
CLOSING = {"(": ")", "[": "]", "{": "}"}

# Characters that are not part of the language, and what was probably meant.
CHARACTER_HINTS = {
    "!": "`not` negates, `!=` compares",
    "$": "names have letters, digits and `_`",
    "?": "`a if condition else b` chooses",
    "\\": "a backslash continues a line only as its last character; `solve(a, b)` divides by a",
    **dict.fromkeys("\u201c\u201d\u201e", 'strings stand in straight quotes: "..."'),
    **dict.fromkeys("\u2018\u2019", "strings stand in straight quotes: '...'"),
    **dict.fromkeys("\u00d7\u00b7", "multiply with `*`"),
    **dict.fromkeys("\u2212\u2013", "subtract with `-`"),
    "\u00f7": "divide with `/`",
    "\u2264": "write `<=`",
    "\u2265": "write `>=`",
    "\u2260": "write `!=`",
    "\u00b2": "write `**2`",
}
