"""`dpc fmt`: idempotent, keeps comments, never changes meaning."""

import re
from random import Random

import pytest

from dpc.dsl import format_layout
from dpc.dsl.diagnostics import CompileError, Sink
from dpc.dsl.format import format_source, same
from dpc.dsl.parse import parse
from dpc.dsl.scan import scan
from dpc.dsl.source import Source
from tests.front.corpus import EXPRESSIONS, FILES, STATEMENTS
from tests.mutation.corpus import generated_programs, repository_programs

LEGAL = [
    *FILES,
    *(f"def f():\n    {text}\n" for text in STATEMENTS),
    *(f"def f():\n    x = {text}\n" for text in EXPRESSIONS),
]


def formatted(text: str) -> str:
    return format_source(Source("a.dp", text))


def tree(text: str) -> object:
    sink = Sink()
    made = parse(Source("a.dp", text), sink)
    assert not sink.diagnostics
    return made


def parses(text: str) -> bool:
    sink = Sink()
    parse(Source("a.dp", text), sink)
    return not sink.failed


def corpus() -> list[str]:
    """Everything that parses."""
    texts = [*LEGAL, *(text for _, text in [*repository_programs(), *generated_programs(12)])]
    found = []
    for text in texts:
        if parses(text):
            found.append(text)
    assert len(found) > 250
    return found


def with_comments(text: str, random: Random) -> str:
    """The text with comments strewn between the words in brackets and at ends of lines."""
    parts, position, depth = [], 0, 0
    for token in scan(Source("a.dp", text), Sink()):
        parts.append(text[position : token.start])
        if token.type == "NEWLINE" and random.random() < 0.2 and not parts[-1].strip():
            parts.append(f"  # end {random.randrange(99)}")
        if depth and random.random() < 0.15:
            parts.append(f"  # behind {random.randrange(99)}\n")
        if depth and random.random() < 0.1:
            parts.append(f"\n# own {random.randrange(99)}\n")
        parts.append(text[token.start : token.end])
        position = token.end
        depth += (token.type in ("LPAR", "LSQB")) - (token.type in ("RPAR", "RSQB"))
    return "".join([*parts, text[position:]])


@pytest.mark.parametrize(("width", "commented"), [(100, False), (40, False), (60, True)])
def test_corpus(width: int, commented: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(format_layout, "WIDTH", width)
    random = Random(width)
    for original in corpus():
        text = with_comments(original, random) if commented else original
        if not parses(text):  # a comment made an open bracket's line look like a statement
            continue
        once = formatted(text)
        assert same(tree(text), tree(once)), text
        assert formatted(once) == once, text
        comments = [sorted(re.findall(r"# (?:end|behind|own) \d+", t)) for t in (text, once)]
        assert comments[0] == comments[1]
        assert once.endswith("\n") or not once
        assert "\t" not in re.sub(r"('''|\"\"\").*?\1|'[^']*'|\"[^\"]*\"", "", once, flags=re.S)


def test_lines_of_the_repository_are_short() -> None:
    for _, text in repository_programs():
        try:
            once = formatted(text)
        except CompileError:
            continue
        longest = max(map(len, once.splitlines()), default=0)
        assert longest <= max(100, *map(len, text.splitlines()))


UNTIDY = '''from stats import a,b   # x
A=1
class M: # record
    w:f64[ d ]
@custom_vjp( f )
def f(x:f64[n,m],y : f64=2.0)->f64:
  """Doc."""

  total=0.0;k = -x[0,-1]**2 + f(x) ** -y  # trailing
  if x[0,0]>0.0: return total
  # about the other case
  elif   not True:
     pass
         # still inside



  z = [x[i , :: -1] for i in range( n )]
  first_long_name = some_function_name(first_argument, second_argument) * another_function(x) + 3.0
  return first_long_name * first_long_name + first_long_name * first_long_name ** 2 + total + k
def g(first_parameter: f64[n, m], second: f64[n, m], third: f64[n, m], fourth: f64) -> f64[n, m]:
    return first_parameter @ second
'''
TIDY = '''from stats import a, b  # x
A = 1

class M:  # record
    w: f64[d]

@custom_vjp(f)
def f(x: f64[n, m], y: f64 = 2.0) -> f64:
    """Doc."""

    total = 0.0
    k = -x[0, -1] ** 2 + f(x) ** -y  # trailing
    if x[0, 0] > 0.0:
        return total
    # about the other case
    elif not True:
        pass
        # still inside

    z = [x[i, ::-1] for i in range(n)]
    first_long_name = (
        some_function_name(first_argument, second_argument) * another_function(x) + 3.0
    )
    return first_long_name * first_long_name + first_long_name * first_long_name**2 + total + k

def g(first_parameter: f64[n, m], second: f64[n, m], third: f64[n, m], fourth: f64) -> f64[n, m]:
    return first_parameter @ second
'''


def test_style() -> None:
    assert formatted(UNTIDY) == TIDY


def test_brackets_open_when_a_line_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(format_layout, "WIDTH", 40)
    text = "def f(x: f64[n]) -> f64:\n    return sum(x[i] * x[i] for i in range(n) if x[i] > 0)\n"
    assert formatted(text) == (
        "def f(x: f64[n]) -> f64:\n    return sum(\n        x[i] * x[i]\n"
        "        for i in range(n)\n        if x[i] > 0\n    )\n"
    )
    text = "A = [[first_row, second, third], [third, fourth, fifth]]\n"
    assert (
        formatted(text)
        == "A = [\n    [first_row, second, third],\n    [third, fourth, fifth],\n]\n"
    )


def test_wrong_programs_are_not_formatted() -> None:
    with pytest.raises(CompileError):
        formatted("def f(:\n")
