"""`checkpoint(range(...), memory="64MiB")` and its kin around what a loop goes over.

The annotation is a wish about memory in reverse mode; values and derivatives do not depend on it.
"""

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Body, Reported
from dpc.dsl.check.indexing import constant_integer
from dpc.dsl.errors.types import WrongArguments
from dpc.dsl.sizes import UNIT_NAMES, bytes_of
from dpc.dsl.source import Span

SIGNATURE = 'checkpoint(range(n), memory="64MiB"), checkpoint(range(n), slots=8, disk_slots=0)'


def unwrapped(body: Body, node: ast.Expr) -> tuple[ast.Expr, typed.Checkpoint | None]:
    """What a loop goes over or asks, without its annotation; and the annotation."""
    if not isinstance(node, ast.Call) or not isinstance(node.callee, ast.Name):
        return node, None
    if node.callee.name != "checkpoint" or "checkpoint" in body.names.definitions:
        return node, None
    if len(node.arguments) != 1:
        what = "`checkpoint` takes what the loop goes over, or its condition"
        raise _wrong(body, node.span, what)
    return node.arguments[0], _annotation(body, node)


def _annotation(body: Body, node: ast.Call) -> typed.Checkpoint:
    memory: int | None = None
    counts: dict[str, int] = {}
    for keyword in node.keywords:
        name = keyword.name
        if name == "memory" and memory is None:
            memory = _bytes(body, keyword.value)
        elif name in ("slots", "disk_slots") and name not in counts:
            counts[name] = _count(body, keyword, 1 if name == "slots" else 0)
        else:
            raise _wrong(body, keyword.span, f"`checkpoint` takes no `{name}=` here")
    if (memory is None) == ("slots" not in counts):
        raise _wrong(body, node.span, "`checkpoint` takes one of `memory=` and `slots=`")
    if memory is not None and counts:
        raise _wrong(body, node.span, "`disk_slots=` goes with `slots=`")
    return typed.Checkpoint(memory, counts.get("slots"), counts.get("disk_slots", 0))


def _bytes(body: Body, node: ast.Expr) -> int:
    """`"64MiB"` as a number of bytes."""
    found = bytes_of(node.value) if isinstance(node, ast.Text) else None
    if found is None:
        raise _wrong(body, node.span, f'a size is a text like `"64MiB"` (units {UNIT_NAMES})')
    return found


def _count(body: Body, keyword: ast.Keyword, least: int) -> int:
    count = constant_integer(body, keyword.value, f"`{keyword.name}`")
    if count < least:
        raise _wrong(body, keyword.span, f"`{keyword.name}` is at least {least}, not {count}")
    return count


def _wrong(body: Body, span: Span, problem: str) -> Reported:
    return body.error(WrongArguments(span=span, problem=problem, signature=SIGNATURE))
