"""Derivatives of derivatives: an algebra of functions with labelled arguments and results.

A term is a function with a label on every input, scalar result and output, and what it was made
from. Forward mode adds inputs `dot l` and results `dot l`, reverse mode inputs `bar l` for results
l and results `bar l` for inputs l; `arrange` renames, reorders, drops and fixes.

Generated reverse code is only ever differentiated forward. The cotangents of what reverse mode
made follow by symmetry. Let R = reverse(f): x, y_bar -> y, x_bar = J^T y_bar. For cotangents u of
y and w of x_bar, differentiating <u, f(x)> + <w, J(x)^T y_bar> gives

    x:  J^T u + d/de [J(x + e w)^T y_bar]   and   y_bar:  J w

which are the tangents of x_bar and of y in R along (x_dot, y_bar_dot) = (w, u). Likewise for
D = forward(f): x, x_dot -> y, y_dot = J x_dot where f holds reverse code: cotangents u of y and w
of y_dot have the gradients

    x:  J^T u + d/de [J(x + e x_dot)^T w]   and   x_dot:  J^T w

the tangent of x_bar along (x_dot, u), and x_bar itself, in R at y_bar = w. So both are
forward(reverse(f)) with its arguments and results under other names, to any depth.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.layout import arguments, distinct, extents_of
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.dialects import ad, func, linalg
from dpc.compiler.ir.core import Block, Function, Module, Value
from dpc.compiler.ir.rewrite import clone_ops
from dpc.compiler.ir.types import MemRefType, holds_float, is_float

Label = tuple[object, ...]
Simplify = Callable[[Module], Module]


def unchanged(module: Module) -> Module:
    """Simplifies nothing."""
    return module


@dataclass(frozen=True, slots=True)
class Made:
    """How a term came to be; `active` are the inputs differentiated by.

    reversed_: how its cotangents are made where reverse code is inside, for modes made elsewhere.
    """

    mode: str  # "function", "forward", "reverse", "arranged", "batched", "lanes"
    base: "Term | None" = None
    active: frozenset[Label] = frozenset()
    arrangement: "Arrangement | None" = None
    reversed_: "Reverse | None" = None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """New inputs and results in order, each with the label it has in the base.

    Inputs of the base that are not among them are fixed to a number.
    """

    inputs: dict[Label, Label]
    scalars: dict[Label, Label]
    outputs: dict[Label, Label]
    fixed: dict[Label, float]


@dataclass(slots=True, eq=False)
class Term:
    """A function, labels of its inputs, scalar results and outputs in order, and its making.

    `level` is at least that of every label: transforms mark theirs with the next one.
    """

    function: Function
    inputs: tuple[Label, ...]
    scalars: tuple[Label, ...]
    outputs: tuple[Label, ...]
    level: int
    made: Made
    _simple: Function | None = field(default=None, repr=False)

    @property
    def holds_reverse(self) -> bool:
        """True if reverse mode made any part of it; tangents of a rule may hold tapes too."""
        base = self.made.base
        if base is None:
            return False
        moved = self.made.mode == "forward" and _holds_rules(base.function)
        return self.made.mode == "reverse" or moved or base.holds_reverse

    def float_inputs(self) -> tuple[Label, ...]:
        """Labels of inputs that hold floats."""
        values = arguments(self.function, "input")
        return tuple(
            n for n, (_, v) in zip(self.inputs, values, strict=True) if holds_float(v.type)
        )

    def float_scalars(self) -> tuple[Label, ...]:
        """Labels of float scalar results."""
        types = self.function.result_types
        return tuple(n for n, t in zip(self.scalars, types, strict=True) if is_float(t))

    def float_outputs(self) -> tuple[Label, ...]:
        """Labels of outputs that hold floats."""
        values = arguments(self.function, "output")
        return tuple(
            n for n, (_, v) in zip(self.outputs, values, strict=True) if holds_float(v.type)
        )

    def rename(self, name: str) -> None:
        """Give the function another name."""
        self.function = replace(self.function, name=name)

    def simplified(self, simplify: Simplify) -> Function:
        """The function after `simplify`, which runs once."""
        if self._simple is None:
            (self._simple,) = simplify(Module((self.function,))).functions
        return self._simple


def _holds_rules(function: Function) -> bool:
    everyone = (function, *function.callees)
    return any(isinstance(op, ad.Custom) for f in everyone for op in f.body.walk())


def term_of(function: Function) -> Term:
    """A term of a function as it is, simplified already."""
    inputs = len(arguments(function, "input"))
    outputs = len(arguments(function, "output"))
    return Term(
        function,
        tuple(("in", i) for i in range(inputs)),
        tuple(("scalar", i) for i in range(len(function.result_types))),
        tuple(("output", i) for i in range(outputs)),
        0,
        Made("function"),
        function,
    )


def dot(level: int, label: Label) -> Label:
    """The tangent that forward mode of that level adds for a label."""
    return ("dot", level, label)


def bar(level: int, label: Label) -> Label:
    """The cotangent that reverse mode of that level adds for a label."""
    return ("bar", level, label)


def forward(term: Term, active: Iterable[Label], simplify: Simplify = unchanged) -> Term:
    """The term with tangents of all float results along the active inputs."""
    wanted, level = frozenset(active), term.level + 1
    function = jvp(term.simplified(simplify), tuple(n in wanted for n in term.inputs))
    own = tuple(n for n in term.float_inputs() if n in wanted)
    return Term(
        function,
        (*term.inputs, *(dot(level, n) for n in own)),
        (*term.scalars, *(dot(level, n) for n in term.float_scalars())),
        (*term.outputs, *(dot(level, n) for n in term.float_outputs())),
        level,
        Made("forward", term, frozenset(own)),
    )


def reverse(term: Term, active: Iterable[Label], simplify: Simplify = unchanged) -> Term:
    """The term with cotangents of the active inputs for cotangents of all float results."""
    wanted = frozenset(active) & frozenset(term.float_inputs())
    if not term.holds_reverse:
        return _reverse_directly(term, wanted, simplify)
    rule = term.made.reversed_ or _BY_SYMMETRY[term.made.mode]
    return rule(term, wanted, simplify)


def _reverse_directly(term: Term, wanted: frozenset[Label], simplify: Simplify) -> Term:
    level = term.level + 1
    function = vjp(term.simplified(simplify), tuple(n in wanted for n in term.inputs))
    kinds = zip(term.inputs, arguments(term.function, "input"), strict=True)
    arrays = {n for n, (_, v) in kinds if isinstance(v.type, MemRefType)}
    own = tuple(n for n in term.inputs if n in wanted)
    results = (*term.float_scalars(), *term.float_outputs())
    return Term(
        function,
        (*term.inputs, *(bar(level, n) for n in results)),
        (*term.scalars, *(bar(level, n) for n in own if n not in arrays)),
        (*term.outputs, *(bar(level, n) for n in own if n in arrays)),
        level,
        Made("reverse", term, wanted),
    )


def _of_reverse(term: Term, wanted: frozenset[Label], simplify: Simplify) -> Term:
    """Cotangents of reverse(f): tangents of the same along (w, u)."""
    base, active = _making(term)
    mine, own = base.level + 1, base.level + 2
    both = reverse(base, active | (wanted & frozenset(base.inputs)), simplify)
    results = (*base.float_scalars(), *base.float_outputs())
    tangent = forward(both, (*active, *(bar(mine, r) for r in results)), simplify)
    inputs = {n: n for n in term.inputs}
    inputs.update((bar(own, r), dot(own, bar(mine, r))) for r in results)
    inputs.update((bar(own, bar(mine, i)), dot(own, i)) for i in base.inputs if i in active)
    gradients = {bar(own, i): dot(own, bar(mine, i)) for i in base.inputs if i in wanted}
    gradients.update(
        (bar(own, bar(mine, r)), dot(own, r)) for r in results if bar(mine, r) in wanted
    )
    return _answer(tangent, term, inputs, gradients, simplify)


def _of_forward(term: Term, wanted: frozenset[Label], simplify: Simplify) -> Term:
    """Cotangents of forward(f) where f holds reverse code: see the module's equations."""
    base, active = _making(term)
    mine, own = base.level + 1, base.level + 2
    moved = frozenset(i for i in active if dot(mine, i) in wanted)
    both = reverse(base, moved | (wanted & frozenset(base.inputs)), simplify)
    results = (*base.float_scalars(), *base.float_outputs())
    tangent = forward(both, (*active, *(bar(mine, r) for r in results)), simplify)
    inputs = {n: n for n in base.inputs}
    inputs.update((dot(mine, i), dot(own, i)) for i in base.inputs if i in active)
    inputs.update((bar(own, r), dot(own, bar(mine, r))) for r in results)
    inputs.update((bar(own, dot(mine, r)), bar(mine, r)) for r in results)
    renamed = {dot(mine, r): dot(own, r) for r in results}
    gradients = {bar(own, i): dot(own, bar(mine, i)) for i in base.inputs if i in wanted}
    gradients.update((bar(own, dot(mine, i)), bar(mine, i)) for i in base.inputs if i in moved)
    return _answer(tangent, term, inputs, gradients, simplify, renamed)


