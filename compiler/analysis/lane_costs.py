"""What a loop costs as it is, and with its iterations side by side: rough counts of operations.

LLVM makes vectors of innermost loops by itself; a loop around such loops gains nothing by lanes
whose elements lie apart in memory.
"""

from collections.abc import Callable, Iterable

from dpc.compiler.analysis.constants import constant_of
from dpc.compiler.analysis.index_forms import index_form
from dpc.compiler.dialects import arith, cf, linalg, math, memref, scf
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.rewrite import defined_in

LANES = 8  # of all vectors, on every machine: sums have one order
GUESSED_TRIPS = 16  # of an inner loop
INNER_VECTORS = 0.3  # the share that is left of a loop's cost where LLVM makes vectors of it
_DEARER: dict[type[Op], int] = {
    arith.DivF: 4,
    math.UNARY["sqrt"]: 5,
    math.UNARY["rsqrt"]: 6,
    arith.RemF: 30,
}
_CHEAP_MATH = (
    math.Fma, math.IsNan, math.IsFinite, math.IsInf, math.CopySign,
    *(math.UNARY[n] for n in ("absf", "floor", "ceil", "trunc", "roundeven", "sign")),
)  # fmt: skip
# Functions that have code for vectors where math is fast; the others are called for each lane.
IN_VECTORS = frozenset(
    f"math.{name}"
    for name in (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf",
        "erfc", "exp", "exp2", "expm1", "log", "log10", "log1p", "log2", "logaddexp",
        "powf", "sigmoid", "sin", "sinh", "softplus", "tan", "tanh",
    )
)  # fmt: skip
FUNCTION = 20  # a call of an elementary function
_FREE = (arith.Constant, scf.Yield, scf.Condition, memref.Alloc, memref.Constant)

Weight = Callable[[Op], float]


def scalar_weight(op: Op) -> float:
    """What one op costs in scalar code."""
    if isinstance(op, _FREE):
        return 0.0
    if type(op) in _DEARER:
        return float(_DEARER[type(op)])
    if isinstance(op, math.MathOp) and not isinstance(op, _CHEAP_MATH):
        return float(FUNCTION)
    return float(GUESSED_TRIPS) if isinstance(op, linalg.Fill | memref.Copy) else 1.0


def cost(
    block: Block,
    weight: Weight,
    inner: Callable[[scf.For], float],
    both: Callable[[scf.If], bool] = lambda _: False,
) -> float:
    """The ops of a block weighed, loops as often as they run; `inner` scales a loop's cost, `both`
    says which branches are gone through on both sides.
    """
    total = 0.0
    for op in block.ops:
        if isinstance(op, scf.For):
            total += 2 + trips(op) * inner(op) * cost(op.body, weight, inner, both)
        elif isinstance(op, scf.While):
            total += GUESSED_TRIPS * sum(cost(b, weight, inner, both) for b in op.blocks)
        elif isinstance(op, scf.If):
            sides = [cost(b, weight, inner, both) for b in op.blocks]
            total += 4 + sum(sides) if both(op) else 1 + max(sides)
        else:
            total += weight(op)
    return total


def trips(loop: scf.For) -> float:
    """How often a loop runs, guessed where it does not show."""
    known, step = constant_trips(loop), constant_of(loop.step)
    if known is not None:
        return float(known)
    return GUESSED_TRIPS / (step if isinstance(step, int) else 1)


def constant_trips(loop: scf.For) -> int | None:
    """How often a loop runs, where its bounds are constants."""
    lower, upper, step = (constant_of(v) for v in (loop.lower, loop.upper, loop.step))
    if not (isinstance(lower, int) and isinstance(upper, int) and isinstance(step, int)):
        return None
    return max(0, -((lower - upper) // step))


def left_to_llvm(loop: scf.For) -> bool:
    """True if LLVM will make vectors of the loop: innermost, neighbours in memory, no order."""
    ops = list(loop.body.walk())
    if any(isinstance(op, scf.For | scf.While | scf.If | cf.Assert) for op in ops):
        return False
    if loop.inits and constant_of(loop.step) == 1:
        return False
    inside = defined_in(loop.body)
    accesses = (op for op in ops if isinstance(op, memref.Load | memref.Store))
    return all(_neighbours(op.indices, loop.body.arguments[0], inside) for op in accesses)


def _neighbours(indices: Iterable[Value], induction: Value, inside: set[Value]) -> bool:
    """The element is the same in all iterations, or the next one in the next."""
    *outer, last = (index_form(i).terms for i in indices) if indices else ({},)
    if any(atom in inside for form in outer for atom in form):
        return False
    return last.get(induction, 0) in (0, 1) and not any(
        atom in inside and atom is not induction for atom in last
    )


def scalar_cost(loop: scf.For) -> float:
    """One iteration as it is."""
    return cost(loop.body, scalar_weight, _share)


def _share(loop: scf.For) -> float:
    return INNER_VECTORS if left_to_llvm(loop) else 1.0


def computes_functions(loop: scf.For) -> bool:
    """True if the loop calls functions that have code for vectors, and carries nothing."""
    return not loop.inits and any(op.name in IN_VECTORS for op in loop.body.ops)
