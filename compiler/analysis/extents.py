"""Extents as linear forms: the polynomials by which dimension arguments are named."""

import ast

from dpc.compiler.analysis.inequalities import Inequalities, Linear

LARGEST_EXTENT = 1 << 47  # no machine addresses more elements


def polynomial(text: str, names: dict[str, Linear], facts: Inequalities) -> Linear | None:
    """A polynomial's text as a form; what is not linear in it becomes an atom, kept in `names`."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return _form(tree, names, facts)


def _form(node: ast.expr, names: dict[str, Linear], facts: Inequalities) -> Linear:
    match node:
        case ast.Constant(value=int(number)):
            return Linear(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _form(operand, names, facts).times(-1)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            sign = 1 if isinstance(op, ast.Add) else -1
            return _form(left, names, facts).plus(_form(right, names, facts), sign)
        case ast.BinOp(left=ast.Constant(value=int(number)), op=ast.Mult(), right=right):
            return _form(right, names, facts).times(number)
    text = ast.unparse(node)
    if text not in names:
        # no argument holds it: a product, a quotient, a dimension the function does not use
        limit = LARGEST_EXTENT**4
        facts.declare(text, -limit, limit)
        names[text] = Linear.of(text)
        match node:
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant(value=int(number))):
                rest = _form(left, names, facts).plus(names[text], -number)
                facts.assume(rest)
                facts.assume(rest.times(-1).shifted(number - 1))
    return names[text]
