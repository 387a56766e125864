"""Random functions of the loops level mean the same after each strict pass, bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpc.compiler import pipeline
from dpc.compiler.dialects import arith, memref
from dpc.compiler.dialects.cf import Assert
from dpc.compiler.interpret import CheckFailed, run
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Module, Value
from dpc.compiler.ir.types import F64, I1, INDEX
from dpc.compiler.ir.verify import verify
from dpc.compiler.passes.bounds import bounds
from dpc.compiler.passes.canonicalize import canonicalize
from dpc.compiler.passes.cse import cse
from dpc.compiler.passes.dce import dce
from dpc.compiler.passes.expand_lanes import expand_lanes
from dpc.compiler.passes.forward_stores import forward_stores
from dpc.compiler.passes.licm import licm
from dpc.compiler.passes.promote import promote
from dpc.compiler.passes.scalarize import scalarize
from dpc.compiler.passes.unroll import unroll
from tests.ir.random_ir import Generator, Scope
from tests.passes.harness import Pass

STRICT = (canonicalize, cse, dce, bounds, licm, promote, forward_stores, unroll, scalarize)
SEEDS = st.integers(0, 10**9)
CASES = settings(max_examples=60, deadline=None)


class Accesses(Generator):
    """More accesses that meet, and checks of indices; no strong products: simplifying one may
    change the sign of a zero.
    """

    def real(self, builder: Builder, scope: Scope) -> None:
        held = len(builder.ops)
        super().real(builder, scope)
        if isinstance(builder.ops[-1], arith.MulZ):
            scope[F64].pop()
            del builder.ops[held:]

    def access(self, builder: Builder, scope: Scope) -> None:
        index = self.near(builder, scope)
        zero = builder.emit(arith.Constant(0, INDEX))
        low = builder.emit(arith.CmpI("sge", index, zero))
        high = builder.emit(arith.CmpI("slt", index, self.n))
        inside = self.keep(scope, builder.emit(arith.AndI(low, high)), I1)
        if self.choose.random() < 0.2:
            builder.add(Assert(inside, (index,), "bounds", "index {}"))
        else:
            last = builder.emit(arith.SubI(self.n, builder.emit(arith.Constant(1, INDEX))))
            index = builder.emit(arith.MinSI(builder.emit(arith.MaxSI(index, zero)), last))
        buffer = self.choose.choice(self.buffers)
        if self.choose.random() < 0.5:
            value = self.keep(scope, builder.emit(memref.Load(buffer, (index,))), F64)
        else:
            value = self.pick(scope, F64)
        if self.choose.random() < 0.7:
            builder.add(memref.Store(value, buffer, (index,)))

    def near(self, builder: Builder, scope: Scope) -> Value:
        """An index, or one beside it."""
        index = self.pick(scope, INDEX)
        if self.choose.random() < 0.5:
            one = builder.emit(arith.Constant(self.choose.choice((-1, 1)), INDEX))
            index = builder.emit(arith.AddI(index, one))
        return index


def module_of(seed: int) -> Module:
    return Module((Accesses(seed, stacks=True).function(),))


def outcome(module: Module) -> str:
    """Results and output of a run, or the check that failed."""
    output = np.empty(3, dtype=object)
    try:
        results = run(module, "f", [3, np.array([0.5, -1.25, 3.0]), 0.75, 5, output])
    except CheckFailed as failure:
        return str(failure)
    return repr([results, list(output)])


@pytest.mark.parametrize("each", STRICT, ids=lambda p: p.__name__)
@CASES
@given(seed=SEEDS)
def test_one_pass_keeps_the_meaning(each: Pass, seed: int) -> None:
    module = module_of(seed)
    found = each(module)
    verify(found, "loops")
    assert outcome(found) == outcome(module)


@CASES
@given(seed=SEEDS, order=st.lists(st.sampled_from(STRICT), min_size=2, max_size=12))
def test_any_sequence_keeps_the_meaning(seed: int, order: list[Pass]) -> None:
    module = module_of(seed)
    found = pipeline.run(module, order, verify_each=True)
    assert outcome(found) == outcome(module)


@CASES
@given(seed=SEEDS)
def test_the_pipelines_keep_the_meaning(seed: int) -> None:
    module = module_of(seed)
    passes = (*pipeline.loops("strict"), *pipeline.finish(math="strict"))
    expected = outcome(module)
    # `lanes` that the generator sets are carried out by the last passes: another order of sums
    found = pipeline.run(module, passes[: passes.index(expand_lanes)], verify_each=True)
    assert outcome(found) == expected


@CASES
@given(seed=SEEDS)
def test_simplification_finds_a_fixed_point(seed: int) -> None:
    simple = canonicalize(module_of(seed))
    assert canonicalize(simple) is simple
    live = dce(simple)
    assert dce(live) is live
