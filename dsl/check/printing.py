"""`print(...)`: a statement that shows a line of text and values."""

from dpc.dsl import ast, typed
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.errors.types import Misplaced, WrongArguments, WrongOperand
from dpc.dsl.types import ArrayType, ScalarType

Message = tuple[str | typed.Expr, ...]
SIGNATURE = "print(label, x, ...)"


def is_print(body: Body, node: ast.Expr) -> bool:
    """A call of the built-in `print`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.callee, ast.Name)
        and node.callee.name == "print"
        and "print" not in body.names.definitions
        and body.lookup("print") is None
    )


def check_print(body: Body, node: ast.Call) -> None:
    """The statement: texts, f-strings, scalars and arrays, a space between two of them."""
    if node.keywords:
        raise body.error(
            WrongArguments(
                span=node.keywords[0].span,
                problem="`print` takes no keywords",
                signature=SIGNATURE,
            )
        )
    message: list[str | typed.Expr] = []
    for position, argument in enumerate(node.arguments):
        message.extend((" ",) if position else ())
        message.extend(_part(body, argument))
    body.emit(typed.Print(span=node.span, message=tuple(message)))


def _part(body: Body, node: ast.Expr) -> Message:
    if isinstance(node, (ast.Text, ast.FormatText)):
        return text_parts(body, node)
    if isinstance(node, ast.Binary) and isinstance(node.left, (ast.Text, ast.FormatText)):
        problem, advice = "texts are not computed", 'values stand in an f-string: `f"x is {x}"`'
        raise body.error(Misplaced(span=node.span, problem=problem, advice=advice))
    operand = body.operand(node)
    if isinstance(operand.type, (ScalarType, ArrayType)):
        return (operand.expr,)
    raise _wrong(body, operand, "print", "text, scalars and arrays")


def text_parts(body: Body, node: ast.Text | ast.FormatText) -> Message:
    """A string, or the texts and scalars of an f-string."""
    if isinstance(node, ast.Text):
        return (node.value,)
    return tuple(part if isinstance(part, str) else _scalar(body, part) for part in node.parts)


def _scalar(body: Body, node: ast.Expr) -> typed.Expr:
    operand = body.operand(node)
    if isinstance(operand.type, ScalarType):
        return operand.expr
    raise _wrong(body, operand, "a message", "scalars", "name an element; `print` shows arrays")


def _wrong(
    body: Body, operand: Operand, operation: str, expected: str, advice: str = ""
) -> Exception:
    return body.error(
        WrongOperand(
            span=operand.span,
            operation=operation,
            expected=expected,
            found=str(operand.type),
            advice=advice,
        )
    )
