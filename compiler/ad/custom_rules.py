"""What differentiation asks of a function with a rule of its own, composed out of the rule.

A rule gives one derivative in the layout of the language, the other one follows by transposition,
for both are linear:

    jvp rule:  x, x_dot -> y, y_dot          forward: as it is
                                             reverse: the gradient of <y_bar, y_dot> by x_dot
    vjp rule:  x, y, y_bar -> x_bar          reverse: as it is
                                             forward: the gradient of <x_dot, x_bar> by y_bar

The layouts of what comes out are those of `dialects.ad.CustomFunction`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dpc.compiler.ad.custom import with_known_values
from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.layout import Argument, arguments, companion, distinct, is_buffer
from dpc.compiler.analysis.callees import Callees
from dpc.compiler.dialects import ad, arith, func, linalg
from dpc.compiler.ir.core import Function, Parameter, Value
from dpc.compiler.ir.rewrite import clone_ops
from dpc.compiler.ir.types import (
    FloatType,
    IndexType,
    IntType,
    MemRefType,
    Type,
    holds_float,
    is_float,
)

# Gradients of a function's flagged inputs: `reverse.vjp`, or `by_forward.vjp_by_forward`.
Transpose = Callable[[Function, tuple[bool, ...]], Function]


@dataclass(slots=True)
class _Made:
    """A function under construction: its arguments by role, and an emitter for its body."""

    function: Function
    emit: Emit = field(init=False)
    callees: Callees = field(default_factory=Callees)
    dimensions: tuple[Argument, ...] = field(init=False)
    inputs: tuple[Argument, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.emit = Emit(self.function.span)
        self.dimensions = _fresh(arguments(self.function, "dimension"))
        self.inputs = _fresh(arguments(self.function, "input"))

    def outputs(self, prefix: str, role: str) -> tuple[Argument, ...]:
        """Arguments for the outputs, or what goes with those that hold floats."""
        given = arguments(self.function, "output")
        if not prefix:
            return tuple((Parameter(p.name, role, p.extents), Value(v.type)) for p, v in given)
        return tuple(companion(a, prefix, role) for a in given if holds_float(a[1].type))

    def scalars(self, prefix: str, floats: bool) -> tuple[Argument, ...]:
        """Arguments for the scalar results, or for the floats among them."""
        types = [t for t in self.function.result_types if is_float(t) or not floats]
        return tuple((Parameter(f"{prefix}_{i}"), Value(t)) for i, t in enumerate(types))

    def given(self) -> tuple[Value, ...]:
        """Dimensions and inputs."""
        return _values((*self.dimensions, *self.inputs))

    def call(
        self, callee: Function, inputs: Iterable[Value | None], outputs: Iterable[Value | None]
    ) -> tuple[Value, ...]:
        """The body of a function with the same dimensions; 0 for inputs, buffers of its own for
        outputs that are None.
        """
        callee = self.callees.adopt(callee)
        env = {
            old: new
            for (_, old), (_, new) in zip(
                arguments(callee, "dimension"), self.dimensions, strict=True
            )
        }
        for (_, old), new in zip(arguments(callee, "input"), inputs, strict=True):
            env[old] = self.zero(callee, old, env) if new is None else new
        for (_, old), new in zip(arguments(callee, "output"), outputs, strict=True):
            env[old] = self.local(callee, old, env) if new is None else new
        for op in clone_ops(callee.body.ops[:-1], env):
            self.emit.add(op)
        return tuple(env.get(v, v) for v in callee.body.terminator.operands)

    def local(self, callee: Function, old: Value, env: dict[Value, Value]) -> Value:
        """A buffer like an argument of the callee."""
        assert isinstance(old.type, MemRefType)
        extents = (e if isinstance(e, int) else env[e] for e in callee.extents(old))
        return self.emit.alloc(old.type, tuple(extents))

    def zero(self, callee: Function, old: Value, env: dict[Value, Value]) -> Value:
        """Zero in the type of an argument of the callee."""
        if not is_buffer(old):
            return self.emit.emit(_zero(old.type))
        buffer = self.local(callee, old, env)
        assert isinstance(buffer.type, MemRefType)
        value = self.emit.emit(_zero(buffer.type.element))
        self.emit.add(linalg.Fill(value, buffer))
        return buffer

    def done(self, name: str, layout: tuple[Argument, ...], returned: Iterable[Value]) -> Function:
        """The function of these arguments after dimensions and inputs."""
        values = tuple(returned)
        self.emit.add(func.Return(values))
        every = distinct((*self.dimensions, *self.inputs, *layout))
        made = Function(
            f"{name}_{self.function.name}",
            tuple(p for p, _ in every),
            tuple(v.type for v in values),
            self.emit.block(_values(every)),
            self.function.span,
        )
        return self.callees.given_to(made)


def forward_of_jvp(primal: Function, rule: Function, layout: ad.RuleLayout) -> Function:
    """The rule's value and tangent."""
    made = _Made(primal)
    tangents = _companions(made.inputs, "d", "input")
    outputs, dots = made.outputs("", "output"), made.outputs("d", "output")
    seeds = (tangents.get(made.inputs[position][1]) for position in layout.carried)
    results = made.call(
        rule,
        (*_values(made.inputs), *(None if seed is None else seed[1] for seed in seeds)),
        (*_values(outputs), *_where_float(_values(outputs), _values(dots))),
    )
    count = len(primal.result_types)
    moved = [v for v in results[count:] if is_float(v.type)]
    arguments_ = (*tangents.values(), *outputs, *dots)
    return made.done("jvp", arguments_, (*results[:count], *moved))


