"""Which words of a line stand apart: `f(x, a=1) ** 2`, `x[1:, None]`, `-x**2`."""

from collections.abc import Sequence
from dataclasses import dataclass

from dpc.dsl.format_lines import CLOSING, OPENING, Word

_OPERANDS = frozenset(("NAME", "NUMBER", "TEXT", "RPAR", "RSQB", "TRUE", "FALSE", "NONE", "DOTS"))
_SIMPLE = frozenset(("NAME", "NUMBER"))


@dataclass
class _Bracket:
    """An open bracket (or the line itself, ""), as far as it was read."""

    kind: str
    subscript: bool = False
    lambdas: int = 0
    annotated: bool = False


def spaced(words: Sequence[Word]) -> list[bool]:
    """For each word whether a space stands before it, if it is not the first of its line."""
    stack = [_Bracket("")]
    found: list[bool] = []
    unary = tight_power = False
    for index, word in enumerate(words):
        previous = words[index - 1] if index else None
        top = stack[-1]
        colon_of_lambda = word.type == "COLON" and top.lambdas > 0
        if previous is None or unary or (tight_power and previous.type == "POWER"):
            space = False
        else:
            space = _space(previous, word, top)
        if word.type == "POWER":
            tight_power = _is_simple_power(words, index)
            space = not tight_power
        found.append(space)
        unary = _is_unary(previous, word)
        _enter(stack, word, previous, colon_of_lambda)
    return found


def _enter(stack: list[_Bracket], word: Word, previous: Word | None, colon_of_lambda: bool) -> None:
    """What the word changes for those after it."""
    top = stack[-1]
    if word.type in OPENING:
        operand = previous is not None and previous.type in _OPERANDS
        stack.append(_Bracket(word.text, word.type == "LSQB" and operand))
    elif word.type in CLOSING:
        stack.pop()
    elif word.type == "LAMBDA":
        top.lambdas += 1
    elif colon_of_lambda:
        top.lambdas -= 1
    elif word.type == "COLON":
        top.annotated = True
    elif word.type == "COMMA":
        top.annotated = False


def _is_unary(previous: Word | None, word: Word) -> bool:
    if word.type == "TILDE":
        return True
    if word.type == "AT":
        return previous is None
    return word.type == "SIGN" and (previous is None or previous.type not in _OPERANDS)


def _is_simple_power(words: Sequence[Word], index: int) -> bool:
    """`x**2` and `m.w**-k` stay together, powers of calls and elements do not."""
    if words[index - 1].type not in _SIMPLE:
        return False
    after = index + 1
    if words[after].type == "SIGN":
        after += 1
    if after >= len(words) or words[after].type not in _SIMPLE:
        return False
    while after + 2 < len(words) and words[after + 1].type == "DOT":
        after += 2
    return after + 1 >= len(words) or words[after + 1].type not in (*OPENING, "POWER")


def _space(previous: Word, word: Word, top: _Bracket) -> bool:
    if word.type in (*CLOSING, "COMMA", "COLON") or previous.type in OPENING:
        return previous.type == "COMMA" and word.type == "COLON"
    if word.type == "DOT" or previous.type == "DOT":
        return previous.type == "NUMBER"
    if word.type in OPENING:
        return previous.type not in _OPERANDS and not _after_slice_colon(previous, top)
    if "EQUAL" in (previous.type, word.type):
        return top.kind != "(" or top.annotated
    return not _after_slice_colon(previous, top)


def _after_slice_colon(previous: Word, top: _Bracket) -> bool:
    """True behind the colon of a slice; `top.annotated`: it was no lambda's."""
    return previous.type == "COLON" and top.subscript and top.annotated and not top.lambdas
