"""Calls of einsum: the subscripts are a constant string, read here."""

from collections import Counter

from dpc.dsl import ast
from dpc.dsl.builtins import Builtin
from dpc.dsl.check.context import Body, Operand, Reported
from dpc.dsl.check.contract import Labels, contract
from dpc.dsl.check.convert import value_of
from dpc.dsl.errors.shapes import WrongRank, axes_text
from dpc.dsl.errors.types import NotConstant, WrongArguments
from dpc.dsl.types import shape_of

BATCH = "..."


def _wrong(body: Body, builtin: Builtin, node: ast.Node, problem: str) -> Reported:
    return body.error(WrongArguments(span=node.span, problem=problem, signature=builtin.signature))


def _einsum(body: Body, builtin: Builtin, node: ast.Call) -> Operand:
    if not node.arguments or node.keywords:
        raise _wrong(body, builtin, node, "`einsum` takes subscripts and arrays")
    spec = node.arguments[0]
    if not isinstance(spec, ast.Text):
        raise body.error(NotConstant(span=spec.span, what="the subscripts of `einsum`, a string,"))
    inputs, arrow, output = spec.value.replace(" ", "").partition("->")
    subscripts = inputs.split(",")
    for text in (*subscripts, output):
        letters = text.replace(BATCH, "", 1)
        if not all(c.isascii() and c.isalpha() for c in letters):
            raise _wrong(body, builtin, spec, f"`{text}` is not letters, with `...` at most once")
    operands = body.operands(node.arguments[1:])
    if len(operands) != len(subscripts):
        problem = f"{len(subscripts)} subscripts for {len(operands)} arrays"
        raise _wrong(body, builtin, spec, problem)
    labels = [_labels(body, o, text) for o, text in zip(operands, subscripts)]
    batch = max((tuple(x for x in found if x[0] == ".") for found in labels), key=len)
    result = _output(body, builtin, spec, output, batch) if arrow else _implicit(labels, batch)
    missing = [x for x in result if not any(x in found for found in labels)]
    if missing:
        raise _wrong(body, builtin, spec, f"`{missing[0]}` is in the result and in no array")
    return contract(body, tuple(zip(operands, labels)), result, node.span, builtin.name)


def _labels(body: Body, operand: Operand, text: str) -> Labels:
    """A label for each axis; those under `...` are counted from its right end."""
    rank = len(shape_of(value_of(body, operand, "einsum")))
    before, dots, after = text.partition(BATCH)
    free = rank - len(before) - len(after)
    if free < 0 or (free > 0 and not dots):
        raise body.error(
            WrongRank(
                span=operand.span,
                what=f"the array of `{text}`",
                found=str(operand.type),
                expected=axes_text(len(before) + len(after)),
            )
        )
    return (*before, *(f".{k}" for k in range(free, 0, -1)), *after)


def _output(body: Body, builtin: Builtin, spec: ast.Expr, text: str, batch: Labels) -> Labels:
    before, dots, after = text.partition(BATCH)
    if batch and not dots:
        raise _wrong(body, builtin, spec, "the result of arrays with `...` has `...`")
    repeated = [x for x, times in Counter(before + after).items() if times > 1]
    if repeated:
        raise _wrong(body, builtin, spec, f"`{repeated[0]}` is twice in the result")
    return (*before, *(batch if dots else ()), *after)


def _implicit(labels: list[Labels], batch: Labels) -> Labels:
    """Without `->`: what `...` stands for, then the letters that occur once, in order."""
    times = Counter(x for found in labels for x in found)
    return (*batch, *sorted(x for x, count in times.items() if count == 1 and x[0] != "."))


EINSUM = {"einsum": _einsum}
