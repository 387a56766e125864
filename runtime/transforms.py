"""Functions in, functions out, to any depth.

`grad`, `value_and_grad`, `jvp`, `vjp`, `jacobian`, `hessian`, `hvp`, `vmap`.
"""

from functools import partial
from typing import Any, Literal, overload

from dpc.dsl.types import leaves
from dpc.runtime import errors
from dpc.runtime.axes import InAxes, leaf_axes
from dpc.runtime.function import Function
from dpc.runtime.generic import GenericFunction
from dpc.runtime.origin import Batched, Derivative
from dpc.runtime.sparse import SparseDerivative
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


@overload
def jacobian(
    f: Function, wrt: Wrt = None, mode: str = "auto", sparse: Literal[False] = False, **options: Any
) -> Function: ...
@overload
def jacobian(
    f: Function, wrt: Wrt = None, mode: str = "auto", *, sparse: Literal[True], **options: Any
) -> SparseDerivative: ...
def jacobian(
    f: Function, wrt: Wrt = None, mode: str = "auto", sparse: bool = False, **options: Any
) -> Function | SparseDerivative:
    """The Jacobian: the shape of the result, then that of the parameter.

    `wrt`: as for `grad`. Tuples and records of results or parameters give tuples and records of
    Jacobians, results outside. `mode`: "forward" (by columns, several at once), "reverse" (by
    rows), or "auto", which takes what has less to do. `sparse`: results are `scipy.sparse` arrays
    of two axes, stored by the function itself or computed by colouring (`plan()` says which);
    not to be differentiated further.
    """
    if mode not in MODES:
        raise errors.Error(f"mode is {', '.join(map(repr, MODES))}, not {mode!r}")
    if not sparse:
        return _general(f, "jacobian", wrt, options, mode)
    _require_floats(f, "jacobian")
    return _sparse(f.options(**options), f"jacobian({f.__name__})", wrt, mode)


@overload
def hessian(
    f: Function, wrt: Wrt = None, sparse: Literal[False] = False, **options: Any
) -> Function: ...
@overload
def hessian(
    f: Function, wrt: Wrt = None, *, sparse: Literal[True], **options: Any
) -> SparseDerivative: ...
def hessian(
    f: Function, wrt: Wrt = None, sparse: bool = False, **options: Any
) -> Function | SparseDerivative:
    """The second derivatives of a function with a float result; `wrt` as for `grad`.

    Several names give a named tuple of named tuples. `sparse` as for `jacobian`.
    """
    if not sparse:
        return _scalar(f, "hessian", wrt, options)
    _require_scalar(f, "hessian")
    return _sparse(grad(f, wrt, **options), f"hessian({f.__name__})", wrt, "symmetric")


def _sparse(f: Function, name: str, wrt: Wrt, mode: str) -> SparseDerivative:
    if f.signature.result_dimensions:
        raise errors.TypeError(
            f"`{name}` has no pattern: the extent of its result is known only when it has run"
        )
    return SparseDerivative(f, name, resolved(f.signature, wrt), mode)


def hvp(f: Function, wrt: Wrt = None, **options: Any) -> Function:
    """The Hessian times a direction: `hvp(f)(args..., v)` without making the Hessian.

    `wrt` as for `grad`; several names take a direction each and give a named tuple.
    """
    return _scalar(f, "hvp", wrt, options)


def vmap(f: Function, in_axes: InAxes = 0, **options: Any) -> Function:
    """The function over many examples, in one native loop; results have the examples first.

    `in_axes`: which axis of each argument counts the examples: one number for all, a tuple with one
    entry for each parameter, or a dictionary by name or field; None where all examples share the
    argument.
    """
    _require_function(f, "vmap")
    if f.signature.result_dimensions:
        named = "`, `".join(f.signature.result_dimensions)
        raise errors.TypeError(
            f"dpc.vmap can't stack the results of `{f.__name__}`: their extent `{named}` is known"
            " only when it has run, and may differ from example to example"
        )
    return f.derived(Batched(f.origin, leaf_axes(f.signature, in_axes)), options)


_INSTEAD = {
    "hessian": "dpc.jacobian(dpc.jacobian(f)) has the second derivatives of any function",
    "hvp": "dpc.jvp and dpc.jacobian take functions of any result",
}
MODES = ("auto", "forward", "reverse")


def _scalar(f: Function, transform: str, wrt: Wrt, options: dict[str, Any]) -> Function:
    """A transform that needs a float scalar as result."""
    if isinstance(f, GenericFunction):
        return f.then(transform, partial(_scalar, transform=transform, wrt=wrt, options=options))
    _require_scalar(f, transform)
    return _derived(f, transform, wrt, options)


def _require_scalar(f: Function, transform: str) -> None:
    _require_function(f, transform)
    results = f.signature.results
    found = [leaf.type for slot in results for leaf in leaves(slot.type)]
    if f.signature.tree != 0 or len(found) != 1 or str(found[0]) not in ("f64", "f32"):
        raise errors.TypeError(
            f"dpc.{transform} needs a function with a float scalar as result; `{f.__name__}`"
            f" returns {f.result_text}. {_INSTEAD.get(transform, 'Use dpc.vjp or dpc.jvp')}"
        )


def _general(
    f: Function, transform: str, wrt: Wrt, options: dict[str, Any], mode: str = ""
) -> Function:
    """A transform that needs floats somewhere in the result."""
    if isinstance(f, GenericFunction):
        step = partial(_general, transform=transform, wrt=wrt, options=options, mode=mode)
        return f.then(transform, step)
    _require_floats(f, transform)
    return _derived(f, transform, wrt, options, mode)


def _require_floats(f: Function, transform: str) -> None:
    _require_function(f, transform)
    if not any(is_differentiable(slot) for slot in f.signature.results):
        raise errors.TypeError(
            f"dpc.{transform} needs a function with floats in its result; `{f.__name__}`"
            f" returns {f.result_text}"
        )


def _derived(
    f: Function, transform: str, wrt: Wrt, options: dict[str, Any], mode: str = ""
) -> Function:
    return f.derived(Derivative(f.origin, transform, resolved(f.signature, wrt), mode), options)


def _require_function(f: object, transform: str) -> None:
    if not isinstance(f, Function):
        raise errors.TypeError(
            f"dpc.{transform} takes a dpc.Function (a function of a dpc.load'ed module),"
            f" not {type(f).__name__}"
        )
