"""`dpc fmt` on layouts that editors, other systems and hurried fingers leave behind."""

import re
from collections.abc import Iterator
from random import Random

import pytest

from dpc.dsl.format import same
from tests.format.test_format import formatted, parses, tree
from tests.mutation.corpus import repository_programs

LAYOUTS = [
    '# a\n\n\n\n# b\n',
    '#only',
    '',
    '\n\n\n',
    '   \n\t\n',
    '\x0c\n# c\n\x0c\nA = 1\n',
    'A = [ # open\n  1, # one\n  # own\n  2 # two\n  , # comma\n  3\n  # end\n] # close\n',
    'A = 1 + \\\n  2 # tail\n',
    (
        'def f(x: f64) -> f64: # head\n'
        '    # first\n'
        '    return (x # x\n'
        '      + # plus\n'
        '      1.0) # end\n'
        '    # last\n'
        '# after\n'
    ),
    (
        'def f(x: f64, # the x\n'
        '      # own line\n'
        '      y: f64 = 1.0, # y\n'
        ') -> f64: # r\n'
        '    return x + y\n'
    ),
    '@a # one\n# between\n@b\n# then\ndef f(x: f64) -> f64:\n    return x\n',
    (
        'def f(x: f64) -> f64:\n'
        '    if x > 0.0: # yes\n'
        '        # in\n'
        '        return x # r\n'
        '        # still in\n'
        '    # before else\n'
        '    else: # no\n'
        '        pass # nothing\n'
        '    # out\n'
        '    return x\n'
    ),
    'def f(x: f64) -> f64:   \n    return x   \n   \n',
    (
        'def f(x: f64) -> f64:\n'
        '    """Doc   \n'
        '\n'
        '      with indent   \n'
        '    """   # c\n'
        '    return x\n'
    ),
    'class A:\n    # nothing\n    w: f64 # w\n    # end\n',
    'from stats import ( # open\n  normal_lpdf, # a\n  # own\n  gamma_lpdf\n) # close\n',
    'def f(x: f64) -> f64:\n\treturn x # tab\n',
    (
        'def f(x: f64) -> f64:\n'
        '    y = (\n'
        '        # only comment\n'
        '        x\n'
        '    )\n'
        '    return y\n'
    ),
    'def f(x: f64) -> f64:\n    return f( # c1\n        x # c2\n    ) # c3\n',
    (
        'def f(x: f64[n]) -> f64:\n'
        '    return sum( # s\n'
        '      x[i] # e\n'
        '      for i in range(n) # f\n'
        '      if x[i] > 0.0 # g\n'
        '    )\n'
    ),
    'def f(x: f64[n]) -> f64:\n    return x[ # a\n      0 # b\n    ]\n',
    (
        'def f(x: f64) -> f64:\n'
        '    assert x > 0.0, f"{x} is # not a comment" # c\n'
        '    return x\n'
    ),
    'def f(x: f64) -> f64:\n    y = x; z = y; # two\n    return z\n',
    'A = 1 # no newline',
    'A = (1) # \t tab in comment \t\n',
    '#!shebang\n#-*- coding: utf-8 -*-\n#comment\n#\n##double\nA = 1\n',
    'def f(x: f64) -> f64:\r\n    # crlf\r\n    return x\r\n',
    (
        'def f(x: f64) -> f64:\n'
        '    if x > 0.0:\n'
        '        return x\n'
        '    # one\n'
        '\n'
        '    # two\n'
        '    elif x < 0.0:\n'
        '        return -x\n'
        '# col 0\n'
        '    else:\n'
        '      # deeper\n'
        '        return x\n'
        '# end\n'
    ),
    'def f(x: f64) -> f64:\n    return lambda_ if x else \\\n       x\n',
    (
        'def f(x: f64) -> f64:\n'
        '    while True: break # b\n'
        '    for i in range(3): x += 1.0; x += 2.0 # c\n'
        '    return x\n'
    ),
    'A = "it\'s" # \'\nB = \'say "x"\'\n',
    'def f(x: f64) -> f64: return x # one line\n',
    '\ufeffA = 1\n',
    (
        'def f(x: f64) -> f64:\n'
        '    y = -x ** -2 + (-x) ** 2 - -x\n'
        '    z = not (y > 0.0 and not x < 1.0)\n'
        '    return y if z else -(-x)\n'
    ),
    'def f(x: f64) -> f64:\n    g = lambda a, b: a + b # l\n    return g(x, # a\n       x)\n',
]  # fmt: skip
_PIECES = re.compile(r'"""[\s\S]*?"""|"(?:\\.|[^"\n\\])*"|#[^\n]*|\n[ \t]*|[ \t]+|\w+|\W')


def settled(text: str) -> str:
    """The formatted text, which another run leaves alone and which means the same."""
    once = formatted(text)
    assert formatted(once) == once, text
    assert same(tree(text), tree(once)), text
    return once


@pytest.mark.parametrize("text", LAYOUTS)
def test_layouts(text: str) -> None:
    once = settled(text)
    comments = [sorted(re.findall(r"# ?(\w+)", t)) for t in (text, once)]
    assert comments[0] == comments[1]
    if '"""' not in once:
        assert all(line == line.rstrip() for line in once.split("\n"))


def disturbed(text: str, random: Random) -> Iterator[str]:
    """The text with continued lines, tabs, form feeds, empty lines and comments anywhere."""
    depth = 0
    for piece in _PIECES.findall(text):
        depth += (piece in "([{") - (piece in ")]}")
        chance = random.random()
        if piece.startswith("\n"):
            if chance < 0.1:
                yield "  \n   \n"
            elif chance < 0.2:
                yield f"\n{' ' * random.randrange(8)}# own {random.randrange(99)}"
            yield piece
        elif not piece.isspace():
            yield piece
        elif chance < 0.05:
            yield " \\\n   "
        elif chance < 0.1:
            yield "\t "
        elif chance < 0.12:
            yield " \f"
        elif depth and chance < 0.25:
            yield f"  # c {random.randrange(99)}\n{' ' * random.randrange(9)}"
        else:
            yield piece


def test_disturbed_programs() -> None:
    random = Random(7)
    tried = 0
    for _, original in repository_programs():
        text = "".join(disturbed(original, random))
        if len(text) < 4000 and parses(text):
            settled(text)
            tried += 1
    assert tried > 100
