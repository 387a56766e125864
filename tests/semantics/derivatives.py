"""The derivatives inside the language, by central differences of eighth order.

Right to about ten digits where the function is smooth within 1/16 of the point; nested ones too.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.semantics.records import Record, Records, value_of

STEP = 1.0 / 64.0
_WEIGHTS = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))


def _leaves(value: Any) -> list[Any]:
    """Float scalars and arrays of a value, in order."""
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    if isinstance(value, Record):
        return [leaf for name in value.fields for leaf in _leaves(getattr(value, name))]
    if isinstance(value, Records):
        return [leaf for column in value.columns.values() for leaf in _leaves(column)]
    return [value] if np.asarray(value).dtype.kind == "f" else []


def _flat(value: Any) -> Any:
    """All floats of a value."""
    return np.concatenate([[], *(np.ravel(leaf) for leaf in _leaves(value))])


def _with(value: Any, numbers: list[float]) -> Any:
    """The value with its floats taken from the front of a list; other leaves become zeros."""
    if isinstance(value, tuple):
        return tuple(_with(item, numbers) for item in value)
    if isinstance(value, Record):
        return type(value)(**{n: _with(getattr(value, n), numbers) for n in value.fields})
    if isinstance(value, Records):
        columns = {n: _with(c, numbers) for n, c in value.columns.items()}
        return Records(value.type, columns)
    if np.asarray(value).dtype.kind != "f":
        return value
    taken, numbers[:] = numbers[: np.size(value)], numbers[np.size(value) :]
    return np.reshape(taken, np.shape(value)) if np.ndim(value) else float(taken[0])


def _inactive_zero(value: Any) -> Any:
    """Integers in a derivative are zero."""
    if isinstance(value, Record):
        return type(value)(**{n: _inactive_zero(getattr(value, n)) for n in value.fields})
    if np.asarray(value).dtype.kind in "biu":
        return np.zeros_like(value) if np.ndim(value) else type(value)(0)
    return value


def _moved(value: Any, direction: Any, step: float) -> Any:
    return _with(value, list(_flat(value) + step * np.asarray(direction)))


def _along(function: Callable[[Any], Any], value: Any, direction: Any) -> Any:
    """The derivative of all floats of a result along a direction of a value's floats."""
    total = 0.0
    for count, weight in _WEIGHTS:
        ahead = _flat(function(_moved(value, direction, count * STEP)))
        behind = _flat(function(_moved(value, direction, -count * STEP)))
        total = total + weight * (ahead - behind)
    return total / STEP


def _parameters(function: Any) -> list[str]:
    return list(inspect.signature(getattr(function, "__wrapped__", function)).parameters)


def _bound(function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
    found = inspect.signature(getattr(function, "__wrapped__", function)).bind(*args, **keywords)
    found.apply_defaults()
    return dict(found.arguments)


def _of_parameter(
    function: Any, given: dict[str, Any], path: str
) -> tuple[Callable[[Any], Any], Any]:
    """The function of one parameter or field alone, and its value."""
    name, *fields = path.split(".")

    def value() -> Any:
        found = given[name]
        for field in fields:
            found = getattr(found, field)
        return found

    def call(new: Any) -> Any:
        if not fields:
            return function(**{**given, name: new})
        whole = value_of(given[name])
        owner = whole
        for field in fields[:-1]:
            owner = getattr(owner, field)
        setattr(owner, fields[-1], new)
        return function(**{**given, name: whole})

    return call, value()


def _first_float(given: dict[str, Any]) -> str:
    return next(name for name, value in given.items() if not callable(value) and _leaves(value))


def _gradient(function: Any, given: dict[str, Any], path: str) -> Any:
    call, value = _of_parameter(function, given, path)
    size = len(_flat(value))
    parts = [float(_along(call, value, row)[0]) for row in np.eye(size)]
    return _inactive_zero(_with(value, parts))


def grad(function: Any, wrt: Any = None) -> Any:
    """The gradient; a tuple of names gives a tuple."""
    both = value_and_grad(function, wrt)
    return lambda *args, **keywords: both(*args, **keywords)[1]


def value_and_grad(function: Any, wrt: Any = None) -> Any:
    """The value and the gradient."""

    def call(*args: Any, **keywords: Any) -> Any:
        given = _bound(function, args, keywords)
        paths = wrt or _first_float(given)
        if isinstance(paths, tuple):
            found: Any = tuple(_gradient(function, given, path) for path in paths)
        else:
            found = _gradient(function, given, paths)
        return function(**given), found

    return call


def jacobian(function: Any, wrt: Any = None) -> Any:
    """Derivatives of the result's elements, its axes first."""

    def call(*args: Any, **keywords: Any) -> Any:
        given = _bound(function, args, keywords)
        inner, value = _of_parameter(function, given, wrt or _first_float(given))
        result = function(**given)
        rows = [_along(inner, value, row) for row in np.eye(np.size(value))]
        shape = (*np.shape(result), *np.shape(value))
        columns = np.reshape(rows, (np.size(value), np.size(result))).T
        return np.reshape(columns, shape) if shape else float(columns[0, 0])

    return call


def hessian(function: Any, wrt: Any = None) -> Any:
    """The jacobian of the gradient."""

    def call(*args: Any, **keywords: Any) -> Any:
        path = wrt or _first_float(_bound(function, args, keywords))
        first = grad(function, path)
        first.__wrapped__ = function
        return jacobian(first, path)(*args, **keywords)

    return call


def hvp(function: Any, wrt: Any = None) -> Any:
    """The derivative of the gradient along the last argument."""

    def call(*args: Any) -> Any:
        *rest, direction = args
        given = _bound(function, tuple(rest), {})
        path = wrt or _first_float(given)
        inner, value = _of_parameter(grad(function, path), given, path)
        return _with(value, list(_along(inner, value, _flat(direction))))

    return call


def jvp(function: Any, primals: Any, tangents: Any) -> Any:
    """The value and its derivative along tangents of the float parameters."""
    several = isinstance(primals, tuple)
    given = primals if several else (primals,)
    value = function(*given)
    active = tuple(p for p in given if _leaves(p))
    direction = _flat(tangents if several else (tangents,))

    def call(moved: Any) -> Any:
        parts = iter(moved)
        return function(*(next(parts) if _leaves(p) else p for p in given))

    return value, _with(value, list(np.ravel(_along(call, active, direction))))


def vjp(function: Any, primals: Any, cotangent: Any) -> Any:
    """The value and the cotangents of the float parameters."""
    several = isinstance(primals, tuple)
    given = primals if several else (primals,)
    active = tuple(p for p in given if _leaves(p))
    weights = _flat(cotangent)

    def call(moved: Any) -> Any:
        parts = iter(moved)
        result = function(*(next(parts) if _leaves(p) else p for p in given))
        return float(np.dot(_flat(result), weights))

    size = len(_flat(active))
    parts = [float(_along(call, active, row)[0]) for row in np.eye(size)]
    found = _with(active, parts)
    return function(*given), (found if several else found[0])


DERIVATIVES: dict[str, Any] = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "jacobian": jacobian,
    "hessian": hessian,
    "hvp": hvp,
    "jvp": jvp,
    "vjp": vjp,
}
