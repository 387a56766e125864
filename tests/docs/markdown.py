"""Fenced code blocks of the project's pages."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class CodeBlock:
    """One fenced block: its language, its text, the line of its first line of code."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[CodeBlock]:
    """All fenced blocks of a page in order."""
    text = page.read_text()
    return [
        CodeBlock(match[1], match[2], text.count("\n", 0, match.start(2)) + 1)
        for match in FENCE.finditer(text)
    ]


def pages() -> list[Path]:
    """The README and every page of docs/ and of the examples."""
    return sorted(
        [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    )
