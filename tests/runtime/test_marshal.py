"""Slots, dimensions and results of a call, with the native side played by Python."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dpc.dsl.types import RecordType
from dpc.runtime import errors
from dpc.runtime.marshal import Marshaller
from dpc.runtime.records import class_key, make_class
from tests.runtime.signatures import (
    BOOL,
    F32,
    F64,
    I32,
    I64,
    MATRIX,
    MODEL,
    VECTOR,
    ArrayType,
    Binding,
    D,
    Group,
    N,
    Poly,
    TupleType,
    signature,
)

BY_X = (Binding("n", "x", (), 0), Binding("d", "x", (), 1))


def marshaller(*args: Any, **kwargs: Any) -> Marshaller:
    return Marshaller(signature(*args, **kwargs), {class_key(MODEL): make_class(MODEL, "test")})


def bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


def test_slots_are_dimensions_inputs_outputs() -> None:
    border = marshaller({"x": MATRIX, "s": F64, "k": I32, "c": BOOL}, {"out": VECTOR}, BY_X)
    x = np.arange(6.0).reshape(2, 3)
    frame = border.pack([x, 1.5, -2, True])
    assert list(frame.slots)[:6] == [2, 3, x.ctypes.data, bits(1.5), -2, 1]
    assert frame.slots[6] == frame.outputs[0].ctypes.data
    assert frame.outputs[0].shape == (2,)
    assert border.unpack(frame) is frame.outputs[0]


def test_scalar_results_follow() -> None:
    types = {"a": F64, "b": F32, "c": I64, "d": I32, "e": BOOL}
    border = marshaller({"s": F32}, types, tree=Group((0, 1, Group((2, 3, 4)))))
    frame = border.pack([0.5])
    assert np.array([frame.slots[0]]).view(np.float32)[0] == np.float32(0.5)
    frame.slots[1] = bits(2.5)
    frame.slots[2] = int(np.array([0.25, 0.0], np.float32).view(np.int64)[0])
    frame.slots[3], frame.slots[4], frame.slots[5] = -7, -8, 1
    a, b, (c, d, e) = border.unpack(frame)
    assert (a, c, d, e) == (2.5, -7, -8, True)
    assert [type(v) for v in (a, b, c, d, e)] == [float, np.float32, int, int, bool]
    assert b == np.float32(0.25)


def test_no_result() -> None:
    border = marshaller({"s": F64}, {}, tree=None)
    assert border.unpack(border.pack([1.0])) is None


def test_records_in_and_out() -> None:
    bindings = (Binding("d", "m", ("w",), 0),)
    border = marshaller({"m": MODEL}, {"out": MODEL}, bindings)
    made = make_class(MODEL, "test")
    w = np.arange(2.0)

    class Alike:
        def __init__(self) -> None:
            self.w, self.b, self.k, self.extra = w, 0.5, 3, "not looked at"

    for given in ({"w": w, "b": 0.5, "k": 3}, made(w, 0.5, 3), Alike()):
        frame = border.pack([given])
        assert list(frame.slots)[:4] == [2, w.ctypes.data, bits(0.5), 3]
        frame.outputs[0][:] = 9.0
        frame.slots[5], frame.slots[6] = bits(4.0), 11
        result = border.unpack(frame)
        assert repr(result) == "Model(w=array([9., 9.]), b=4.0, k=11)"
        assert result == type(result)(np.array([9.0, 9.0]), 4.0, 11)
        assert result != type(result)(np.array([9.0, 8.0]), 4.0, 11)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"w": [1.0], "b": 1.0}, "the field `k` of Model is missing"),
        ({"w": [1.0], "b": 1.0, "k": 1, "c": 2}, "Model has no field `c`"),
        ({"w": [1.0], "b": "one", "k": 1}, "`m.b` of `f`: expected f64"),
        (3.0, "expected Model (fields w, b, k), given the float 3.0"),
        (None, "given None"),
    ],
)
def test_wrong_records(given: Any, says: str) -> None:
    border = marshaller({"m": MODEL}, {"out": F64}, (Binding("d", "m", ("w",), 0),))
    with pytest.raises(errors.TypeError) as caught:
        border.pack([given])
    assert says in str(caught.value)


def test_tuples_in() -> None:
    border = marshaller({"ct": TupleType((F64, I64))}, {"out": F64})
    assert list(border.pack([(1.0, 2)]).slots)[:2] == [bits(1.0), 2]
    with pytest.raises(errors.TypeError, match="expected a tuple"):
        border.pack([1.0])


def test_extents_must_agree() -> None:
    border = marshaller({"x": MATRIX, "y": VECTOR}, {"out": F64}, BY_X)
    border.pack([np.ones((5, 2)), np.ones(5)])
    with pytest.raises(errors.ShapeError) as caught:
        border.pack([np.ones((5, 2)), np.ones(4)])
    assert str(caught.value) == (
        "`y` of `f` has extent 4 in axis 0, expected n = 5 (from axis 0 of `x`)"
    )


def test_extent_expressions() -> None:
    twice = Poly.constant(2) * N + Poly.constant(1)
    inputs = {"x": VECTOR, "y": ArrayType(F64, (twice * D,)), "z": ArrayType(F64, (D,))}
    bindings = (Binding("n", "x", (), 0), Binding("d", "z", (), 0))
    border = marshaller(inputs, {"out": F64}, bindings)
    border.pack([np.ones(2), np.ones(15), np.ones(3)])
    with pytest.raises(errors.ShapeError) as caught:
        border.pack([np.ones(2), np.ones(14), np.ones(3)])
    assert "expected 2*d*n + d = 15 (d from axis 0 of `z`, n from axis 0 of `x`)" in str(
        caught.value
    )


def test_linear_bindings() -> None:
    type_ = ArrayType(F64, (Poly.constant(2) * N,))
    border = marshaller({"x": type_}, {"out": VECTOR}, (Binding("n", "x", (), 0, 2),))
    assert border.pack([np.ones(6)]).outputs[0].shape == (3,)
    with pytest.raises(errors.ShapeError, match="is not 2\\*n for any n >= 0"):
        border.pack([np.ones(5)])


def test_dimension_bound_to_an_integer_parameter() -> None:
    inputs = {"n": I64, "x": ArrayType(F64, (N + Poly.constant(1),))}
    border = marshaller(inputs, {"out": VECTOR}, (Binding("n", "", (), 0),))
    assert border.pack([2, np.ones(3)]).outputs[0].shape == (2,)
    with pytest.raises(errors.ShapeError, match="n from the argument `n`"):
        border.pack([3, np.ones(3)])
    with pytest.raises(errors.ShapeError, match="would have extent n = -1 in axis 0"):
        border.pack([-1, np.ones(0)])


def test_constant_extent() -> None:
    border = marshaller({"x": ArrayType(F64, (Poly.constant(3),))}, {"out": F64})
    with pytest.raises(errors.ShapeError, match=r"has extent 2 in axis 0, expected 3$"):
        border.pack([np.ones(2)])


def test_results_too_large_for_memory() -> None:
    border = marshaller({"n": I64}, {"out": VECTOR}, (Binding("n", "", (), 0),))
    for count in (2**62, 2**50):
        with pytest.raises(errors.OutOfMemoryError, match="no memory for `out`"):
            border.pack([count])


def test_zero_size() -> None:
    border = marshaller({"x": MATRIX}, {"out": VECTOR}, BY_X)
    frame = border.pack([np.ones((0, 3))])
    assert list(frame.slots)[:2] == [0, 3]
    assert border.unpack(frame).shape == (0,)


def test_holds_nan() -> None:
    border = marshaller({"x": VECTOR}, {"s": F64, "v": VECTOR}, (Binding("n", "x", (), 0),))
    frame = border.pack([np.ones(3)])
    frame.outputs[0][:] = np.inf
    assert not border.holds_nan(frame)
    frame.outputs[0][1] = np.nan
    assert border.holds_nan(frame)
    frame.outputs[0][1] = 0.0
    frame.slots[3] = bits(np.nan)
    assert border.holds_nan(frame)


def test_leaves_that_do_not_cross_are_zero() -> None:
    record = RecordType("Model", (N,), (("w", VECTOR), ("b", F64), ("k", I64)))
    made = signature({"x": VECTOR}, {"g": record}, (Binding("n", "x", (), 0),))
    only_w = replace(made.results[0], leaves=made.results[0].leaves[:1])
    classes = {class_key(record): make_class(record, "test")}
    border = Marshaller(replace(made, results=(only_w,)), classes)
    frame = border.pack([np.ones(2)])
    assert len(frame.slots) == 3
    assert border.unpack(frame).b == 0.0
    assert type(border.unpack(frame).k) is int
