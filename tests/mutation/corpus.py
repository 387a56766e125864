"""The programs that are mutated: every model of the repository, and generated ones."""

from functools import cache

from tests.docs.markdown import ROOT, blocks, pages
from tests.end_to_end.models import MODELS
from tests.generator.program import program

_SKIPPED = {"build", "dist"}


@cache
def repository_programs() -> tuple[tuple[str, str], ...]:
    """(name, text) of every `.dp` file, every model in the pages and of the end-to-end tests."""
    found = []
    for path in sorted(ROOT.rglob("*.dp")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith(".") or part in _SKIPPED for part in relative.parts)
        if not hidden:
            found.append((str(relative), without_expectation(path.read_bytes().decode())))
    for page in pages():
        for block in blocks(page):
            if block.language == "dp":
                found.append((f"{page.relative_to(ROOT)}:{block.line}", block.text))
    found.extend((f"model {model.name}", model.source) for model in MODELS)
    return tuple(found)


def without_expectation(text: str) -> str:
    """A golden file without its trailing comment lines of expected output."""
    lines = text.splitlines(keepends=True)
    while lines and lines[-1].startswith("#>"):
        lines.pop()
    return "".join(lines)


def generated_programs(count: int) -> list[tuple[str, str]]:
    """(name, text) of the first `count` programs of the generator, always the same ones."""
    return [(f"generated {seed}", program(seed).text) for seed in range(count)]
