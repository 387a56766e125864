"""Modules: constants and aliases in order, records, signatures, bodies, recursion."""

from functools import partial

from dpc.dsl import ast, typed
from dpc.dsl.check.annotations import Annotations, bindings_of
from dpc.dsl.check.calling import calls, reached, returns_once
from dpc.dsl.check.context import Body, Operand, Reported, dimensions_of, extents_of
from dpc.dsl.check.convert import coerce, constant
from dpc.dsl.check.expressions import RULES
from dpc.dsl.check.functions import check_body, check_function, check_signature
from dpc.dsl.check.headers import is_callable
from dpc.dsl.check.imports import bring_in
from dpc.dsl.check.templates import check_template
from dpc.dsl.check.type_variables import is_generic
from dpc.dsl.check.written import written
from dpc.dsl.diagnostics import Diagnostic, Sink
from dpc.dsl.errors.differentiability import DifferentiatesItself
from dpc.dsl.errors.shapes import UnknownDimension
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.errors.types import BadTarget, NotConstant, WrongUnpacking
from dpc.dsl.resolve import Alias, Loader, ModuleNames, Template, collect, target_names
from dpc.dsl.shapes import Poly
from dpc.dsl.types import F64, SCALARS, RecordType, ScalarType, Type


def check(
    tree: ast.ModuleTree, sink: Sink, load: Loader | None = None, real: ScalarType = F64
) -> typed.Module:
    """Resolve, type and shape-check a file. What has errors is left out of the module; call
    `sink.raise_if_failed()` before using it. `load` finds the modules it imports;
    `real` is the working precision.
    """
    names = check_names(tree, ModuleNames(sink, real), load)
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
    )


def check_names(tree: ast.ModuleTree, names: ModuleNames, load: Loader | None) -> ModuleNames:
    """Check a file; the meaning of its names is what modules that import it need to know."""
    names.check_body = check_body
    names.written = partial(written, check_names)
    collect(tree, names)
    for item in tree.items:
        if isinstance(item, ast.Import):
            bring_in(names, item, load)
    for item in tree.items:
        if isinstance(item, ast.ConstantDef):
            _constant(names, item)
    for item in tree.items:
        if isinstance(item, ast.RecordDef):
            try:
                _record(names, item)
            except Reported:
                names.failed.add(item.name)
    _functions(names, tree)
    _refuse_recursion(names)
    return names


def _functions(names: ModuleNames, tree: ast.ModuleTree) -> None:
    """Signatures, then bodies; functions that take functions first, for all the others use them."""
    functions: list[ast.FunctionDef] = []
    for item in tree.items:
        if isinstance(item, ast.FunctionDef):
            if is_generic(names, item) or any(is_callable(p.annotation) for p in item.parameters):
                names.templates.setdefault(item.name, Template(item, names))
            else:
                functions.append(item)
    checked: list[tuple[ast.FunctionDef, typed.Function]] = []
    for item in functions:
        try:
            function = check_signature(names, item)
        except Reported:
            names.failed.add(item.name)
            continue
        if names.definitions[item.name] == item.name_span:
            names.functions[item.name] = function
        checked.append((item, function))
    for template in names.templates.values():
        if template.home is names and not is_generic(names, template.definition):
            check_template(names, template.definition)
    for item, function in checked:
        check_function(names, item, function)


# --- constants ------------------------------------------------------------------------------


def _constant(names: ModuleNames, node: ast.ConstantDef) -> None:
    targets = target_names(node.target)
    if isinstance(node.target, ast.Name) and _is_type(names, node.value):
        names.aliases[node.target.name] = Alias(node.value, names)
        return
    try:
        body = Body(names, RULES)
        if not targets or not _plain(node.target):
            raise body.error(BadTarget(span=node.target.span, what=f"`{node.target.span.text}`"))
        values = _constant_values(body, node)
        for target, value in zip(targets, values):
            _define(body, node, target, value)
    except Reported:
        names.failed.update(target.name for target in targets)


def _plain(target: ast.Expr) -> bool:
    if isinstance(target, ast.TupleDisplay):
        return all(isinstance(item, ast.Name) for item in target.items)
    return isinstance(target, ast.Name)


def _is_type(names: ModuleNames, node: ast.Expr) -> bool:
    """`f64[4, 4]`, `Model(3)`, `f64`, `(f64, f64[2])`: a type alias."""
    match node:
        case ast.Name(name=name):
            return name in {*SCALARS, "real", *names.aliases} or _is_record(names, name)
        case ast.Call(callee=ast.Name(name=name)):
            return _is_record(names, name)
        case ast.Subscript(base=base):
            return _is_type(names, base)
        case ast.TupleDisplay(items=items):
            return all(_is_type(names, item) for item in items)
        case _:
            return False


