"""Sources that travel with a program: a folder whose files are texts in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from io import BytesIO, StringIO
from pathlib import PurePath
from typing import Any


@dataclass(frozen=True)
class CarriedPath(Traversable):
    """A file or folder among texts by path; what it has can be imported."""

    path: str
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePath(self.path).name

    @property
    def parent(self) -> "CarriedPath":
        """The folder."""
        return CarriedPath(str(PurePath(self.path).parent), self.files)

    def joinpath(self, *descendants: Any) -> "CarriedPath":
        """A file or folder below."""
        return CarriedPath(str(PurePath(self.path).joinpath(*descendants)), self.files)

    def __truediv__(self, child: Any) -> "CarriedPath":
        return self.joinpath(child)

    def __str__(self) -> str:
        return self.path

    def is_file(self) -> bool:
        """True if there is such a text."""
        return self.path in self.files

    def is_dir(self) -> bool:
        """True if there are texts below."""
        return any(self._below(file) for file in self.files)

    def iterdir(self) -> Iterator["CarriedPath"]:
        """The texts in this folder."""
        for file in self.files:
            if str(PurePath(file).parent) == self.path:
                yield CarriedPath(file, self.files)

    def _below(self, file: str) -> bool:
        return PurePath(self.path) in PurePath(file).parents

    def read_bytes(self) -> bytes:
        """The text in UTF-8; `FileNotFoundError` if there is none."""
        return self.read_text().encode()

    def read_text(self, encoding: str | None = None) -> str:
        """The text; `FileNotFoundError` if there is none."""
        if self.path not in self.files:
            raise FileNotFoundError(self.path)
        return self.files[self.path]

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """A stream to read the text from."""
        return BytesIO(self.read_bytes()) if "b" in mode else StringIO(self.read_text())
