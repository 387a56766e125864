"""Programs with small mistakes, as fingers make them: tokens and lines lost, swapped, replaced."""

import re
from collections.abc import Callable, Sequence
from random import Random

# Words, numbers, strings, operators, and blanks; joined again they are the text.
_PIECES = re.compile(
    r"[^\W\d]\w*|[\d.]+|\n[ \t]*|[ \t]+|\"\"\"|\*\*|//|->|[-+*/%<>=!&|^]=|.", re.DOTALL
)
# What a replacement may be, besides other pieces of the same text.
_FOREIGN = (
    *("f32", "i64", "bool", "0", "-1", "1.5", "True", "None", "x", "sum", "exp", "range", "dot"),
    *("if", "else", "for", "while", "def", "class", "return", "lambda", "not", "in", "break", "@"),
    *("(", ")", "[", "]", "{", "}", ":", ",", ";", "=", "==", "+", "**", "//", ".", '"', "'", "#"),
    *("\n", "\n    ", "\t", "\\", "$", "\u00b2", "9223372036854775808", "1e999", 'f"{', "import"),
)  # fmt: skip

Mutation = Callable[[list[str], Random], None]


def _place(pieces: Sequence[str], random: Random) -> int:
    """A piece that is not a mere blank."""
    for _ in range(20):
        index = random.randrange(len(pieces))
        if pieces[index].strip() or "\n" in pieces[index]:
            return index
    return 0


def _delete(pieces: list[str], random: Random) -> None:
    del pieces[_place(pieces, random)]


def _duplicate(pieces: list[str], random: Random) -> None:
    index = _place(pieces, random)
    pieces.insert(index, pieces[index])


def _swap(pieces: list[str], random: Random) -> None:
    first, second = _place(pieces, random), _place(pieces, random)
    pieces[first], pieces[second] = pieces[second], pieces[first]


def _swap_neighbours(pieces: list[str], random: Random) -> None:
    first = _place(pieces, random)
    second = min(first + random.choice((1, 2)), len(pieces) - 1)
    pieces[first], pieces[second] = pieces[second], pieces[first]


def _replace(pieces: list[str], random: Random) -> None:
    index = _place(pieces, random)
    pieces[index] = random.choice((random.choice(_FOREIGN), random.choice(pieces)))


def _replace_word(pieces: list[str], random: Random) -> None:
    """One word of the text by another: such programs get far."""
    words = [i for i, piece in enumerate(pieces) if piece[0].isalnum()]
    if words:
        pieces[random.choice(words)] = pieces[random.choice(words)]


def _insert(pieces: list[str], random: Random) -> None:
    pieces.insert(_place(pieces, random), random.choice(_FOREIGN))


def _delete_line(pieces: list[str], random: Random) -> None:
    breaks = [i for i, piece in enumerate(pieces) if "\n" in piece]
    if len(breaks) > 1:
        number = random.randrange(len(breaks) - 1)
        del pieces[breaks[number] : breaks[number + 1]]


def _end_early(pieces: list[str], random: Random) -> None:
    del pieces[_place(pieces, random) :]


_MUTATIONS: tuple[Mutation, ...] = (
    *(_delete, _duplicate, _swap, _swap_neighbours, _replace),
    *(_replace_word, _replace_word, _replace_word, _insert, _delete_line, _end_early),
)  # fmt: skip


def mutant(text: str, random: Random) -> str:
    """The text after one or two mutations."""
    pieces = _PIECES.findall(text)
    for _ in range(random.choice((1, 1, 1, 2))):
        if pieces:
            random.choice(_MUTATIONS)(pieces, random)
    return "".join(pieces)
