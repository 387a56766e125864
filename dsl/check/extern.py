"""C functions: `@extern("library", "symbol", pure=True)`.

Entry: the signature of a function. Exit: the function knows its C function, which exists.
"""

from dpc.dsl import ast, libraries, typed
from dpc.dsl.check.context import Reported
from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors.extern import UnknownLibrary, UnknownSymbol, WrongExtern
from dpc.dsl.errors.support import NotSupported
from dpc.dsl.resolve import ModuleNames
from dpc.dsl.source import Span
from dpc.dsl.types import BOOL, ArrayType, ScalarType, TupleType, Type

FORM = 'write `@extern("library", "symbol")` or `@extern("library", "symbol", pure=True)`'


def is_extern(item: ast.FunctionDef) -> bool:
    """True for a function under `@extern`."""
    return any(_is_extern(decorator) for decorator in item.decorators)


def _is_extern(node: ast.Expr) -> bool:
    callee = node.callee if isinstance(node, ast.Call) else node
    return isinstance(callee, ast.Name) and callee.name == "extern"


def attach_extern(names: ModuleNames, item: ast.FunctionDef, function: typed.Function) -> None:
    """Find the C function; what is wrong is reported, and the function counts as failed."""
    try:
        decorator, *rest = item.decorators
        for other in rest:
            raise _error(names, WrongExtern(span=other.span, problem="a second decorator"))
        library, symbol, pure = _arguments(names, decorator)
        _check_signature(names, item, function)
        folder = item.span.source.folder
        path = libraries.find(library.value, None if folder is None else str(folder))
        if path is None:
            raise _error(names, UnknownLibrary(span=library.span, name=library.value))
        if libraries.address(path, symbol.value) is None:
            raise _error(
                names,
                UnknownSymbol(span=symbol.span, library=library.value, symbol=symbol.value),
            )
        function.extern = typed.Extern(path, symbol.value, pure)
    except Reported:
        names.failed.add(item.name)


def _error(names: ModuleNames, diagnostic: Diagnostic) -> Reported:
    names.sink.report(diagnostic)
    return Reported()


def _arguments(names: ModuleNames, node: ast.Expr) -> tuple[ast.Text, ast.Text, bool]:
    """Library, symbol, and whether the function is pure."""
    arguments = node.arguments if isinstance(node, ast.Call) else ()
    keywords = node.keywords if isinstance(node, ast.Call) else ()
    texts = [a for a in arguments if isinstance(a, ast.Text)]
    pure = False
    wrong = len(texts) != 2 or len(arguments) != 2
    for keyword in keywords:
        value = keyword.value
        if keyword.name != "pure" or not isinstance(value, ast.Boolean):
            wrong = True
        else:
            pure = value.value
    if wrong:
        problem = "`@extern` takes the name of a library and that of a function"
        raise _error(names, WrongExtern(span=node.span, problem=problem, advice=FORM))
    return texts[0], texts[1], pure


def _check_signature(names: ModuleNames, item: ast.FunctionDef, function: typed.Function) -> None:
    """Scalars and arrays go in; one scalar, or arrays, come out; the body is `...`."""
    (only,) = item.body if len(item.body) == 1 else (None,)
    if not isinstance(only, ast.ExpressionStatement) or not isinstance(only.value, ast.Ellipsis):
        problem = f"`{item.name}` is a C function: it has no body of its own"
        advice = "end the definition with `...`"
        raise _error(names, WrongExtern(span=item.name_span, problem=problem, advice=advice))
    for parameter in function.parameters:
        if not _passes(parameter.type):
            span = parameter.variable.span
            raise _cannot_pass(names, span, f"`{parameter.name}` has type `{parameter.type}`")
    result = function.result
    span = item.result.span if item.result is not None else item.name_span
    arrays = isinstance(result, TupleType) and all(
        isinstance(i, ArrayType) and _passes(i) for i in result.items
    )
    if result is None or not (arrays or _passes(result)):
        found = "nothing" if result is None else f"`{result}`"
        raise _cannot_pass(names, span, f"the result is {found}")
    if function.result_dimensions:
        what = "a C function whose result's extents are known only at run time"
        raise _error(names, NotSupported(span=span, what=what))


def _passes(type_: Type) -> bool:
    """Scalars of every type, arrays of numbers."""
    if isinstance(type_, ArrayType):
        return type_.element != BOOL
    return isinstance(type_, ScalarType)


def _cannot_pass(names: ModuleNames, span: Span, found: str) -> Reported:
    problem = f"a C function takes and returns scalars and arrays of numbers: {found}"
    advice = "it returns one scalar, or one or several arrays; take records and tuples apart"
    return _error(names, WrongExtern(span=span, problem=problem, advice=advice))


__all__ = ["attach_extern", "is_extern"]
