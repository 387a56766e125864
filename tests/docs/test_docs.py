"""Every code block of every page is run, and what the page says comes out does come out.

- `dp`: a model, checked. Comments at its top say more: `# file: NAME.dp` writes it into the page's
  working folder, `# error` says that it must be refused.
- `python`: run, in one namespace a page, in the working folder.
- `console`: lines after `$ ` are run by a shell; other lines are the expected output.
- `text` right after `python`: what that block printed.
- `sh`, `mermaid`, `c` and unmarked blocks are for the reader.
"""

import contextlib
import io
import os
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tests.docs.markdown import ROOT, CodeBlock, blocks, pages

READ_ONLY = {"sh", "mermaid", "c", ""}


def run_dp(block: CodeBlock, folder: Path) -> None:
    """Write or check a model."""
    import dpc

    notes = list(takewhile(lambda line: line.startswith("# "), block.text.splitlines()))
    names = [n.removeprefix("# file: ").strip() for n in notes if n.startswith("# file: ")]
    for name in names:
        (folder / name).write_text(block.text)
    if "# error" in notes:
        with pytest.raises(dpc.CompileError):
            _lowered(block.text)
    elif names:
        dpc.load(folder / names[0])
    else:
        dpc.compile(block.text)


def _lowered(text: str) -> None:
    """Compile a module to its loops: some mistakes show only when a derivative is taken."""
    import dpc

    for function in dpc.compile(text).functions.values():
        function.ir()


def run_console(block: CodeBlock, folder: Path) -> None:
    """Run the commands of a session and compare what they print."""
    commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    expected = [line for line in block.text.splitlines() if not line.startswith("$ ")]
    environment = {**os.environ, "NO_COLOR": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    outcome = subprocess.run(
        ["bash", "-c", "\n".join(commands)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert outcome.stdout.splitlines() == expected


def run_page(page: Path, folder: Path) -> None:
    """Run every block of a page in order."""
    namespace: dict[str, Any] = {}
    printed = ""
    for block in blocks(page):
        if block.language == "dp":
            run_dp(block, folder)
        elif block.language == "console":
            run_console(block, folder)
        elif block.language == "python":
            output = io.StringIO()
            source = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
            with contextlib.redirect_stdout(output):
                exec(source, namespace)
            printed = output.getvalue()
        elif block.language == "text":
            assert printed.splitlines() == block.text.splitlines(), f"line {block.line}"
        else:
            assert block.language in READ_ONLY, f"unknown block language {block.language!r}"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    run_page(page, tmp_path)
