"""Gradients by forward mode: what reverse mode yields, as code that reverse mode can differentiate.

    x_bar[i] = <y_bar, J e_i>

one tangent for each element of each active input. Reverse code holds tapes and is only ever
differentiated forward; this holds none. It stands for the gradients inside a function that is
itself differentiated in reverse, at the cost of one run of the function for each element.

On entry and exit: as for `reverse.vjp`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.layout import (
    Argument,
    active_inputs,
    arguments,
    companion,
    distinct,
    extents_of,
    is_buffer,
)
from dpc.compiler.ad.required import require_once
from dpc.compiler.analysis.callees import Callees
from dpc.compiler.dialects import func
from dpc.compiler.ir.core import Function, Parameter, Value
from dpc.compiler.ir.rewrite import clone_ops
from dpc.compiler.ir.types import MemRefType, Type, holds_float, is_float


def vjp_by_forward(function: Function, active: tuple[bool, ...]) -> Function:
    """The function with gradients of the active inputs for given cotangents of its results."""
    require_once(function)
    layout = {
        role: tuple((p, Value(v.type, None, v.name)) for p, v in arguments(function, role))
        for role in ("dimension", "input", "output")
    }
    given = (*layout["dimension"], *layout["input"])
    inputs = active_inputs(function, active)
    gradients = {a[1]: companion(a, "d", "output") for a in inputs if is_buffer(a[1])}
    cotangents = _cotangents(function)
    emit = Emit(function.span)
    every = tuple(v for _, v in (*given, *layout["output"]))
    callees = Callees()
    own = callees.adopt(function)
    results = inlined(emit, own, dict(zip(own.arguments, every, strict=True)))
    scalars: list[Value] = []
    for position, (_, value) in enumerate(arguments(function, "input")):
        if value not in {v for _, v in inputs}:
            continue
        flags = tuple(i == position for i in range(len(active)))
        tangent = callees.adopt(jvp(function, flags, tapes=False))
        along = _Along(tangent, tuple(v for _, v in given), cotangents)
        if value not in gradients:
            scalars.append(along.scalar(emit, value))
        else:
            along.array(emit, value, gradients[value][1])
    emit.add(func.Return((*results, *scalars)))
    arguments_ = (*given, *cotangents, *layout["output"], *gradients.values())
    made = Function(
        f"vjp_{function.name}",
        tuple(p for p, _ in distinct(arguments_)),
        tuple(v.type for v in (*results, *scalars)),
        emit.block(tuple(v for _, v in arguments_)),
        function.span,
    )
    return callees.given_to(made)


def inlined(emit: Emit, function: Function, env: dict[Value, Value]) -> tuple[Value, ...]:
    """Emit a function's body on other arguments; the values it returns."""
    ops = clone_ops(function.body.ops[:-1], env)
    for op in ops:
        emit.add(op)
    return tuple(env.get(v, v) for v in function.body.terminator.operands)


def _cotangents(function: Function) -> tuple[Argument, ...]:
    floats = [t for t in function.result_types if is_float(t)]
    scalars = tuple((Parameter(f"ct_{i}"), Value(t)) for i, t in enumerate(floats))
    outputs = (a for a in arguments(function, "output") if holds_float(a[1].type))
    return (*scalars, *(companion(a, "ct", "input") for a in outputs))


@dataclass(frozen=True, slots=True)
class _Along:
    """Forward mode along one input: `given` are the arguments before the tangent."""

    tangent: Function
    given: tuple[Value, ...]
    cotangents: tuple[Argument, ...]

    def scalar(self, emit: Emit, value: Value) -> Value:
        """The cotangent of a scalar input."""
        return self.product(emit, emit.constant(1.0, value.type))

    def array(self, emit: Emit, value: Value, gradient: Value) -> None:
        """Fill the gradient of an array input."""
        type_ = value.type
        assert isinstance(type_, MemRefType)
        known = self.tangent.arguments[len(self.given)]
        env = self.environment()
        extents = tuple(
            e if isinstance(e, int) else env[e] for e in extents_of(self.tangent, known)
        )
        direction = emit.alloc(type_, extents)
        emit.zero(direction)

        def element(inner: Emit, indices: tuple[Value, ...]) -> None:
            inner.store(inner.constant(1.0, type_.element), direction, indices)
            inner.store(self.product(inner, direction), gradient, indices)
            inner.store(inner.constant(0.0, type_.element), direction, indices)

        emit.each(extents, element)

    def environment(self) -> dict[Value, Value]:
        """What the arguments before the tangent are."""
        return dict(zip(self.tangent.arguments, self.given, strict=False))

    def product(self, emit: Emit, direction: Value) -> Value:
        """<y_bar, J direction>."""
        env = self.environment()
        env[self.tangent.arguments[len(self.given)]] = direction
        outputs = [v for _, v in arguments(self.tangent, "output")]
        extents: Mapping[Value, tuple[int | Value, ...]] = {
            v: tuple(e if isinstance(e, int) else env[e] for e in extents_of(self.tangent, v))
            for v in outputs
        }
        for output in outputs:
            assert isinstance(output.type, MemRefType)
            env[output] = emit.alloc(output.type, extents[output])
        results = inlined(emit, self.tangent, env)
        count = sum(not is_buffer(v) for _, v in self.cotangents)
        total = emit.constant(0.0, _element(direction))
        dots = results[len(results) - count :]
        for (_, cotangent), dot in zip(self.cotangents[:count], dots, strict=True):
            total = emit.addf(total, emit.mulz(dot, cotangent))
        arrays = self.cotangents[count:]
        for (_, cotangent), output in zip(arrays, outputs[len(outputs) - len(arrays) :]):
            total = emit.addf(total, _dot(emit, env[output], cotangent, extents[output]))
        return total


def _dot(emit: Emit, dots: Value, weights: Value, extents: tuple[int | Value, ...]) -> Value:
    """The sum of the products of two arrays' elements; the first one's are overwritten."""

    def element(inner: Emit, indices: tuple[Value, ...]) -> None:
        product = inner.mulz(inner.load(dots, indices), inner.load(weights, indices))
        inner.store(product, dots, indices)

    emit.each(extents, element)
    return emit.total(dots, extents)


def _element(value: Value) -> Type:
    return value.type.element if isinstance(value.type, MemRefType) else value.type
