"""`dpc fmt`: one way to write every program.

Blocks are indented by four, lines have at most 100 columns where they can be divided, comments stay
where they are, single empty lines are kept. The trees before and after are compared: a program
whose meaning would change is refused, and so is one that loses a comment.
"""

from collections.abc import Sequence

from dpc.dsl import ast
from dpc.dsl.diagnostics import InternalError, Sink
from dpc.dsl.format_layout import arrange
from dpc.dsl.format_lines import Line, logical_lines
from dpc.dsl.parse import parse
from dpc.dsl.source import Source, Span

_INDENT = 4
_DEFINITIONS = ("DEF", "CLASS", "AT")


def format_source(source: Source) -> str:
    """The text in the standard form; `CompileError` if it does not parse."""
    before = _parsed(source)
    lines = logical_lines(source)
    comments = _comments(lines)
    text = _joined(lines)
    again = Source(source.name, text)
    if not same(before, _parsed(again)) or comments != _comments(logical_lines(again)):
        raise InternalError(f"formatting would change {source.name}")
    return text


def _parsed(source: Source) -> ast.ModuleTree:
    sink = Sink()
    tree = parse(source, sink)
    sink.raise_if_failed()
    return tree


def same(left: object, right: object) -> bool:
    """Two trees mean the same; their places in the text do not count."""
    if isinstance(left, Source | Span):
        return type(left) is type(right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if not isinstance(left, ast.Node | ast.ModuleTree):
        return type(left) is type(right) and repr(left) == repr(right)
    names = left.__dataclass_fields__
    return type(left) is type(right) and all(
        same(getattr(left, name), getattr(right, name)) for name in names
    )


def _comments(lines: Sequence[Line]) -> list[str]:
    """Every comment, in an order that does not depend on where it stands."""
    found = [line.comment for line in lines if line.comment]
    for line in lines:
        for word in line.words:
            found += word.before + word.behind
    return sorted(found)


def _joined(lines: Sequence[Line]) -> str:
    """The lines of the text with the empty lines between them."""
    done: list[str] = []
    for index, line in enumerate(lines):
        done += [""] * _blank_lines(lines, index)
        indent = line.level * _INDENT
        done += arrange(line.words, indent) if line.words else [" " * indent + line.comment]
    return "".join(f"{text}\n" for text in done)


def _blank_lines(lines: Sequence[Line], index: int) -> int:
    """The empty lines before a line: those of the author, within limits."""
    line = lines[index]
    previous = lines[index - 1] if index else None
    if previous is None or line.level > previous.level or _is_decorator(previous):
        return 0
    most = 2 if line.level == 0 else 1
    least = 0
    if line.level == 0:
        after_definition = previous.level > 0 or _is_definition(previous)
        starts = _is_definition(_first_statement(lines, index))
        commented = previous.comment and previous.level == 0 and not line.blank
        least = int(after_definition or bool(starts and not commented))
    return max(least, min(line.blank, most))


def _first_statement(lines: Sequence[Line], index: int) -> Line:
    """The statement that a line belongs to: a comment belongs to what follows it directly."""
    while lines[index].comment and index + 1 < len(lines) and not lines[index + 1].blank:
        index += 1
    return lines[index]


def _is_decorator(line: Line) -> bool:
    return bool(line.words) and line.words[0].type == "AT"


def _is_definition(line: Line) -> bool:
    return bool(line.words) and line.words[0].type in _DEFINITIONS
