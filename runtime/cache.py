"""Machine code kept on disk between processes, one file for each function, its options and place.

A file is a line with the digest of all that follows, a line of JSON (`head`), and bytes (`body`).
It is written under another name and renamed, so readers never see half of one. What is damaged,
belongs to another user, or can't be read is as if it were not there. All files together take at
most `limit()` bytes; the longest unused go first.

DPC_CACHE=0: no cache. DPC_CACHE_SIZE: the limit, such as 64MiB.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dpc.dsl.cache_folder import cache_folder
from dpc.dsl.sizes import bytes_of

SUFFIX = ".dpc"
# How names of files start that hold what is known of a module, or code that is no function's.
MODULE, SUPPORT = "module-", "support-"
DEFAULT_LIMIT = 256 << 20
KEPT_SHARE = 0.9  # of the limit, when files had to go


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the cache: JSON and bytes."""

    head: dict[str, Any]
    body: bytes


def folder() -> Path | None:
    """Where the cache is; None where there is none."""
    return None if os.environ.get("DPC_CACHE", "").strip() == "0" else cache_folder()


def limit() -> int:
    """The most bytes of all files together."""
    with suppress(ValueError):
        return bytes_of(os.environ.get("DPC_CACHE_SIZE", "").strip()) or DEFAULT_LIMIT
    return DEFAULT_LIMIT


def read(key: str) -> Entry | None:
    """The entry of a key, which is now the last used; None where there is none."""
    place = folder()
    if place is None:
        return None
    path = place / (key + SUFFIX)
    found = _read(path)
    if found is not None:
        with suppress(OSError):
            os.utime(path)
    return found


def write(key: str, entry: Entry) -> None:
    """Keep an entry; where that is impossible, nothing happens."""
    place = folder()
    if place is None:
        return
    rest = json.dumps(entry.head).encode() + b"\n" + entry.body
    data = sha256(rest).hexdigest().encode() + b"\n" + rest
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(place / (key + SUFFIX), data)
        _make_room(place)


def entries() -> Iterator[tuple[Path, Entry]]:
    """Every file that can be read, and what it holds."""
    for path, _ in files():
        found = _read(path)
        if found is not None:
            yield path, found


def files() -> list[tuple[Path, os.stat_result]]:
    """Every file of the cache, the longest unused first."""
    place = folder()
    found = []
    if place is not None and place.is_dir():
        for path in place.glob("*" + SUFFIX):
            with suppress(OSError):
                found.append((path, path.stat()))
    return sorted(found, key=lambda item: item[1].st_mtime_ns)


def clear() -> int:
    """Remove every file; how many there were."""
    found = files()
    for path, _ in found:
        path.unlink(missing_ok=True)
    return len(found)


def _read(path: Path) -> Entry | None:
    try:
        with path.open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            data = file.read()
        digest, _, rest = data.partition(b"\n")
        if sha256(rest).hexdigest().encode() != digest:
            return None
        text, _, body = rest.partition(b"\n")
        head = json.loads(text)
    except (OSError, ValueError):
        return None
    return Entry(head, body) if isinstance(head, dict) else None


def _replace(path: Path, data: bytes) -> None:
    """Write a file at once: others see the old one or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _make_room(place: Path) -> None:
    """Remove what was not used for longest, where all is too much."""
    found = files()
    total, most = sum(stat.st_size for _, stat in found), limit()
    if total <= most:
        return
    for path, stat in found:
        if total <= KEPT_SHARE * most:
            return
        with suppress(OSError):
            path.unlink()
            total -= stat.st_size
