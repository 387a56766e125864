"""What of the primal reverse code in draft needs, and how it is had."""

from collections.abc import Sequence

from dpc.compiler.ad.iterations import Iterations, iterations
from dpc.compiler.ad.plan import TapePlan, plan
from dpc.compiler.ad.sweep import Sweep
from dpc.compiler.analysis.needed import needed
from dpc.compiler.ir.core import Op


def planned(sweep: Sweep, draft: Sequence[Op]) -> tuple[Iterations, TapePlan]:
    """Which loops are reversed iteration by iteration, and what is stored besides."""
    named = needed(draft, sweep.nest)
    wanted = {value: sweep.origins.get(op) for value, op in named.items()}
    everywhere = plan(wanted, sweep.same, sweep.nest)
    chosen = iterations(sweep, draft, wanted, everywhere)
    if len(chosen.frames) == 1:
        return chosen, everywhere
    again = (v for v, decision in everywhere.items() if not decision.stored)
    return chosen, plan({**chosen.outside(), **wanted}, sweep.same, chosen.nest, again)
