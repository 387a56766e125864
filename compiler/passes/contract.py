"""Multiply-adds fused: a * b + c becomes `math.fma` where the product has no other use.

Of two products in one sum the left one is fused. The product must stand in the block of the sum:
one that was moved out of a loop costs nothing inside it. Settled loops stay as they are.
"""

from dpc.compiler.dialects.arith import AddF, MulF, NegF, SubF
from dpc.compiler.dialects.math import Fma
from dpc.compiler.dialects.scf import For, While
from dpc.compiler.ir.core import Block, Function, Module, Op, Value
from dpc.compiler.ir.rewrite import uses


def contract(module: Module) -> Module:
    """Fuse multiplications into additions (one rounding instead of two)."""
    return module.map(_function)


def _function(function: Function) -> Function:
    body = _block(function.body, {}, uses(function.body), False)
    return function.with_body(body)


def _block(block: Block, env: dict[Value, Value], counts: dict[Value, int], settled: bool) -> Block:
    ops: list[Op] = []
    products: dict[Value, MulF] = {}  # of this block, with one use
    fused: set[Op] = set()
    changed = False
    for op in block.ops:
        blocks = None
        if op.kinds.blocks:
            fixed = settled or (isinstance(op, For | While) and op.settled)
            blocks = tuple(_block(b, env, counts, fixed) for b in op.blocks)
        new = op.rebuild(env, blocks)
        if isinstance(new, MulF) and not settled and counts.get(op.results[0]) == 1:
            products[new.result] = new
        replacement = _fuse(new, products, fused) if isinstance(new, AddF | SubF) else None
        if replacement is not None:
            ops += replacement
            new = replacement[-1]
            new.results[0].name = op.results[0].name
        else:
            ops.append(new)
        if new is not op:
            env.update(zip(op.results, new.results, strict=True))
            changed = True
    if not changed:
        return block
    return Block(block.arguments, tuple(op for op in ops if op not in fused))


def _fuse(op: AddF | SubF, products: dict[Value, MulF], fused: set[Op]) -> list[Op] | None:
    """The ops that compute the sum with one product fused; None when there is none."""
    left, right = products.get(op.lhs), products.get(op.rhs)
    product = left or right
    if product is None or op.lhs is op.rhs:
        return None
    fused.add(product)
    if isinstance(op, AddF):
        addend = op.rhs if left else op.lhs
        return [Fma(product.lhs, product.rhs, addend, span=op.span)]
    if left:
        negated = NegF(op.rhs, span=op.span)
        return [negated, Fma(product.lhs, product.rhs, negated.result, span=op.span)]
    negated = NegF(product.lhs, span=op.span)
    return [negated, Fma(negated.result, product.rhs, op.lhs, span=op.span)]