def _of_arranged(term: Term, wanted: frozenset[Label], simplify: Simplify) -> Term:
    """Under other names, with cotangent 0 for what was dropped."""
    base, spec, own = term.made.base, term.made.arrangement, term.level + 1
    assert base is not None
    assert spec is not None
    whole = reverse(base, (spec.inputs[n] for n in wanted), simplify)
    kept = {old: new for new, old in (*spec.scalars.items(), *spec.outputs.items())}
    inputs, fixed = dict(spec.inputs), dict(spec.fixed)
    for result in (*base.float_scalars(), *base.float_outputs()):
        if result in kept:
            inputs[bar(own, kept[result])] = bar(own, result)
        else:
            fixed[bar(own, result)] = 0.0
    gradients = {bar(own, n): bar(own, spec.inputs[n]) for n in term.inputs if n in wanted}
    scalars, outputs = _split(whole, gradients)
    both = Arrangement(inputs, {**spec.scalars, **scalars}, {**spec.outputs, **outputs}, fixed)
    return arrange(whole, both)


Reverse = Callable[[Term, frozenset[Label], Simplify], Term]
_BY_SYMMETRY: dict[str, Reverse] = {
    "reverse": _of_reverse,
    "forward": _of_forward,
    "arranged": _of_arranged,
}


