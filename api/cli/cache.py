"""`dpc cache info|clear|why FILE`: the machine code kept between processes."""

import argparse
from pathlib import Path
from typing import Any

ACTIONS = {
    "info": "where it is, how large, how many functions",
    "clear": "remove everything",
    "why": "which functions of FILE are kept, and why others are compiled again",
}
# What may have changed, by the part of the key.
_REASONS = {
    "module": "it was loaded by another name",
    "folder": "it was loaded from another folder",
    "compiler": "the compiler has changed",
    "machine": "LLVM or the processor is another one",
    "linear algebra": "another library of linear algebra is there",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    listed = "; ".join(f"{name}: {says}" for name, says in ACTIONS.items())
    parser.add_argument("action", choices=list(ACTIONS), metavar="info|clear|why", help=listed)
    parser.add_argument("file", nargs="?", metavar="FILE", help="the program, for `why`")


def execute(arguments: argparse.Namespace) -> int:
    """Show or clear the cache."""
    # Here, as `dpc --help` needs none of these.
    from dpc.cli import UsageError
    from dpc.runtime import cache

    if (arguments.action == "why") != (arguments.file is not None):
        raise UsageError("`dpc cache why FILE` takes a file, `info` and `clear` take none")
    if cache.folder() is None:
        print("there is no cache: DPC_CACHE is 0")
        return 0
    if arguments.action == "clear":
        count = cache.clear()
        print(f"removed {count} file{'' if count == 1 else 's'} from {cache.folder()}")
        return 0
    for line in _why(arguments.file) if arguments.action == "why" else _info():
        print(line)
    return 0


def _info() -> list[str]:
    from dpc.dsl.sizes import readable
    from dpc.runtime import cache

    found = cache.files()
    others = (cache.MODULE, cache.SUPPORT)
    size = sum(stat.st_size for _, stat in found)
    return [
        f"folder     {cache.folder()}",
        f"functions  {sum(not path.name.startswith(others) for path, _ in found)}",
        f"size       {readable(size)} of at most {readable(cache.limit())}",
    ]


def _why(path: str) -> list[str]:
    """A line for each function of a file that the cache has or had."""
    from dpc.runtime import cache
    from dpc.runtime.cache_key import parts_of
    from dpc.runtime.module import Module, read_source

    module = Module(read_source(path), {})
    some = next(iter(module.functions.values()), None)
    if some is None:
        return [f"{path} has no functions"]
    now = parts_of(some.origin, some.chosen, strong=False)
    found = [entry.head["parts"] for _, entry in cache.entries() if _of(entry.head, path)]
    if not found:
        return [f"nothing of {path} is kept: no function of it was called"]
    return sorted({f"{_named(parts)}: {_verdict(parts, now)}" for parts in found})


def _of(head: dict[str, Any], path: str) -> bool:
    """Whether an entry is of a file of this name."""
    parts = head.get("parts")
    return isinstance(parts, dict) and Path(str(parts.get("module"))).name == Path(path).name


def _named(parts: dict[str, Any]) -> str:
    """The function, with the options that are not the default."""
    from dpc.compiler.driver import Options

    usual = Options(library=True)
    unusual = [f"{n}={v!r}" for n, v in parts["options"].items() if getattr(usual, n, v) != v]
    unusual += ["strong zeros"] if parts["strong zeros"] else []
    return str(parts["function"]) + (f" ({', '.join(unusual)})" if unusual else "")


def _verdict(parts: dict[str, Any], now: dict[str, Any]) -> str:
    """`kept`, or why it is compiled again."""
    before, after = (dict(p["texts"]) for p in (parts, now))
    own = (before.pop(parts["module"]), after.pop(now["module"]))
    reasons = [f"{now['module']} has changed"] if own[0] != own[1] else []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            reasons.append(f"{name} has changed")
    reasons += [says for name, says in _REASONS.items() if parts[name] != now[name]]
    return f"compiled again, because {'; '.join(reasons)}" if reasons else "kept"