def _is_record(names: ModuleNames, name: str) -> bool:
    return name in names.record_names or name in names.records


def _constant_values(body: Body, node: ast.ConstantDef) -> list[Operand]:
    """The values, one for each target."""
    if isinstance(node.target, ast.Name):
        return [body.operand(node.value)]
    targets = target_names(node.target)
    values = _range_values(body, node.value)
    if values is None:
        values = list(body.operand(node.value).items)
    if len(values) != len(targets):
        raise body.error(
            WrongUnpacking(
                span=node.target.span, targets=len(targets), values=f"{len(values)} values"
            )
        )
    return values


def _range_values(body: Body, node: ast.Expr) -> list[Operand] | None:
    """The integers of `range(...)` with constant arguments."""
    callee = node.callee if isinstance(node, ast.Call) else None
    if not isinstance(callee, ast.Name) or callee.name != "range":
        return None
    assert isinstance(node, ast.Call)
    bounds: list[int] = []
    for operand in body.operands(node.arguments):
        expr = operand.expr
        if not isinstance(expr, typed.Constant) or not isinstance(expr.value, int):
            raise body.error(NotConstant(span=operand.span, what="an argument of `range`"))
        bounds.append(int(expr.value))
    if not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] == 0):
        raise body.error(NotConstant(span=node.span, what="this range"))
    numbers = range(*bounds)
    if len(numbers) > 1000:
        raise body.error(NotSupported(span=node.span, what="so many constants at once"))
    made = (constant(i, SCALARS["i64"], node.span) for i in numbers)
    return [Operand(expr, weak=True, poly=expr.poly) for expr in made]


def _define(body: Body, node: ast.ConstantDef, target: ast.Name, value: Operand) -> None:
    names = body.names
    expr, weak = value.expr, value.weak
    if node.annotation is not None:
        declared = Annotations(names).type_of(node.annotation)
        if isinstance(declared, ScalarType) and isinstance(expr.type, ScalarType):
            expr, weak = coerce(body, value, declared, f"`{target.name}`"), False
    if not isinstance(expr.type, ScalarType):
        raise body.error(NotSupported(span=node.value.span, what="module constants of this type"))
    if not isinstance(expr, typed.Constant):
        raise body.error(NotSupported(span=node.value.span, what="this constant expression"))
    names.constants.setdefault(target.name, expr)
    if weak:
        names.literals.add(target.name)


# --- records --------------------------------------------------------------------------------


def _record(names: ModuleNames, node: ast.RecordDef) -> None:
    annotations = Annotations(names)
    fields: list[tuple[str, Type]] = []
    failed = False
    for entry in node.fields:
        try:
            type_ = Annotations(names, entry.name).type_of(entry.annotation)
            fields.append((entry.name, type_))
        except Reported:
            failed = True
    if failed:
        raise Reported
    order = _in_order(fields)
    arguments = tuple(Poly.dimension(name) for name in order)
    bindings, unknown = bindings_of(fields, ())
    for name in sorted(unknown):
        raise annotations.error(UnknownDimension(span=node.name_span, name=name))
    names.records[node.name] = RecordType(node.name, arguments, tuple(fields))
    names.record_bindings[node.name] = bindings


def _in_order(fields: list[tuple[str, Type]]) -> list[str]:
    """A record's dimensions in order of first appearance."""
    order: dict[str, None] = {}
    for _, type_ in fields:
        for extent in extents_of(type_):
            order.update(dict.fromkeys(dimensions_of(extent)))
    return list(order)


# --- recursion ------------------------------------------------------------------------------


def _refuse_recursion(names: ModuleNames) -> None:
    """No function reaches a call of itself."""
    own = (f for n, f in names.functions.items() if n not in names.imported)
    for function in reached(own):
        for call in calls(function):
            if function in reached([call.function]):
                names.sink.report(_cycle(call))
            elif call.function.result_dimensions and not returns_once(call.function):
                what = f"calling `{call.function.name}`, whose returns differ in their extents"
                advice = "let it return once, at its end"
                names.sink.report(NotSupported(span=call.span, what=what, advice=advice))


def _cycle(call: typed.Call | typed.LiftedCall | typed.Derivative) -> Diagnostic:
    """What a call that leads back to its own function is."""
    if isinstance(call, typed.Derivative):
        function = call.function.name.split(".")[0]
        return DifferentiatesItself(span=call.span, function=function)
    return NotSupported(span=call.span, what="recursion")
