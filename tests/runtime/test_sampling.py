"""Points at which gradients are tested: their shapes fit the signature."""

import numpy as np
import pytest

from dpc.dsl.shapes import Floored
from dpc.runtime.sampling import RANDOM, SPECIAL, draw
from tests.runtime.signatures import (
    BOOL,
    F32,
    F64,
    I32,
    I64,
    MODEL,
    ArrayType,
    Binding,
    D,
    N,
    Poly,
    TupleType,
    signature,
)

TRIANGLE = Poly.atom(Floored(D * (D + Poly.constant(1)), 2))
MADE = signature(
    {
        "x": ArrayType(F64, (N, D)),
        "t": ArrayType(F32, (TRIANGLE,)),
        "m": MODEL,
        "k": I64,
        "n": I64,
        "flags": ArrayType(BOOL, (N,)),
        "pair": TupleType((F64, I32)),
    },
    {"out": F64},
    (Binding("n", "", (), 0), Binding("d", "x", (), 1)),
)


@pytest.mark.parametrize("kind", [*RANDOM, *SPECIAL])
def test_shapes_and_types(kind: str) -> None:
    point = draw(MADE, kind, (3,), np.random.default_rng(0))
    assert point is not None
    x, t, m, k, n, flags, (a, b) = point.arguments
    assert point.dimensions == {"n": 3, "d": 3}
    assert (x.shape, x.dtype) == ((3, 3), np.float64)
    assert (t.shape, t.dtype) == ((6,), np.float32)
    assert (m["w"].shape, type(m["b"]), type(m["k"])) == ((3,), float, int)
    assert (n, flags.dtype) == (3, np.bool_)
    assert 1 <= k <= 3
    assert (type(a), type(b)) == (float, int)


def test_kinds_of_values() -> None:
    random = np.random.default_rng(0)
    drawn = {}
    for kind in SPECIAL:
        point = draw(MADE, kind, (4,), random)
        assert point is not None
        assert point.is_special
        drawn[kind] = point.arguments[0]
    assert not drawn["zeros"].any()
    assert (drawn["ones"] == 1).all()
    assert (drawn["negative"] < 0).all()
    assert len(set(drawn["ties"].ravel())) < drawn["ties"].size


def test_no_shape_has_a_negative_extent() -> None:
    made = signature({"x": ArrayType(F64, (N,))}, {"out": F64}, (Binding("n", "x", (), 0),))
    shrunk = type(made)(
        "f", None, made.bindings, (N, N - Poly.constant(2)), made.inputs, made.results, 0
    )
    random = np.random.default_rng(0)
    assert draw(shrunk, "normal", (1,), random) is None
    assert draw(shrunk, "normal", (2,), random) is not None
