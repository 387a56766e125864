"""Modules: constants and aliases in order, records, signatures, bodies, recursion."""

from functools import partial

from dpc.dsl import ast, typed
from dpc.dsl.check.calling import calls, reached, refused, refused_rule
from dpc.dsl.check.constants import define_constant
from dpc.dsl.check.context import Reported
from dpc.dsl.check.definitions import Definitions
from dpc.dsl.check.functions import check_body
from dpc.dsl.check.generics import generics_of
from dpc.dsl.check.imports import bring_in
from dpc.dsl.check.written import written
from dpc.dsl.diagnostics import Sink
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.resolve import Alias, Evaluate, Instantiate, Loader, ModuleNames, collect, target_names
from dpc.dsl.types import F64, I64, SCALARS, ScalarType


def check(
    tree: ast.ModuleTree,
    sink: Sink,
    load: Loader | None = None,
    real: ScalarType = F64,
    evaluate: Evaluate | None = None,
    instantiate: Instantiate | None = None,
) -> typed.Module:
    """Resolve, type and shape-check a file. What has errors is left out of the module; call
    `sink.raise_if_failed()` before using it. `load` finds the modules it imports;
    `real` is the working precision; `evaluate` computes constants; `instantiate` as for
    `ModuleNames`.
    """
    names = ModuleNames(sink, real, evaluate=evaluate, instantiate=instantiate)
    check_names(tree, names, load)
    own = {n: f for n, f in names.functions.items() if n not in names.imported}
    return typed.Module(
        source=tree.source,
        doc=tree.doc,
        functions=own,
        records=names.records,
        constants=names.constants,
        imports={n: f for n, f in names.functions.items() if n in names.imported},
        sources=(tree.source,),
        higher_order=frozenset(names.templates),
        generics=generics_of(names),
    )


def check_names(tree: ast.ModuleTree, names: ModuleNames, load: Loader | None) -> ModuleNames:
    """Check a file; the meaning of its names is what modules that import it need to know."""
    names.check_body = check_body
    names.written = partial(written, check_names)
    collect(tree, names)
    for item in tree.items:
        if isinstance(item, ast.Import):
            bring_in(names, item, load)
    definitions = Definitions(names, tree)
    for item in tree.items:
        if isinstance(item, ast.ConstantDef):
            _constant(names, definitions, item)
    definitions.finish()
    _check_calls(names)
    return names


# --- constants ------------------------------------------------------------------------------


def _constant(names: ModuleNames, definitions: Definitions, node: ast.ConstantDef) -> None:
    try:
        definitions.need((node.value, node.annotation))
        if isinstance(node.target, ast.Name) and _is_type(names, node.value):
            names.aliases[node.target.name] = Alias(node.value, names)
            return
        define_constant(names, node)
    except Reported:
        names.failed.update(target.name for target in target_names(node.target))


def _is_type(names: ModuleNames, node: ast.Expr) -> bool:
    """`f64[4, 4]`, `Model(3)`, `f64`, `(f64, f64[2])`: a type alias."""
    match node:
        case ast.Name(name=name):
            return name in {*SCALARS, "real", *names.aliases} or _is_record(names, name)
        case ast.Call(callee=ast.Name(name=name), arguments=arguments, keywords=keywords):
            dimensions = names.records[name].arguments if name in names.records else arguments
            sized = not keywords and len(arguments) == len(dimensions)
            return (
                _is_record(names, name) and sized and all(_is_extent(names, a) for a in arguments)
            )
        case ast.Subscript(base=base):
            return _is_type(names, base)
        case ast.TupleDisplay(items=items):
            return all(_is_type(names, item) for item in items)
        case _:
            return False


def _is_extent(names: ModuleNames, node: ast.Expr) -> bool:
    """False for what is certainly no integer: the argument of a constructor."""
    match node:
        case ast.Name(name=name) if name in names.constants:
            return names.constants[name].type == I64
        case ast.Number(value=value):
            return isinstance(value, int)
        case _:
            return isinstance(node, ast.Name | ast.Binary | ast.Unary)


def _is_record(names: ModuleNames, name: str) -> bool:
    return name in names.record_names or name in names.records


# --- calls of each other --------------------------------------------------------------------


def _check_calls(names: ModuleNames) -> None:
    """What only shows when all bodies are known: who leads back to itself, who returns once."""
    own = (f for n, f in names.functions.items() if n not in names.imported)
    for function in reached(own):
        for call in calls(function):
            diagnostic = refused(function, call)
            if diagnostic is not None:
                names.sink.report(diagnostic)
        if function.rule is not None and refused_rule(function):
            what = "recursion in a function with a derivative rule"
            names.sink.report(NotSupported(span=function.span, what=what))
