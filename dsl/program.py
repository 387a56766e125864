"""Programs: a source and the modules it imports, each found, read and checked once.

`from a.b import c` looks for `a/b.dp` beside the importing file, then in the standard library.
Exit: everything that is wrong, with imported files too, is in the sink; a module's diagnostics show
that module's lines.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from dpc.dsl import typed
from dpc.dsl.carried import CarriedPath
from dpc.dsl.check import check
from dpc.dsl.check.module import check_names
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.modules import ImportCycle, UnknownModule, UnreadableModule
from dpc.dsl.habits import MODULES
from dpc.dsl.parse import parse
from dpc.dsl.resolve import Evaluate, ModuleNames, nearest
from dpc.dsl.source import Source, Span
from dpc.dsl.types import F64, ScalarType

SUFFIX = ".dp"


def check_program(
    source: Source, sink: Sink, real: ScalarType = F64, evaluate: Evaluate | None = None
) -> typed.Module:
    """A checked source; its `sources` are all texts it is made of. See `dsl.check.check`."""
    program = _Program(sink, real, evaluate)
    with program.inside(_root_key(source), None):
        module = check(parse(source, sink), sink, program.load, real, evaluate, program.instantiate)
    module.sources = (source, *program.sources)
    return module


def standard_library() -> Traversable:
    """The folder of the modules that every program can import."""
    return files("dpc.dsl") / "std"


def standard_source(name: str) -> Source:
    """A module of the standard library; `OSError` if there is none."""
    folder = standard_library()
    return Source(f"std/{name}{SUFFIX}", decode((folder / f"{name}{SUFFIX}").read_bytes()), folder)


def decode(data: bytes) -> str:
    """UTF-8 bytes as text with newlines as in Python; `UnicodeDecodeError` on other bytes."""
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(eq=False)
class _Program:
    """The modules loaded so far, each for a working precision; `open`: those being checked,
    outermost first, with the import statements that led to them. `imported`: how a module is read,
    by its qualifier.
    """

    sink: Sink
    real: ScalarType
    evaluate: Evaluate | None
    modules: dict[tuple[str, ScalarType], ModuleNames | None] = field(default_factory=dict)
    imported: dict[str, tuple[str, Traversable, Span]] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    open: list[tuple[str, Span | None]] = field(default_factory=list)
    qualifiers: set[str] = field(default_factory=set)

    @contextmanager
    def inside(self, key: str, span: Span | None) -> Iterator[None]:
        """While that module is being checked."""
        self.open.append((key, span))
        try:
            yield
        finally:
            self.open.pop()

    @property
    def chain(self) -> tuple[Span, ...]:
        """The import statements that led here, outermost first."""
        return tuple(span for _, span in self.open if span is not None)

    def load(self, name: str, span: Span, real: ScalarType | None = None) -> ModuleNames | None:
        """The module that an import statement means, checked; None where that is not possible.
        `real`: its working precision, by default the program's.
        """
        place = _find(name, span.source)
        if place is None:
            foreign = name.partition(".")[0] in MODULES
            near = None if foreign else nearest(name, _available(span.source))
            advice = "its functions are built in and need no import" if foreign else ""
            self.sink.report(
                UnknownModule(
                    span=span, name=name, suggestion=near, advice=advice, chain=self.chain
                )
            )
            return None
        key = _key(place)
        if key in (opened for opened, _ in self.open):
            self._report_cycle(key, span)
            return None
        return self._at(name, place, span, real or self.real)

    def instantiate(self, qualifier: str, real: ScalarType) -> ModuleNames | None:
        """An imported module in a working precision."""
        if qualifier not in self.imported:
            return None
        return self._at(*self.imported[qualifier], real)

    def _at(
        self, name: str, place: Traversable, span: Span, real: ScalarType
    ) -> ModuleNames | None:
        key = _key(place)
        if (key, real) not in self.modules:
            with self.inside(key, span):
                self.modules[key, real] = self._read(name, place, span, real)
        return self.modules[key, real]

    def _read(
        self, name: str, place: Traversable, span: Span, real: ScalarType
    ) -> ModuleNames | None:
        try:
            text = decode(place.read_bytes())
        except (OSError, UnicodeDecodeError) as error:
            problem = getattr(error, "strerror", None) or "it is not UTF-8 text"
            chain = self.chain[:-1]
            self.sink.report(UnreadableModule(span=span, name=name, problem=problem, chain=chain))
            return None
        source = Source(_shown(name, place), text, _folder(place))
        if source.name not in {known.name for known in self.sources}:
            self.sources.append(source)
        before = len(self.sink.diagnostics)
        tree = parse(source, self.sink)
        if not tree.items and any(d.level == "error" for d in self.sink.diagnostics[before:]):
            return None
        names = ModuleNames(
            self.sink,
            real,
            self._qualifier(name),
            self.chain,
            evaluate=self.evaluate,
            instantiate=self.instantiate,
        )
        self.imported[names.qualifier] = (name, place, span)
        self.modules[_key(place), real] = names  # its own functions may ask for it
        return check_names(tree, names, partial(self.load, real=real))

    def _report_cycle(self, key: str, span: Span) -> None:
        keys = [opened for opened, _ in self.open]
        inside = self.open[keys.index(key) + 1 :]
        links = tuple(link for _, link in inside if link is not None)
        files = [link.source.name for link in (*links, span)]
        shown = " -> ".join(Path(file).name for file in (*files, files[0]))
        self.sink.report(ImportCycle(span=span, cycle=shown, chain=links))

    def _qualifier(self, name: str) -> str:
        """A name for the module that no other module of the program has."""
        made, count = name, 1
        while made in self.qualifiers:
            count += 1
            made = f"{name}.{count}"
        self.qualifiers.add(made)
        return made


def _find(name: str, importer: Source) -> Traversable | None:
    """The module's file."""
    for folder in _folders(importer):
        place = folder.joinpath(f"{name.replace('.', '/')}{SUFFIX}")
        if place.is_file():
            return place
    return None


def _folders(importer: Source) -> tuple[Traversable, ...]:
    standard = standard_library()
    return (standard,) if importer.folder is None else (importer.folder, standard)


def _available(importer: Source) -> set[str]:
    """The modules that could be imported."""
    found: set[str] = set()
    for folder in _folders(importer):
        if folder.is_dir():
            found |= {f.name.removesuffix(SUFFIX) for f in folder.iterdir() if _is_module(f)}
    return found - {Path(importer.name).name.removesuffix(SUFFIX)}


def _is_module(place: Traversable) -> bool:
    """A file to import from; `_NAME.dp` is for the modules beside it."""
    public = not place.name.startswith("_")
    return public and place.name.endswith(SUFFIX) and place.is_file()


def _root_key(source: Source) -> str:
    folder = source.folder
    return _key(folder.joinpath(Path(source.name).name)) if folder is not None else ""


def _key(place: Traversable) -> str:
    """Equal for one file, whatever the way to it."""
    return str(place.resolve()) if isinstance(place, Path) else str(place)


def _shown(name: str, place: Traversable) -> str:
    """How messages call the file: its path, in the standard library `std/NAME.dp`."""
    inside = name.replace(".", "/") + SUFFIX
    standard = standard_library().joinpath(inside)
    return f"std/{inside}" if str(place) == str(standard) else str(place)


def _folder(place: Traversable) -> Traversable:
    """Where the module's own imports are looked for: beside it."""
    return place.parent if isinstance(place, Path | CarriedPath) else standard_library()
