"""The lists of passes, and the one loop that runs them.

`bufferize` (compiler/lowering) stands between ARRAY and LOOPS, differentiation between LOOPS and
FINISH. No pass before differentiation changes a derivative.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter

from dpc.compiler.ir.core import Module
from dpc.compiler.ir.verify import verify
from dpc.compiler.passes.bounds import bounds
from dpc.compiler.passes.canonicalize import canonicalize
from dpc.compiler.passes.contract import contract
from dpc.compiler.passes.cse import cse
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.distribute import distribute
from dpc.compiler.passes.expand_lanes import expand_lanes
from dpc.compiler.passes.forward_stores import forward_stores
from dpc.compiler.passes.fuse import fuse
from dpc.compiler.passes.in_place import in_place
from dpc.compiler.passes.inline import inline
from dpc.compiler.passes.licm import licm
from dpc.compiler.passes.merge_branches import merge_branches
from dpc.compiler.passes.plain_products import plain_products
from dpc.compiler.passes.promote import promote
from dpc.compiler.passes.read_in_place import read_in_place
from dpc.compiler.passes.reassociate import reassociate
from dpc.compiler.passes.scalarize import scalarize
from dpc.compiler.passes.strong_products import strong_products
from dpc.compiler.passes.unroll import unroll
from dpc.compiler.passes.vectorize import (
    vectorize,
    vectorize_exactly,
    vectorize_in_place,
)

Pass = Callable[[Module], Module]

SIMPLIFY: tuple[Pass, ...] = (canonicalize, cse, dce)
ARRAY: tuple[Pass, ...] = (inline, *SIMPLIFY, bounds, *SIMPLIFY, fuse, *SIMPLIFY)
MEMORY: tuple[Pass, ...] = (read_in_place, licm, promote, forward_stores, scalarize)
LOOPS: tuple[Pass, ...] = (*SIMPLIFY, unroll, *SIMPLIFY, bounds, *SIMPLIFY, *MEMORY, *SIMPLIFY)
REASSOCIATE: tuple[Pass, ...] = (contract, reassociate)


def loops(math: str = "fast") -> tuple[Pass, ...]:
    """From bufferized code to what is differentiated; `math` is "fast" or "strict"."""
    return (*LOOPS, *(REASSOCIATE if math == "fast" else ()))


def finish(
    strong: bool = False, math: str = "fast", vectors: Pass | None = None
) -> tuple[Pass, ...]:
    """From (differentiated) loops to code generation; `strong` keeps 0 * inf = 0 in derivatives,
    `vectors`: the pass to the vector level, if it is to go there.
    """
    products = strong_products if strong else plain_products
    rounding = REASSOCIATE if math == "fast" else ()
    last: tuple[Pass, ...] = (vectors, cse, dce, licm) if vectors else ()
    simplified = (*SIMPLIFY, merge_branches, products, *LOOPS)
    return (distribute, *simplified, *rounding, expand_lanes, *SIMPLIFY, licm, in_place, *last)


def side_by_side(math: str, budgeted: bool) -> Pass:
    """The pass to the vector level. Where reverse sweeps run loops again from stored states, copies
    of a loop agree bit for bit, and memory is counted.
    """
    if budgeted:
        return vectorize_in_place
    return vectorize if math == "fast" else vectorize_exactly


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a pass took, in seconds, and whether it changed the module."""

    name: str
    seconds: float
    changed: bool


Observer = Callable[[Timing, Module], None]


def run(
    module: Module,
    passes: Iterable[Pass],
    verify_each: bool = False,
    observe: Observer | None = None,
) -> Module:
    """The module after the passes; `observe` gets each pass's timing and the module it made.

    A pass that found nothing to do is left out until another pass changes the module.
    """
    settled: set[Pass] = set()  # passes that would change nothing
    for each in passes:
        if each in settled:
            continue
        start = perf_counter()
        new = each(module)
        timing = Timing(each.__name__, perf_counter() - start, new is not module)
        settled = set() if timing.changed else settled | {each}
        module = new
        if verify_each:
            verify(module)
        if observe is not None:
            observe(timing, module)
    return module
