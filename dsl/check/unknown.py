"""Names, methods and attributes that nothing here has: what to say of them, and what was meant."""

from dpc.dsl import ast
from dpc.dsl.builtins import BUILTINS
from dpc.dsl.builtins.constants import VALUES
from dpc.dsl.builtins.reductions import GENERATOR_REDUCTIONS
from dpc.dsl.check.context import Body, Operand, Reported, describe
from dpc.dsl.errors.names import (
    NoMethod,
    OtherModule,
    UnknownField,
    UnknownName,
    UseBeforeAssignment,
)
from dpc.dsl.habits import ATTRIBUTES, METHODS, MODULES, NAMES, Habit
from dpc.dsl.resolve import nearest
from dpc.dsl.source import Span
from dpc.dsl.types import RecordType


def unknown_name(body: Body, name: str, span: Span) -> Reported:
    """Report a name that nothing visible has."""
    ended = body.ended.get(name)
    if ended is not None:
        return body.error(
            UnknownName(
                span=span,
                name=name,
                advice=f"assign `{name}` to another variable inside of the loop",
                origin=(ended, f"`{name}` ends with this loop"),
            )
        )
    habit = NAMES.get(name)
    if habit is not None:
        return body.error(
            UnknownName(span=span, name=name, advice=habit.hint, replacement=habit.here or None)
        )
    if body.function is not None and name in body.function.result_dimensions:
        advice = f"the value that is returned determines the dimension `{name}`"
        return body.error(UnknownName(span=span, name=name, advice=advice))
    near = nearest(name, body.visible())
    return body.error(UnknownName(span=span, name=name, suggestion=near))


def unassigned(body: Body, name: str, span: Span) -> Reported:
    """Report a variable that nothing above assigns, at its first use."""
    if name in body.unassigned:
        return Reported()
    body.unassigned.add(name)
    first = body.assigned_somewhere.get(name)
    later = first if first is not None and first.start > span.start else None
    return body.error(UseBeforeAssignment(span=span, name=name, assigned=later))


def other_module(body: Body, node: ast.Attribute, called: bool) -> Reported | None:
    """Report `np.sum` and the like; None where the leftmost name means something."""
    root: ast.Expr = node
    while isinstance(root, ast.Attribute):
        root = root.base
    if not isinstance(root, ast.Name) or _means_something(body, root.name):
        return None
    module = root.name
    if module not in MODULES and (not called or nearest(module, body.visible())):
        return unknown_name(body, module, root.span)
    habit = Habit(node.name) if _known(node.name) else NAMES.get(node.name)
    if habit is not None:
        advice, here = habit.hint, habit.here or None
    elif module in MODULES:
        advice, here = "`dpc explain` and docs/language.md list what is built in", None
    else:
        advice, here = f"import it: `from {module} import {node.name}`", None
    return body.error(
        OtherModule(span=node.span, text=node.span.text, name=module, advice=advice, here=here)
    )


def _known(name: str) -> bool:
    return name in BUILTINS or name in VALUES


def _means_something(body: Body, name: str) -> bool:
    return (
        body.lookup(name) is not None
        or body.local_function(name) is not None
        or name in body.assigned_somewhere
        or name in body.dimensions
        or name in body.names.definitions
        or name in body.names.failed
        or _known(name)
    )


def no_method(body: Body, node: ast.Call) -> Reported:
    """Report `x.mean()`."""
    callee = node.callee
    assert isinstance(callee, ast.Attribute)
    elsewhere = other_module(body, callee, called=True)
    if elsewhere is not None:
        return elsewhere
    if isinstance(callee.base, (ast.Text, ast.FormatText)):
        owner, base = "a string", callee.base.span.text
    else:
        operand = body.operand(callee.base)
        owner, base = describe(operand.type), operand.text
        if isinstance(operand.type, RecordType) and operand.type.field(callee.name) is None:
            suggestion = _call(callee.name, base, node)
            advice = f"functions take records as parameters: `{suggestion}`"
            return body.error(
                NoMethod(span=node.span, owner=owner, name=callee.name, advice=advice)
            )
    advice, here = _instead(callee.name, base, node)
    return body.error(
        NoMethod(span=node.span, owner=owner, name=callee.name, advice=advice, here=here)
    )


def _instead(name: str, base: str, node: ast.Call) -> tuple[str, str | None]:
    """What to say of a method, and what to write for the call."""
    habit = METHODS.get(name)
    if habit is not None:
        given = ", ".join(_arguments(node))
        here = _filled(habit.here, base, given) if habit.here else None
        return _filled(habit.advice or "write `{here}`", base, given, here or ""), here
    habit = None if name in BUILTINS else NAMES.get(name)
    if habit is not None and not habit.here:
        return habit.hint, None
    known = name if habit is None else habit.here
    if known not in BUILTINS:
        return f"write a function: `{_call(known, base, node)}`", None
    here = _call(known, base, node, by_axis=known in GENERATOR_REDUCTIONS)
    return f"write `{here}`", here


def _filled(template: str, base: str, arguments: str, here: str = "") -> str:
    return template.format(base=base, arguments=arguments, here=here)


def _arguments(node: ast.Call) -> list[str]:
    return [argument.span.text for argument in (*node.arguments, *node.keywords)]


def _call(name: str, base: str, node: ast.Call, by_axis: bool = False) -> str:
    """The call as one of a function; reductions take their axis by keyword."""
    given = _arguments(node)
    if by_axis and len(node.arguments) == 1:
        given[0] = f"axis={given[0]}"
    return f"{name}({', '.join([base, *given])})"


def unknown_attribute(body: Body, base: Operand, node: ast.Attribute) -> Reported:
    """Report `x.size`."""
    habit = ATTRIBUTES.get(node.name)
    replacement = None
    if node.name in BUILTINS:
        replacement = f"{node.name}({base.text})"
        advice = f"write `{replacement}`"
    elif habit is not None:
        replacement = habit.here.format(base=base.text) or None
        advice = (habit.advice or f"write `{replacement}`").format(base=base.text)
    else:
        advice = ""
    suggestion = None if advice else nearest(node.name, {"shape", "T"})
    return body.error(
        UnknownField(
            span=node.span,
            owner=describe(base.type),
            name=node.name,
            suggestion=suggestion,
            advice=advice,
            replacement=replacement,
        )
    )


def fields_text(record: RecordType, name: str) -> str:
    """The fields there are, where none is nearly the one that was asked for."""
    names = [known for known, _ in record.fields]
    return "" if nearest(name, names) else f"its fields are {', '.join(f'`{n}`' for n in names)}"