def forward_of_vjp(
    function: ad.CustomFunction,
    primal: Function,
    rule: Function,
    layout: ad.RuleLayout,
    transpose: Transpose,
) -> Function:
    """The value, and the gradient of <x_dot, x_bar> by y_bar."""
    made = _Made(primal)
    tangents = _companions(made.inputs, "d", "input")
    outputs, dots = made.outputs("", "output"), made.outputs("d", "output")
    op = ad.Custom(function, made.given(), _values(outputs), primal.result_types)
    made.emit.add(op)
    known = (*op.results, *_values(outputs))
    own = len(made.inputs) + len(layout.results)
    count = own + len(layout.seeded)
    transposed = transpose(rule, tuple(i >= own for i in range(count)))
    carried = [tangents[v] for p in layout.carried if (v := made.inputs[p][1]) in tangents]
    seeds = sorted(_values(carried), key=is_buffer)
    results = made.call(
        transposed,
        (
            *_values(made.inputs),
            *(known[p] for p in layout.results),
            *(None for _ in layout.seeded),
            *seeds,
        ),
        (*(None for _ in arguments(rule, "output")), *_values(dots)),
    )
    returned = (*op.results, *results[len(rule.result_types) :])
    return made.done("jvp", (*tangents.values(), *outputs, *dots), returned)


def reverse_of_vjp(
    function: ad.CustomFunction, primal: Function, rule: Function, layout: ad.RuleLayout
) -> Function:
    """The rule's cotangents."""
    made = _Made(primal)
    values, bars, gradients, arguments_ = _reverse_arguments(made)
    results = made.call(
        rule,
        (
            *_values(made.inputs),
            *(values[p] for p in layout.results),
            *(bars.get(p) for p in layout.seeded),
        ),
        (gradients.get(v) for p in layout.carried if is_buffer(v := made.inputs[p][1])),
    )
    finished = made.done("vjp", arguments_, (v for v in results if is_float(v.type)))
    return _knowing(function, finished, primal, made.given(), tuple(values))


def reverse_of_jvp(
    function: ad.CustomFunction,
    primal: Function,
    rule: Function,
    layout: ad.RuleLayout,
    transpose: Transpose,
) -> Function:
    """The gradient of <y_bar, y_dot> by x_dot; y is not computed again where the rule calls the
    function itself.
    """
    made = _Made(primal)
    values, bars, gradients, arguments_ = _reverse_arguments(made)
    own, count = len(made.inputs), len(made.inputs) + len(layout.carried)
    transposed = transpose(rule, tuple(i >= own for i in range(count)))
    scalars = len(primal.result_types)
    both = [*range(scalars), *range(scalars)], [*range(scalars, len(values))] * 2
    kinds = [[p for p in part if holds_float(values[p].type)] for part in both]
    seeds = (
        seed
        for part in kinds
        for seed in (
            *(None for _ in part[: len(part) // 2]),
            *map(bars.get, part[len(part) // 2 :]),
        )
    )
    results = made.call(
        transposed,
        (*_values(made.inputs), *(None for _ in layout.carried), *seeds),
        (*(None for _ in arguments(rule, "output")), *gradients.values()),
    )
    returned = results[len(rule.result_types) :]
    finished = made.done("vjp", arguments_, returned)
    return _knowing(function, finished, primal, made.given(), tuple(values))


def _knowing(
    function: ad.CustomFunction,
    made: Function,
    primal: Function,
    given: tuple[Value, ...],
    values: tuple[Value, ...],
) -> Function:
    """The same, where calls of the function on what it is given yield known values."""
    outputs = values[len(primal.result_types) :]
    call = ad.Custom(function, given, outputs, primal.result_types)
    return made.with_body(with_known_values(call, made.body, values))


def _reverse_arguments(
    made: _Made,
) -> tuple[list[Value], dict[int, Value], dict[Value, Value], tuple[Argument, ...]]:
    """The results by number, their cotangents, the gradients by input, all arguments."""
    scalars, arrays = made.scalars("value", floats=False), made.outputs("", "input")
    scalar_bars, array_bars = made.scalars("ct", floats=True), made.outputs("ct", "input")
    gradients = {v: a for v, a in _companions(made.inputs, "d", "output").items() if is_buffer(v)}
    values = [*_values(scalars), *_values(arrays)]
    floats = [p for p, v in enumerate(values) if holds_float(v.type)]
    bars = dict(zip(floats, _values((*scalar_bars, *array_bars)), strict=True))
    arguments_ = (*scalars, *arrays, *scalar_bars, *array_bars, *gradients.values())
    return values, bars, {v: a[1] for v, a in gradients.items()}, arguments_


def _fresh(given: tuple[Argument, ...]) -> tuple[Argument, ...]:
    return tuple((p, Value(v.type, None, v.name)) for p, v in given)


def _values(given: Iterable[Argument]) -> tuple[Value, ...]:
    return tuple(v for _, v in given)


def _companions(inputs: tuple[Argument, ...], prefix: str, role: str) -> dict[Value, Argument]:
    """An argument to go with each input that holds floats."""
    return {a[1]: companion(a, prefix, role) for a in inputs if holds_float(a[1].type)}


def _where_float(
    values: tuple[Value, ...], companions: tuple[Value, ...]
) -> Iterator[Value | None]:
    """The companions of the values that have one, None for the others."""
    rest = iter(companions)
    for value in values:
        yield next(rest) if holds_float(value.type) else None


def _zero(type_: Type) -> arith.Constant:
    assert isinstance(type_, FloatType | IntType | IndexType)
    return arith.Constant(0.0 if is_float(type_) else 0, type_)


__all__ = [
    "Transpose",
    "forward_of_jvp",
    "forward_of_vjp",
    "reverse_of_jvp",
    "reverse_of_vjp",
]
