"""Positional, keyword and default arguments."""

import inspect
from typing import Any

import pytest

from dpc.runtime import errors
from dpc.runtime.binding import Arguments, inspectable
from tests.runtime.signatures import F64, VECTOR, signature

PLAIN = signature({"x": VECTOR, "y": F64}, {"out": F64})
DEFAULTED = signature({"x": F64, "lam": F64}, {"out": F64}, defaults={"lam": 0.5})
TANGENTS = signature(
    {"x": F64, "lam": F64, "d_x": F64, "d_lam": F64}, {"out": F64}, defaults={"lam": 0.5}
)


@pytest.mark.parametrize(
    ("made", "args", "kwargs", "expected"),
    [
        (PLAIN, (1, 2), {}, [1, 2]),
        (PLAIN, (1,), {"y": 2}, [1, 2]),
        (PLAIN, (), {"y": 2, "x": 1}, [1, 2]),
        (DEFAULTED, (1,), {}, [1, 0.5]),
        (DEFAULTED, (1, 2), {}, [1, 2]),
        (DEFAULTED, (), {"x": 1}, [1, 0.5]),
        (TANGENTS, (1, 2, 3, 4), {}, [1, 2, 3, 4]),
        (TANGENTS, (1, 3, 4), {}, [1, 0.5, 3, 4]),
        (TANGENTS, (1,), {"d_x": 3, "d_lam": 4}, [1, 0.5, 3, 4]),
    ],
)
def test_bound(made: Any, args: Any, kwargs: Any, expected: list[Any]) -> None:
    assert list(Arguments(made).bind(args, kwargs)) == expected


@pytest.mark.parametrize(
    ("made", "args", "kwargs", "says"),
    [
        (PLAIN, (1,), {}, "`f` needs a value for `y`"),
        (PLAIN, (), {}, "`f` needs values for `x`, `y`"),
        (PLAIN, (1, 2, 3), {}, "`f` takes 2 arguments (x, y), 3 given"),
        (PLAIN, (1, 2), {"y": 3}, "`f` got two values for `y`"),
        (DEFAULTED, (1,), {"lan": 3}, "`f` has no parameter `lan`; did you mean `lam`?"),
        (signature({}, {"out": F64}), (1,), {}, "`f` takes 0 arguments, 1 given"),
    ],
)
def test_refused(made: Any, args: Any, kwargs: Any, says: str) -> None:
    with pytest.raises(errors.TypeError) as caught:
        Arguments(made).bind(args, kwargs)
    assert str(caught.value) == says


def test_inspectable() -> None:
    assert str(inspectable(DEFAULTED)) == "(x: 'f64', lam: 'f64' = 0.5) -> 'f64'"
    parameters = inspectable(TANGENTS).parameters
    assert all(p.default is inspect.Parameter.empty for p in parameters.values())