def _making(term: Term) -> tuple[Term, frozenset[Label]]:
    assert term.made.base is not None
    return term.made.base, term.made.active


def _answer(
    tangent: Term,
    term: Term,
    inputs: dict[Label, Label],
    gradients: dict[Label, Label],
    simplify: Simplify,
    renamed: Mapping[Label, Label] | None = None,
) -> Term:
    """The term's own results and the gradients, out of forward(reverse(base))."""
    names = renamed or {}
    scalars, outputs = _split(tangent, gradients)
    own_scalars = {n: names.get(n, n) for n in term.scalars}
    own_outputs = {n: names.get(n, n) for n in term.outputs}
    both = Arrangement(inputs, {**own_scalars, **scalars}, {**own_outputs, **outputs}, {})
    return arrange(tangent, both)


def _split(
    term: Term, results: dict[Label, Label]
) -> tuple[dict[Label, Label], dict[Label, Label]]:
    """Results that are scalars, and those that are outputs."""
    scalars = {new: old for new, old in results.items() if old in term.scalars}
    return scalars, {new: old for new, old in results.items() if old not in scalars.values()}


def arrange(term: Term, spec: Arrangement) -> Term:
    """The term with inputs and results as `spec` says; what it leaves out is dropped."""
    return Term(
        _arranged(term, spec),
        tuple(spec.inputs),
        tuple(spec.scalars),
        tuple(spec.outputs),
        term.level,
        Made("arranged", term, frozenset(), spec),
    )


def _arranged(term: Term, spec: Arrangement) -> Function:
    function = term.function
    inputs = dict(zip(term.inputs, arguments(function, "input"), strict=True))
    outputs = dict(zip(term.outputs, arguments(function, "output"), strict=True))
    layout = distinct(
        (
            *arguments(function, "dimension"),
            *(inputs[old] for old in spec.inputs.values()),
            *(outputs[old] for old in spec.outputs.values()),
        )
    )
    env = {old: Value(old.type, None, p.name) for p, old in layout}
    emit = Emit(function.span)
    locals_ = {old: outputs[old][1] for old in term.outputs if old not in spec.outputs.values()}
    for buffer in locals_.values():
        _local(emit, function, buffer, env)
    for label, number in spec.fixed.items():
        value = inputs[label][1]
        if isinstance(value.type, MemRefType):
            _local(emit, function, value, env)
            emit.add(linalg.Fill(emit.constant(number, value.type.element), env[value]))
        else:
            env[value] = emit.constant(number, value.type)
    for op in clone_ops(function.body.ops[:-1], env):
        emit.add(op)
    returned = dict(zip(term.scalars, function.body.terminator.operands, strict=True))
    results = tuple(env.get(returned[old], returned[old]) for old in spec.scalars.values())
    emit.add(func.Return(results))
    body: Block = emit.block(tuple(env[old] for _, old in layout))
    parameters = tuple(p for p, _ in layout)
    types = tuple(v.type for v in results)
    return replace(function, parameters=parameters, result_types=types, body=body)


def _local(emit: Emit, function: Function, buffer: Value, env: dict[Value, Value]) -> None:
    """A local buffer in the place of an argument."""
    assert isinstance(buffer.type, MemRefType)
    extents = tuple(
        e if isinstance(e, int) else env.get(e, e) for e in extents_of(function, buffer)
    )
    env[buffer] = emit.alloc(buffer.type, extents)
