"""The house stays a house: direction of imports, package list, sizes, start-up."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"dsl": "dpc.dsl", "compiler": "dpc.compiler", "runtime": "dpc.runtime", "api": "dpc"}

# What each part may import of the others. A part is the longest name here that is a prefix.
MAY_IMPORT: dict[str, set[str]] = {
    "dpc.dsl": set(),
    "dpc.compiler.ir": {"dpc.dsl"},
    "dpc.compiler.dialects": {"dpc.dsl", "dpc.compiler.ir"},
    "dpc.compiler.analysis": {"dpc.dsl", "dpc.compiler.ir", "dpc.compiler.dialects"},
}
CORE = {"dpc.dsl", "dpc.compiler.ir", "dpc.compiler.dialects", "dpc.compiler.analysis"}
SIGNED = CORE | {"dpc.compiler.signature"}
MAY_IMPORT |= {
    "dpc.compiler.signature": {"dpc.dsl", "dpc.compiler.ir"},
    "dpc.compiler.ad": SIGNED,
    "dpc.compiler.lowering": SIGNED,
    "dpc.compiler.interpret": CORE,
    "dpc.compiler.passes": SIGNED | {"dpc.compiler.ad"},
    "dpc.compiler.codegen": CORE | {"dpc.compiler.passes"},
    "dpc.compiler.constants": SIGNED | {"dpc.compiler.interpret"},
    "dpc.compiler.custom_functions": SIGNED | {"dpc.compiler.ad", "dpc.compiler.lowering"},
    "dpc.compiler.pipeline": SIGNED | {"dpc.compiler.ad", "dpc.compiler.passes"},
}
COMPILER = set(MAY_IMPORT)
MAY_IMPORT |= {
    "dpc.compiler.driver": COMPILER,
    "dpc.compiler": set(),
    "dpc.runtime": COMPILER | {"dpc.compiler.driver"},
    "dpc": COMPILER | {"dpc.compiler.driver", "dpc.runtime"},
}


def sources() -> Iterator[tuple[str, Path]]:
    """Every module of the package: import name and file."""
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            names = [package, *(p for p in parts if p != "__init__")]
            yield ".".join(names), path


# Text and verifier of the IR stand in `ir` by their subject, but know every operation.
ABOUT_OPERATIONS = {
    f"dpc.compiler.ir.{name}"
    for name in ("assembly", "printer", "parser", "parse_regions", "verify")
}


def part_of(module: str) -> str:
    """The part of the house a module belongs to."""
    if module in ABOUT_OPERATIONS:
        return "dpc.compiler.dialects"
    candidates = [p for p in MAY_IMPORT if module == p or module.startswith(p + ".")]
    return max(candidates, key=len)


def imported(path: Path) -> Iterator[str]:
    """The project's modules a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module and node.module.split(".")[0] == "dpc":
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                known = {name for name, _ in sources()}
                yield from (name if name in known else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] == "dpc")


@pytest.mark.parametrize(("module", "path"), list(sources()), ids=lambda value: str(value))
def test_imports_point_one_way(module: str, path: Path) -> None:
    part = part_of(module)
    for name in imported(path):
        target = part_of(name)
        allowed = target == part or target in MAY_IMPORT[part]
        assert allowed, f"{module} ({part}) may not import {name} ({target})"


def test_package_list_is_complete() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = sorted(name for name, path in sources() if path.name == "__init__.py")
    assert sorted(listed) == found


def test_no_folder_shadows_the_package() -> None:
    assert not (ROOT / "dpc").exists()


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


@pytest.mark.parametrize(("module", "path"), list(sources()), ids=lambda value: str(value))
def test_files_and_functions_stay_small(module: str, path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400, f"{path.relative_to(ROOT)} has {text.count(chr(10))} lines"
    for function in _functions(ast.parse(text)):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= 40, f"{module}.{function.name} has {length} lines"


def test_start_up_imports_nothing_heavy() -> None:
    code = (
        "import sys, dpc; "
        "heavy = [m for m in ('llvmlite', 'lark', 'scipy', 'matplotlib') if m in sys.modules]; "
        "sys.exit(', '.join(heavy) if heavy else 0)"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr
