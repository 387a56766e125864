"""What may be passed for a scalar and for an array, and what the refusals say."""

import array as buffers
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from dpc.dsl.types import BOOL, F32, F64, I32, I64, ArrayType, ScalarType
from dpc.runtime import errors
from dpc.runtime.arguments import Place, converter
from tests.runtime.signatures import MATRIX, N


def convert(type_: ScalarType | ArrayType, value: Any) -> Any:
    return converter(Place("f", "x", type_))(value)


def vector(element: ScalarType) -> ArrayType:
    return ArrayType(element, (N,))


class Torch:
    """Has `__array__` and nothing else, as arrays of other libraries."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array([1.0, 2.0])


class Exported:
    """Has DLPack and nothing else."""

    def __init__(self) -> None:
        self._array = np.array([1.0, 2.0])

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


class Index:
    """An integer by `__index__`."""

    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (F64, 2, 2.0),
        (F64, True, 1.0),
        (F64, np.float32(0.5), 0.5),
        (F64, np.int64(3), 3.0),
        (F64, np.array(4.0), 4.0),
        (F64, float("nan"), float("nan")),
        (F32, 0.1, float(np.float32(0.1))),
        (F32, 1e300, float("inf")),
        (I64, -3, -3),
        (I64, True, 1),
        (I64, np.int32(5), 5),
        (I64, np.array(5), 5),
        (I64, Index(), 7),
        (I32, 2**31 - 1, 2**31 - 1),
        (BOOL, True, True),
        (BOOL, np.bool_(False), False),
    ],
)
def test_scalar_accepted(type_: ScalarType, value: Any, expected: Any) -> None:
    result = convert(type_, value)
    assert type(result) is type(expected)
    np.testing.assert_equal(result, expected)


@pytest.mark.parametrize(
    ("type_", "value", "says"),
    [
        (F64, "1.0", "given an object of type str"),
        (F64, None, "given None"),
        (F64, 1j, "no complex numbers"),
        (F64, [1.0], "an array of one element is not a scalar"),
        (F64, np.ones(1), "shape (1,)"),
        (F64, 10**400, "too large for a float"),
        (F64, np.ones(3), "with shape (3,); it has 1 axis"),
        (F64, np.ones(1), "pass x.item()"),
        (F64, Decimal(1), "type Decimal; convert it: float(x)"),
        (F32, np.float64(1.0), "float64 does not widen to float32"),
        (I64, 1.0, "write int(x)"),
        (I64, np.float64(1.0), "does not widen to int64"),
        (I64, 2**63, "i64 holds"),
        (I32, -(2**31) - 1, "i32 holds"),
        (I32, np.int64(1), "int64 does not widen to int32"),
        (I64, np.uint64(1), "uint64 does not widen to int64"),
        (BOOL, 1, "a number is not a bool"),
        (BOOL, np.int64(1), "does not widen to bool"),
    ],
)
def test_scalar_refused(type_: ScalarType, value: Any, says: str) -> None:
    with pytest.raises(errors.TypeError, match="`x` of `f`: expected") as caught:
        convert(type_, value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (vector(F64), [1, 2]),
        (vector(F64), (1.0, True)),
        (vector(F64), [np.float32(1.0), np.float32(2.0)]),
        (vector(F64), np.array([1, 2])),
        (vector(F64), np.array([1.0, 2.0], ">f8")),
        (vector(F64), np.array([1.0, 0.0, 2.0])[::2]),
        (vector(F64), np.array([1.0, 2.0], np.float16)),
        (vector(F64), np.array([True, False])),
        (vector(F64), Torch()),
        (vector(F64), Exported()),
        (vector(F64), buffers.array("d", [1.0, 2.0])),
        (vector(F64), np.array([1.0, 2.0]).data),
        (vector(F32), [0.1, 0.2]),
        (vector(I64), np.array([1, 2], np.uint32)),
        (vector(I32), [1, -2]),
        (vector(BOOL), [True, False]),
        (MATRIX, [[1, 2], [3, 4]]),
        (MATRIX, np.asfortranarray(np.arange(6.0).reshape(2, 3))),
        (MATRIX, np.arange(6.0).reshape(2, 3).T),
        (MATRIX, np.broadcast_to(np.array([1.0, 2.0]), (3, 2))),
        (MATRIX, [np.array([1.0, 2.0]), np.array([3.0, 4.0])]),
    ],
)
def test_array_accepted(type_: ArrayType, value: Any) -> None:
    result = convert(type_, value)
    assert (
        result.dtype
        == {"f64": "f8", "f32": "f4", "i64": "i8", "i32": "i4", "bool": "?"}[type_.element.name]
    )
    assert result.dtype.isnative
    assert result.flags.c_contiguous
    assert result.flags.aligned
    expected = np.asarray([1.0, 2.0] if isinstance(value, Exported) else value)
    np.testing.assert_array_equal(result, expected.astype(result.dtype))


def test_right_array_is_not_copied() -> None:
    given = np.arange(3.0)
    assert convert(vector(F64), given) is given
    given.flags.writeable = False
    assert np.shares_memory(convert(vector(F64), given), given)


def test_unaligned_array_is_copied() -> None:
    given = np.frombuffer(bytes(17), np.uint8)[1:].view(np.float64)
    result = convert(vector(F64), given)
    assert result.flags.aligned
    np.testing.assert_array_equal(result, given)


def test_empty_list() -> None:
    assert convert(vector(I64), []).shape == (0,)
    assert convert(ArrayType(F32, (N, N)), [[], []]).shape == (2, 0)


@pytest.mark.parametrize(
    ("type_", "make", "says"),
    [
        (vector(F64), lambda: 1.0, "it has no axis, not 1"),
        (vector(F64), lambda: np.ones((2, 2)), "it has 2 axes, not 1"),
        (MATRIX, lambda: np.ones(2), "it has 1 axis, not 2"),
        (vector(F64), lambda: np.ones(2) * 1j, "no complex numbers"),
        (vector(F64), lambda: np.ones(2, np.longdouble), "does not widen to float64"),
        (vector(F64), lambda: np.array([1.0, None]), "object array"),
        (vector(F64), lambda: np.ma.masked_array([1.0, 2.0], [False, True]), "masked array"),
        (vector(F64), lambda: np.array(["a"]), "strings are not numbers"),
        (vector(F64), lambda: ["a", "b"], "strings are not numbers"),
        (vector(F64), lambda: "ab", "type str"),
        (vector(F64), lambda: [[1.0], [1.0, 2.0]], "rows differ in length"),
        (vector(F64), lambda: {1.0}, "type set"),
        (vector(F64), lambda: np.array(["2020"], "M8[s]"), "dates are not numbers"),
        (vector(F64), lambda: (x for x in [1.0]), "make a list or an array of it"),
        (vector(F64), lambda: [Decimal(1)], "object array"),
        (vector(F32), lambda: np.ones(2), "float64 does not widen to float32"),
        (vector(F32), lambda: [np.float64(1.0)], "float64 does not widen to float32"),
        (vector(I64), lambda: [1.0, 2.0], "its elements are float64"),
        (vector(I64), lambda: np.ones(2), "float64 does not widen to int64"),
        (vector(I32), lambda: [2**31], "lies outside"),
        (vector(I64), lambda: [2**63], "lies outside"),
        (vector(BOOL), lambda: [1, 0], "its elements are int64"),
    ],
)
def test_array_refused(type_: ArrayType, make: Callable[[], Any], says: str) -> None:
    with pytest.raises(errors.TypeError, match="`x` of `f`: expected") as caught:
        convert(type_, make())
    assert says in str(caught.value)
