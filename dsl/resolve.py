"""Names of a module: what is defined, duplicates and shadowed built-ins, suggestions.

Entry: a parsed file. Exit of `collect`: `definitions` has every module-level name once; whatever is
wrong with the names themselves is reported.
"""

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpc.dsl import ast, typed
from dpc.dsl.builtins import BUILTINS
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.errors.names import DuplicateName, ShadowsBuiltin
from dpc.dsl.habits import MODULES
from dpc.dsl.source import Span
from dpc.dsl.types import F64, SCALARS, RecordType, ScalarType


@dataclass(eq=False)
class Instance:
    """A definition specialised for one kind of arguments, and what checking it had to say."""

    function: typed.Function
    diagnostics: tuple[Diagnostic, ...] = ()


class NoConstant(Exception):  # noqa: N818 (not an error of this program)
    """A constant without a value: why, and the place that fails where that is known."""

    def __init__(self, reason: str, span: Span | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span


@dataclass(frozen=True, slots=True)
class Computed:
    """A value: the elements of each of its leaves in row-major order, and the extents that only
    the value tells.
    """

    leaves: tuple[tuple[bool | int | float, ...], ...]
    extents: dict[str, int]


Evaluate = Callable[[typed.Function], Computed]
"""The value that a function without parameters returns; raises `NoConstant`."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a type: the annotation, and the module whose names it knows."""

    annotation: ast.Expr
    home: "ModuleNames"


@dataclass(eq=False)
class ModuleNames:
    """The module's names as checking finds their meaning. `failed`: their definition has an error.

    `templates` have `Callable` parameters: they are checked for each use, which `instances` keeps;
    `template_rules` are the derivative rules of some.
    `check_body` is `functions.check_body`, which needs all the rules, for what stands below it.
    A record's entry is in terms of its own dimension variables (`RecordType.arguments`).
    `real`: the program's working precision; `qualifier`: its name among the program's modules, ""
    of the program's own file; `imported`: the names that other modules define; `record_names`: its
    records, checked or not; `chain`: the imports that led to this module, outermost first;
    `written`: the functions of a file of built-ins that are written in the language; `evaluate`
    computes constants; `instantiate` gives an imported module in another working precision.
    """

    sink: Sink
    real: ScalarType = F64
    qualifier: str = ""
    chain: tuple[Span, ...] = ()
    definitions: dict[str, Span] = field(default_factory=dict)
    constants: dict[str, typed.Expr] = field(default_factory=dict)
    literals: set[str] = field(default_factory=set)
    aliases: dict[str, Alias] = field(default_factory=dict)
    records: dict[str, RecordType] = field(default_factory=dict)
    functions: dict[str, typed.Function] = field(default_factory=dict)
    record_names: set[str] = field(default_factory=set)
    record_bindings: dict[str, tuple[typed.Binding, ...]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    templates: dict[str, "Template"] = field(default_factory=dict)
    template_rules: dict[str, ast.FunctionDef] = field(default_factory=dict)
    instances: dict[object, "Instance"] = field(default_factory=dict)
    lambdas: dict[object, ast.FunctionDef] = field(default_factory=dict)
    check_body: Any = None
    written: Callable[[str, ScalarType], dict[str, typed.Function]] | None = None
    evaluate: Evaluate | None = None
    instantiate: "Instantiate | None" = None

    def visible(self) -> set[str]:
        """Every name of the module and every built-in."""
        return set(self.definitions) | set(BUILTINS)

    def types(self) -> set[str]:
        """Every name of a type."""
        return set(SCALARS) | set(self.aliases) | set(self.records)


@dataclass(frozen=True, slots=True)
class Template:
    """A function with `Callable` parameters, and the module whose names it knows."""

    definition: ast.FunctionDef
    home: ModuleNames


# From the qualifier of an imported module and a float type to the module in that precision; None
# where the qualifier is of no file, or the file has errors.
Instantiate = Callable[[str, ScalarType], ModuleNames | None]

# From the name of a module and the import statement to what it defines. None: it has errors, or
# there is no such module; that is reported already.
Loader = Callable[[str, Span], ModuleNames | None]


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The most similar candidate, if one is similar enough to be a slip of the fingers."""
    # One letter is a third of a short name; two of seven are another word (`missing`, `isinf`).
    cutoff = 0.6 if len(name) <= 3 else 0.72
    alike = sorted(c for c in candidates if -2 <= len(c) - len(name) <= 2)
    close = difflib.get_close_matches(name, alike, n=1, cutoff=cutoff)
    return close[0] if close else None


def target_names(target: ast.Expr) -> list[ast.Name]:
    """The bare names that an assignment to this target defines."""
    if isinstance(target, ast.Name):
        return [target]
    if isinstance(target, ast.TupleDisplay):
        return [name for item in target.items for name in target_names(item)]
    return []


def _base_names(target: ast.Expr) -> Iterator[tuple[str, Span]]:
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.base
    if isinstance(target, ast.TupleDisplay):
        for item in target.items:
            yield from _base_names(item)
    elif isinstance(target, ast.Name):
        yield target.name, target.span


def _assignments(statements: Iterable[ast.Stmt]) -> Iterator[tuple[str, Span]]:
    for statement in statements:
        match statement:
            case ast.Assign(target=target) | ast.AugmentedAssign(target=target):
                yield from _base_names(target)
            case ast.FunctionDef(name=name, name_span=span):
                yield name, span
            case ast.If(then=then, otherwise=otherwise):
                yield from _assignments((*then, *otherwise))
            case ast.For(body=body) | ast.While(body=body):
                yield from _assignments(body)
            case _:
                pass


def assigned_names(statements: Iterable[ast.Stmt]) -> frozenset[str]:
    """Names that these statements assign, wholly or in part, loop variables not counted."""
    return frozenset(name for name, _ in _assignments(statements))


def first_assignments(
    statements: Iterable[ast.Stmt], without: Collection[str]
) -> Mapping[str, Span]:
    """The same names but for some, each with the first place that assigns it."""
    places: dict[str, Span] = {}
    for name, span in _assignments(statements):
        if name not in without:
            places.setdefault(name, span)
    return places


def _defined(
    item: ast.FunctionDef | ast.RecordDef | ast.Import | ast.ConstantDef,
) -> list[tuple[str, Span]]:
    match item:
        case ast.FunctionDef() | ast.RecordDef():
            return [(item.name, item.name_span)]
        case ast.ConstantDef():
            return [(name.name, name.span) for name in target_names(item.target)]
        case ast.Import():
            return [(here, item.span) for _, here in item.names]


def _from_elsewhere(item: ast.Node) -> bool:
    """An import from another system's module, whose functions are built in."""
    return isinstance(item, ast.Import) and item.module.partition(".")[0] in MODULES


def collect(tree: ast.ModuleTree, names: ModuleNames) -> None:
    """Fill in every module-level name; reports duplicates and shadowed built-ins."""
    sink = names.sink
    for item in tree.items:
        if isinstance(item, ast.RecordDef):
            names.record_names.add(item.name)
        for name, span in _defined(item):
            if name in BUILTINS and _from_elsewhere(item):
                continue
            if name in BUILTINS:
                sink.report(ShadowsBuiltin(span=span, name=name))
            elif name in names.definitions:
                first = names.definitions[name]
                sink.report(DuplicateName(span=span, name=name, first=first))
            names.definitions.setdefault(name, span)
