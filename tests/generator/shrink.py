"""Makes a failing program smaller, as long as the same check fails.

A change removes statements or functions, replaces a compound statement by its body, or an
expression by one of its parts or a number. What is no longer a legal program does not count.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

from tests.generator import oracles
from tests.generator.program import Program

SECONDS = 60.0


def shrunk(program: Program, check: str, seconds: float = SECONDS) -> Program:
    """A smaller program that fails the check of that name in the same way."""
    end = monotonic() + seconds
    kind = _failure(program, check)
    assert kind is not None
    progress = True
    while progress:
        progress = False
        for text in _smaller(program.text):
            if monotonic() > end:
                return program
            candidate = replace(program, text=text)
            if len(text) < len(program.text) and _failure(candidate, check) == kind:
                program, progress = candidate, True
                break
    return program


def _failure(program: Program, check: str) -> str | None:
    """The class of the error that the check ends with."""
    (function,) = (c for c in oracles.CHECKS if c.__name__ == check)
    message = oracles.run(program, (function,)).get(check)
    return None if message is None else message.partition(":")[0]


def _smaller(text: str) -> Iterator[str]:
    """Texts with one part less, large parts first."""
    tree = ast.parse(text)
    text = ast.unparse(tree)
    for owner, name, body in _bodies(tree):
        for size in (8, 4, 2, 1):
            for start in range(0, len(body), size):
                setattr(owner, name, body[:start] + body[start + size :] or [ast.Pass()])
                yield ast.unparse(tree)
        for at, node in enumerate(body):
            for inner in (getattr(node, part, None) for part in ("body", "orelse")):
                if inner and not isinstance(node, ast.FunctionDef | ast.ClassDef):
                    setattr(owner, name, [*body[:at], *inner, *body[at + 1 :]])
                    yield ast.unparse(tree)
        setattr(owner, name, body)
    yield from _smaller_expressions(tree)


def _bodies(tree: ast.Module) -> list[tuple[ast.AST, str, list[ast.stmt]]]:
    return [
        (node, name, body)
        for node in ast.walk(tree)
        if not isinstance(node, ast.ClassDef)
        for name in ("body", "orelse")
        if isinstance(body := getattr(node, name, None), list) and body
    ]


def _smaller_expressions(tree: ast.Module) -> Iterator[str]:
    for owner in list(ast.walk(tree)):
        if isinstance(owner, ast.arg | ast.arguments | ast.ClassDef):
            continue
        for name, value in ast.iter_fields(owner):
            if name in ("annotation", "returns", "targets", "target", "ctx", "func"):
                continue
            items = value if isinstance(value, list) else [value]
            for at, node in enumerate(items):
                if not isinstance(node, ast.expr) or isinstance(node, ast.Constant | ast.Name):
                    continue
                for part in _parts(node):
                    new = [*items[:at], part, *items[at + 1 :]]
                    setattr(owner, name, new if isinstance(value, list) else part)
                    yield ast.unparse(tree)
                setattr(owner, name, value)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    yield ast.Constant(0.5)
    yield from (n for n in ast.walk(node) if isinstance(n, ast.expr) and n is not node)
