"""One logical line as physical lines of at most 100 columns.

A line that fits stays on one. Otherwise brackets are opened from the left where the text runs out
of space: their content on a line of its own, or item by item with a comma behind each, or operator
by operator. A comma before a closing bracket, or a comment inside, keeps a bracket open: so the
layout depends on the words alone, and formatting again changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dpc.dsl.format_lines import CLOSING, OPENING, Word
from dpc.dsl.format_spacing import spaced
from dpc.dsl.tokens import Token

WIDTH = 100
_STEP = 4
_NOT_CALLEES = frozenset(("IMPORT",))
# Where a long expression without commas is divided, weakest first; `for` divides a comprehension.
_DIVIDERS: tuple[frozenset[str], ...] = (
    frozenset(("FOR",)),
    frozenset(("IF", "ELSE")),
    frozenset(("OR",)),
    frozenset(("AND",)),
    frozenset(("COMPARE",)),
    frozenset(("VBAR",)),
    frozenset(("CIRCUMFLEX",)),
    frozenset(("AMPERSAND",)),
    frozenset(("SIGN",)),
    frozenset(("FACTOR", "AT")),
)


@dataclass
class Atom:
    """A word outside of brackets, or a bracket with what it holds."""

    word: Word
    space: bool
    body: "list[Atom]" = field(default_factory=list)
    closing: Word | None = None
    takes_comma: bool = False

    @property
    def type(self) -> str:
        """The terminal of its first token."""
        return self.word.type

    @property
    def last(self) -> Word:
        """Its last word."""
        return self.word if self.closing is None else self.closing


def arrange(words: Sequence[Word], indent: int) -> list[str]:
    """The physical lines of a statement, comments included."""
    atoms = tree(words)
    writer = _Writer(indent)
    if _flat_width(atoms) + indent > WIDTH and not _is_forced(atoms):
        atoms = _with_brackets(atoms)
    for comment in _before(atoms):
        writer.line(comment)
    writer.sequence(atoms)
    writer.end(_behind(atoms))
    return writer.lines


def tree(words: Sequence[Word]) -> list[Atom]:
    """Words as atoms, brackets nested."""
    spaces = spaced(words)
    stack: list[list[Atom]] = [[]]
    open_: list[Atom] = []
    for index, (word, space) in enumerate(zip(words, spaces, strict=True)):
        if word.type in CLOSING:
            stack.pop()
            atom = open_.pop()
            atom.closing = word
            atom.takes_comma = atom.takes_comma and not _is_comprehension(atom.body)
            continue
        atom = Atom(word, space)
        stack[-1].append(atom)
        if word.type in OPENING:
            called = index > 0 and not space
            atom.takes_comma = called == (word.type == "LPAR") or (
                index > 0 and words[index - 1].type in _NOT_CALLEES
            )
            open_.append(atom)
            stack.append(atom.body)
    return stack[0]


def _is_comprehension(atoms: Sequence[Atom]) -> bool:
    return any(atom.type == "FOR" for atom in atoms)


def _flat(atoms: Sequence[Atom]) -> str:
    """The text on one line."""
    parts: list[str] = []
    for index, atom in enumerate(atoms):
        parts.append(" " if atom.space and index else "")
        parts.append(atom.word.text)
        if atom.closing is not None:
            parts += [_flat(atom.body), atom.closing.text]
    return "".join(parts)


def _flat_width(atoms: Sequence[Atom]) -> int:
    return len(_flat(atoms).partition("\n")[0])


def _bare_width(atoms: Sequence[Atom]) -> int:
    """The width on one line without the commas that keep brackets open: they come with opening."""
    width = _flat_width(atoms)
    inside = [atom for atom in atoms if atom.closing is not None]
    while inside:
        atom = inside.pop()
        keeps = atom.takes_comma and _ends_with_comma(atom) and len(_pieces(atom.body)) > 1
        width -= keeps
        inside += [each for each in atom.body if each.closing is not None]
    return width


def _is_forced(atoms: Sequence[Atom]) -> bool:
    """True if a bracket inside must stay open: a comma before its end, or a comment."""
    for index, atom in enumerate(atoms):
        if (index and atom.word.before) or (index + 1 < len(atoms) and atom.last.behind):
            return True
        if atom.closing is not None and (_keeps_open(atom) or _is_forced(atom.body)):
            return True
    return False


def _keeps_open(atom: Atom) -> bool:
    assert atom.closing is not None
    commented = any((atom.word.behind, atom.closing.before))
    commented = commented or any(a.word.before or a.last.behind for a in atom.body)
    comma = atom.takes_comma and len(_pieces(atom.body)) > 1 and atom.body[-1].type == "COMMA"
    lone = atom.takes_comma and _is_argument_list(atom) and _ends_with_comma(atom)
    return commented or comma or lone


def _ends_with_comma(atom: Atom) -> bool:
    return bool(atom.body) and atom.body[-1].type == "COMMA"


def _is_argument_list(atom: Atom) -> bool:
    return atom.type == "LPAR" and not atom.space


def _before(atoms: Sequence[Atom]) -> list[str]:
    """All comments that stand before words of a piece: they go above it."""
    found: list[str] = []
    for index, atom in enumerate(atoms):
        found += atom.word.before
        found += atom.last.behind if index + 1 < len(atoms) else []
    return found


def _behind(atoms: Sequence[Atom]) -> list[str]:
    """The comments at the end of a piece."""
    return atoms[-1].last.behind


def _pieces(atoms: Sequence[Atom]) -> list[list[Atom]]:
    """The items between commas, each with its comma; commas of lambdas and targets do not count."""
    if _is_comprehension(atoms):
        return [list(atoms)]
    pieces: list[list[Atom]] = [[]]
    lambdas = 0
    for atom in atoms:
        pieces[-1].append(atom)
        lambdas += (atom.type == "LAMBDA") - (atom.type == "COLON" and lambdas > 0)
        if atom.type == "COMMA" and not lambdas:
            pieces.append([])
    return pieces if pieces[-1] else pieces[:-1]


def _divided(atoms: Sequence[Atom]) -> list[list[Atom]]:
    """An expression without commas, in parts that start with its weakest operators."""
    if any(atom.type == "LAMBDA" for atom in atoms):
        return [list(atoms)]
    for dividers in _DIVIDERS:
        if "FOR" in dividers and _is_comprehension(atoms):
            dividers = frozenset(("FOR", "IF"))
        places = [i for i, a in enumerate(atoms) if i and a.type in dividers]
        places = [i for i in places if _is_binary(atoms, i)]
        if dividers >= {"FOR"} and places:
            first = next(i for i in places if atoms[i].type == "FOR")
            places = [i for i in places if i >= first]
        if places:
            bounds = [0, *places, len(atoms)]
            return [list(atoms[a:b]) for a, b in pairwise(bounds)]
    return [list(atoms)]


def _is_binary(atoms: Sequence[Atom], index: int) -> bool:
    """False for a sign before its operand; that one stands off from what is before it only."""
    if atoms[index].type != "SIGN":
        return True
    return index + 1 < len(atoms) and atoms[index + 1].space


def _with_brackets(atoms: list[Atom]) -> list[Atom]:
    """A long statement with brackets around its expression, where that gives places to divide."""
    start, end = _expression_bounds(atoms)
    inside = atoms[start:end]
    if len(_pieces(inside)) > 1 or len(_divided(inside)) < 2:
        return atoms
    inside[0].space = False
    here = inside[0].word.token.start
    opening = Word(Token("LPAR", "(", here, here))
    closing = Word(Token("RPAR", ")", here, here))
    last = inside[-1].last
    closing.behind, last.behind = last.behind, []
    return [*atoms[:start], Atom(opening, True, inside, closing), *atoms[end:]]


def _expression_bounds(atoms: Sequence[Atom]) -> tuple[int, int]:
    """Where the expression of a statement starts and ends; the same place twice for none."""
    first = atoms[0].type
    if first == "RETURN":
        return 1, len(atoms)
    if first in ("IF", "ELIF", "WHILE"):
        return 1, len(atoms) - 1
    if first in ("FOR", "DEF", "CLASS", "ELSE", "ASSERT", "FROM", "AT"):
        return 0, 0
    equals = [i for i, a in enumerate(atoms) if a.type in ("EQUAL", "AUGMENTED")]
    return (equals[-1] + 1, len(atoms)) if equals else (0, 0)


class _Writer:
    """Physical lines under construction."""

    def __init__(self, indent: int) -> None:
        self.indent = indent
        self.lines: list[str] = []
        self.current = ""

    def line(self, text: str) -> None:
        """A whole line."""
        self.lines.append(" " * self.indent + text)

    def end(self, comments: Sequence[str]) -> None:
        """End the current line, comments behind it."""
        text = "  ".join([self.current, *comments])
        self.lines.extend(text.split("\n"))
        self.current = ""

    @property
    def column(self) -> int:
        return len(self.current.rpartition("\n")[2])

    def sequence(self, atoms: Sequence[Atom]) -> None:
        """Atoms from the left; brackets that do not fit are opened."""
        for index, atom in enumerate(atoms):
            lead = " " if atom.space and index else ""
            self.current = (self.current or " " * self.indent) + lead + atom.word.text
            if atom.closing is None:
                continue
            upto = next(
                (i for i in range(index + 1, len(atoms)) if atoms[i].closing is not None),
                len(atoms),
            )
            rest = _flat(atoms[index:upto])[1:] + (
                atoms[upto].word.text if upto < len(atoms) else ""
            )
            fits = self.column + len(rest.partition("\n")[0]) <= WIDTH
            forced = _keeps_open(atom) or _is_forced(atom.body)
            if not forced and (fits or not atom.body):
                self.current += _flat(atom.body) + atom.closing.text
            else:
                self.open_bracket(atom)

    def open_bracket(self, atom: Atom) -> None:
        """The content of a bracket on lines of its own."""
        assert atom.closing is not None
        self.end(atom.word.behind)
        self.indent += _STEP
        pieces = _pieces(atom.body)
        one_line = _flat_width(atom.body) + self.indent <= WIDTH
        if one_line and not _keeps_open(atom) and not _is_forced(atom.body):
            self.piece(atom.body)
        elif len(pieces) > 1 or _ends_with_comma(atom):
            if atom.takes_comma and not _ends_with_comma(atom):
                _add_comma(pieces[-1])
            for piece in pieces:
                self.piece(piece)
        elif atom.body:
            for part in _divided(atom.body):
                self.piece(part)
        for comment in atom.closing.before:
            self.line(comment)
        self.indent -= _STEP
        self.current = " " * self.indent + atom.closing.text

    def piece(self, atoms: Sequence[Atom]) -> None:
        """An item on a line of its own, its comments above and behind it."""
        for comment in _before(atoms):
            self.line(comment)
        if _bare_width(atoms) + self.indent > WIDTH and len(parts := _divided(atoms)) > 1:
            for part in parts[:-1]:
                self.sequence(part)
                self.end(())
            atoms = parts[-1]
        self.sequence(atoms)
        self.end(_behind(atoms))


def _add_comma(piece: list[Atom]) -> None:
    """A comma behind the last item; what is behind the item comes behind the comma."""
    last = piece[-1].last
    comma = Word(Token("COMMA", ",", last.token.end, last.token.end), behind=last.behind)
    last.behind = []
    piece.append(Atom(comma, False))
