"""Derivatives of functions that take functions: `grad(integral)(lambda t: a * t, 0.0, b)`.

The functions among the arguments are bound first: what is differentiated is a function of the
values alone, and of what the functions captured.
"""

from collections.abc import Callable
from dataclasses import replace

from dpc.dsl import ast
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.derivatives import directions, written_function
from dpc.dsl.check.function_values import Closure, Derived, FunctionValue
from dpc.dsl.check.headers import is_callable

FunctionOf = Callable[[Body, ast.Expr], FunctionValue | None]
Call = Callable[[Body, Closure, ast.Call], Operand]


def takes_functions(value: FunctionValue) -> bool:
    """True for a definition with `Callable` parameters, and for derivatives of one."""
    if isinstance(value, Derived):
        return takes_functions(value.value)
    parameters = value.definition.parameters if isinstance(value, Closure) else ()
    return any(is_callable(p.annotation) for p in parameters)


def bound(
    body: Body, value: FunctionValue, node: ast.Call, function_of: FunctionOf, call: Call
) -> tuple[FunctionValue, list[ast.Expr]]:
    """The function of those arguments of the call that are values, and these: parameters in their
    order, then directions. `function_of` and `call` are `closures.function_value` and
    `closures.call_closure`.
    """
    if isinstance(value, Derived):
        count = len(directions(value)) if value.operator == "hvp" else 0
        own = node.arguments[: len(node.arguments) - count]
        plain = replace(node, arguments=own)
        inner, values = bound(body, value.value, plain, function_of, call)
        return replace(value, value=inner), [*values, *node.arguments[len(own) :]]
    assert isinstance(value, Closure)
    with body.block():  # what does not fit is said of the call as written
        call(body, value, node)
    parameters = value.definition.parameters
    written = dict(zip((p.name for p in parameters), node.arguments))
    written |= {keyword.name: keyword.value for keyword in node.keywords}
    functions: list[tuple[str, FunctionValue]] = [("_t", value)]
    names: list[str] = []
    passed: list[str] = []
    for name in (p.name for p in parameters if p.name in written):
        function = function_of(body, written[name])
        if function is None:
            names.append(name)
            passed.append(f"{name}={name}")
        else:
            functions.append((f"_{name}", function))
            passed.append(f"{name}=_{name}")
    text = f"def {value.definition.name}({''.join(f'{n}, ' for n in names).rstrip()}):\n"
    text += f"    return _t({', '.join(passed)})\n"
    return written_function(body, text, tuple(functions)), [written[name] for name in names]
