"""The one traversal that passes share: copy or rebuild blocks through an environment."""

from collections.abc import Callable, Iterable

from dpc.compiler.ir.core import Block, Op, Value

Environment = dict[Value, Value]
# A rewriter sees an op whose operands are already replaced and whose blocks are already rewritten.
# It returns None to keep it, or (new ops, one new value per result of the op).
Rewriter = Callable[[Op], "tuple[list[Op], tuple[Value, ...]] | None"]


def rebuild_block(block: Block, env: Environment, rewriter: Rewriter | None = None) -> Block:
    """The block with operands replaced through `env` and each op offered to `rewriter`.

    Inner blocks first. Returns the same block when nothing changed; block arguments are kept.
    """
    ops: list[Op] = []
    changed = False
    for op in block.ops:
        blocks = tuple(rebuild_block(b, env, rewriter) for b in op.blocks) if op.blocks else None
        new = op.rebuild(env, blocks)
        outcome = rewriter(new) if rewriter else None
        if outcome is not None:
            new_ops, values = outcome
            ops.extend(new_ops)
            env.update(zip(op.results, values, strict=True))
            env.update(zip(new.results, values, strict=True))
            changed = True
            continue
        if new is not op:
            changed = True
            env.update(zip(op.results, new.results, strict=True))
        ops.append(new)
    return Block(block.arguments, tuple(ops)) if changed else block


def clone_block(block: Block, env: Environment) -> Block:
    """A deep copy with fresh block arguments and fresh results; `env` learns every new value."""
    arguments = tuple(Value(a.type, None, a.name) for a in block.arguments)
    env.update(zip(block.arguments, arguments, strict=True))
    return Block(arguments, tuple(clone_ops(block.ops, env)))


def clone(op: Op, env: Environment) -> Op:
    """A deep copy of one op, operands through `env`; `env` learns the fresh results."""
    blocks = tuple(clone_block(b, env) for b in op.blocks) if op.blocks else None
    new = op.rebuild(env, blocks)
    if new is op:
        new = op.with_attributes()
        for new_result, old_result in zip(new.results, op.results, strict=True):
            new_result.name = old_result.name
    env.update(zip(op.results, new.results, strict=True))
    return new


def clone_ops(ops: Iterable[Op], env: Environment) -> list[Op]:
    """Deep copies of ops in order."""
    return [clone(op, env) for op in ops]


def uses(block: Block) -> dict[Value, int]:
    """How often each value is an operand, inner blocks included."""
    counts: dict[Value, int] = {}
    for op in block.walk():
        for operand in op.operands:
            counts[operand] = counts.get(operand, 0) + 1
    return counts


def defined_in(block: Block) -> set[Value]:
    """Values defined in the block or inside it, block arguments included."""
    values = set(block.arguments)
    for op in block.ops:
        values.update(op.results)
        for inner in op.blocks:
            values |= defined_in(inner)
    return values


def free_values(block: Block) -> dict[Value, None]:
    """Values used in the block but defined outside, in order of first use."""
    inside = defined_in(block)
    found: dict[Value, None] = {}
    for op in block.walk():
        for operand in op.operands:
            if operand not in inside:
                found[operand] = None
    return found
