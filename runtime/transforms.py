"""`grad`, `value_and_grad`, `jvp`, `vjp`: functions in, functions out, to any depth."""

from typing import Any

from dpc.dsl.types import leaves
from dpc.runtime import errors
from dpc.runtime.function import Function
from dpc.runtime.origin import Derivative
from dpc.runtime.values import is_differentiable
from dpc.runtime.wrt import Wrt, resolved


def grad(f: Function, wrt: Wrt = None, **options: Any) -> Function:
    """The gradient of a function with a float result.

    `wrt`: a parameter by name or position, a field (`"m.w"`), or a tuple of these, which gives a
    named tuple; by default the first parameter that holds floats.
    """
    return _scalar(f, "grad", wrt, options)


def value_and_grad(f: Function, wrt: Wrt = None, **options: Any) -> Function:
    """The function with results (value, gradient); `wrt` as for `grad`."""
    return _scalar(f, "value_and_grad", wrt, options)


def jvp(f: Function, wrt: Wrt = None, **options: Any) -> Function:
    """Forward mode: `jvp(f)(args..., *tangents)` is (value, tangent).

    `wrt`: the parameters that have a tangent, by default all that hold floats.
    """
    return _general(f, "jvp", wrt, options)


def vjp(f: Function, wrt: Wrt = None, **options: Any) -> Function:
    """Reverse mode: `vjp(f)(args..., cotangent)` is (value, cotangents); `wrt` as for `jvp`."""
    return _general(f, "vjp", wrt, options)


def _scalar(f: Function, transform: str, wrt: Wrt, options: dict[str, Any]) -> Function:
    """A transform that needs a float scalar as result."""
    _require_function(f, transform)
    results = f.signature.results
    found = [leaf.type for slot in results for leaf in leaves(slot.type)]
    if f.signature.tree != 0 or len(found) != 1 or str(found[0]) not in ("f64", "f32"):
        raise errors.TypeError(
            f"dpc.{transform} needs a function with a float scalar as result; `{f.__name__}`"
            f" returns {f.result_text}. Use dpc.vjp or dpc.jvp"
        )
    return _derived(f, transform, wrt, options)


def _general(f: Function, transform: str, wrt: Wrt, options: dict[str, Any]) -> Function:
    """A transform that needs floats somewhere in the result."""
    _require_function(f, transform)
    if not any(is_differentiable(slot) for slot in f.signature.results):
        raise errors.TypeError(
            f"dpc.{transform} needs a function with floats in its result; `{f.__name__}`"
            f" returns {f.result_text}"
        )
    return _derived(f, transform, wrt, options)


def _derived(f: Function, transform: str, wrt: Wrt, options: dict[str, Any]) -> Function:
    return f.derived(Derivative(f.origin, transform, resolved(f.signature, wrt)), options)


def _require_function(f: object, transform: str) -> None:
    if not isinstance(f, Function):
        raise errors.TypeError(
            f"dpc.{transform} takes a dpc.Function (a function of a dpc.load'ed module),"
            f" not {type(f).__name__}"
        )
