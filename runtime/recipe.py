"""What a module is made from: what travels when it, one of its functions or records is pickled.

The texts of the module and of the files it imports travel, and its options; the receiver checks and
compiles them, once for all that comes from one module, or has that module already.
"""

from dataclasses import dataclass
from typing import Any

from dpc.dsl.carried import CarriedPath
from dpc.dsl.source import Source
from dpc.dsl.warning_levels import Level, Levels


@dataclass(frozen=True)
class Recipe:
    """The arguments of `Module`; `folder` and `files` are where imports are found, and as texts."""

    name: str
    text: str
    folder: str | None
    files: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, Any], ...]
    chosen: tuple[tuple[str, Level], ...]

    @property
    def source(self) -> Source:
        """The module's own text, its imports in memory."""
        folder = None if self.folder is None else CarriedPath(self.folder, dict(self.files))
        return Source(self.name, self.text, folder)

    @property
    def levels(self) -> Levels:
        """Which warnings are shown."""
        return Levels(dict(self.chosen))


def recipe_of(sources: tuple[Source, ...], options: dict[str, Any], levels: Levels) -> Recipe:
    """The recipe of a module from all its texts, its own first; the standard library stays."""
    own, *imported = sources
    files = tuple((s.name, s.text) for s in imported if not s.name.startswith("std/"))
    return Recipe(
        own.name,
        own.text,
        None if own.folder is None else str(own.folder),
        files,
        tuple(sorted(options.items())),
        tuple(sorted(levels.chosen.items())),
    )
