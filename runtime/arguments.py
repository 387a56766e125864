"""One value of the caller, a scalar or an array, made ready for native code or refused kindly.

Exit: a Python `float`, `int` or `bool` that fits its type exactly, or a NumPy array in native byte
order, C order, aligned, of the expected dtype and rank. The caller's own data is never written.
NumPy's rule decides what may be converted: `np.can_cast(given, expected, "safe")`; bare Python
numbers (and lists of them) adapt to any float type, integers are checked against their range.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dpc.dsl.types import ArrayType, ScalarType, element_of
from dpc.runtime import errors

DTYPES: dict[str, np.dtype[Any]] = {
    "f64": np.dtype(np.float64),
    "f32": np.dtype(np.float32),
    "i64": np.dtype(np.int64),
    "i32": np.dtype(np.int32),
    "bool": np.dtype(np.bool_),
}
RANGES = {"i64": (-(2**63), 2**63 - 1), "i32": (-(2**31), 2**31 - 1)}
Array = NDArray[Any]
Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Place:
    """What a value is for: the function, the parameter (`x`, `m.w`) and its type."""

    function: str
    name: str
    type: ScalarType | ArrayType

    def refuse(self, value: Any, hint: str = "") -> errors.TypeError:
        """The error that says what was expected and what was given."""
        text = f"`{self.name}` of `{self.function}`: expected {self.type}, given {describe(value)}"
        return errors.TypeError(f"{text}; {hint}" if hint else text)


def describe(value: Any) -> str:
    """A value in a few words, for messages."""
    if value is None:
        return "None"
    if isinstance(value, np.ma.MaskedArray):
        return "a masked array"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return f"a 0-dimensional array of {value.dtype}"
        return f"an array of {value.dtype} with shape {value.shape}"
    if isinstance(value, np.generic):
        return f"a NumPy scalar of {value.dtype}"
    if isinstance(value, bool | int | float | complex):
        text = repr(value)
        return f"the {type(value).__name__} {text if len(text) <= 24 else text[:20] + '...'}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"an object of type {type(value).__name__}"


def converter(place: Place) -> Converter:
    """The function that converts values for a place; its first line is the fast path."""
    if isinstance(place.type, ArrayType):
        return _array_converter(place, DTYPES[place.type.element.name], place.type.rank)
    if place.type.name == "f64":

        def to_float(value: Any) -> float:
            if type(value) is float:
                return value
            return float(_scalar(place, value))

        return to_float
    if place.type.name == "f32":
        # Rounded here, as packing refuses what overflows instead of making it infinite.
        return lambda value: float(_round_f32(_scalar(place, value)))
    return lambda value: _scalar(place, value)


def _round_f32(value: float) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(value)


def _array_converter(place: Place, dtype: np.dtype[Any], rank: int) -> Converter:
    def to_array(value: Any) -> Any:
        # `carray`: C order, aligned and (a detail of NumPy's flag) writeable.
        right = type(value) is np.ndarray and value.dtype is dtype and value.ndim == rank
        if right and value.flags.carray:
            return value
        return _array(place, value, dtype, rank)

    return to_array


# --- scalars ---------------------------------------------------------------------------------


def _scalar(place: Place, value: Any) -> bool | int | float:
    """Any accepted value as the Python scalar of the place's type."""
    kind = element_of(place.type)
    if not isinstance(value, bool | int | float) or isinstance(value, np.generic):
        array = _foreign(place, value)
        if array.ndim:
            one = "an array of one element is not a scalar: pass x.item()"
            raise place.refuse(value, one if array.size == 1 else f"it has {_axes(array.ndim)}")
        _require_safe(place, value, array.dtype, DTYPES[kind.name])
        value = array.item()
    assert isinstance(value, bool | int | float)
    return _python_scalar(place, kind, value)


def _python_scalar(place: Place, kind: ScalarType, value: bool | int | float) -> bool | int | float:
    if kind.is_float:
        try:
            return float(value)
        except OverflowError:
            raise place.refuse(value, "it is too large for a float") from None
    if kind.name == "bool":
        if isinstance(value, bool):
            return value
        raise place.refuse(value, "a number is not a bool; write `x != 0`")
    if isinstance(value, float):
        raise place.refuse(value, "a float does not become an integer silently; write int(x)")
    low, high = RANGES[kind.name]
    if not low <= value <= high:
        raise place.refuse(value, f"{kind} holds {low} to {high}")
    return int(value)


# --- arrays ----------------------------------------------------------------------------------


def _array(place: Place, value: Any, dtype: np.dtype[Any], rank: int) -> Array:
    """Any accepted value as a new or shared array that native code can read."""
    if isinstance(value, list | tuple):
        array = _from_sequence(place, value, dtype)
    else:
        array = _foreign(place, value)
        _require_safe(place, value, array.dtype, dtype)
    if array.ndim != rank:
        raise place.refuse(value, f"it has {_axes(array.ndim)}, not {rank}")
    array = np.asarray(array, dtype=dtype, order="C")
    return array if array.flags.aligned else array.copy()


def _axes(rank: int) -> str:
    return {0: "no axis", 1: "1 axis"}.get(rank, f"{rank} axes")


def _foreign(place: Place, value: Any) -> Array:
    """Arrays of any library, buffers and scalars of any kind as a NumPy array."""
    if isinstance(value, np.ma.MaskedArray):
        raise place.refuse(value, "fill it first: x.filled(value)")
    if isinstance(value, str | bytes | None | set | dict):
        raise place.refuse(value)
    try:
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
            array = np.from_dlpack(value)
        else:
            array = np.asarray(value)
    except Exception as error:
        raise place.refuse(value, str(error)) from error
    if array.dtype.kind == "O" and array.ndim == 0 and hasattr(value, "__index__"):
        return np.asarray(value.__index__())
    return array


def _from_sequence(place: Place, value: Any, dtype: np.dtype[Any]) -> Array:
    """A list or tuple, nested at will, of numbers or of arrays."""
    try:
        array = np.array(value)
    except ValueError as error:
        raise place.refuse(value, "its rows differ in length or it holds no numbers") from error
    except Exception as error:
        raise place.refuse(value, str(error)) from error
    if array.size == 0:
        return array.astype(dtype)
    first = value
    while isinstance(first, list | tuple):
        first = first[0]
    if isinstance(first, np.generic | np.ndarray) or array.dtype.kind not in "biuf":
        _require_safe(place, value, array.dtype, dtype)
        return array
    _require_weak(place, value, array, dtype)
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def _require_weak(place: Place, value: Any, array: Array, dtype: np.dtype[Any]) -> None:
    """Raise unless bare Python numbers, now `array`, adapt to a dtype: bool to int to float."""
    ranks = {"b": 0, "i": 1, "u": 1, "f": 2}
    if ranks[array.dtype.kind] > ranks[dtype.kind]:
        raise place.refuse(value, f"its elements are {array.dtype}")
    if dtype.kind == "i":
        low, high = RANGES[element_of(place.type).name]
        if int(array.min()) < low or int(array.max()) > high:
            raise place.refuse(value, f"an element lies outside of {low} to {high}")


def _require_safe(place: Place, value: Any, given: np.dtype[Any], expected: np.dtype[Any]) -> None:
    """Raise unless every value of dtype `given` is kept by `expected`."""
    if given.kind in "biuf" and np.can_cast(given, expected, "safe"):
        return
    hints = {
        "c": "dp has no complex numbers; pass the real and the imaginary part",
        "O": _no_numbers(value),
        "M": "dates are not numbers",
        "m": "durations are not numbers; divide by a unit",
        "U": "strings are not numbers",
        "S": "strings are not numbers",
    }
    fallback = (
        f"{given} does not widen to {expected} safely; convert with .astype({str(expected)!r})"
    )
    raise place.refuse(value, hints.get(given.kind, fallback))


def _no_numbers(value: Any) -> str:
    """What to do about what NumPy takes for an object."""
    if isinstance(value, np.ndarray | list | tuple):
        return "an object array holds no numbers of one type; give it a dtype"
    if hasattr(value, "__float__"):
        return "convert it: float(x)"
    return "make a list or an array of it" if hasattr(value, "__iter__") else "it is no number"
