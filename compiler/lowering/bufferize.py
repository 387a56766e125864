"""Array level -> loops level: arrays become buffers, whole-array operations loop nests.

Entry: the array level, with calls only of functions that lead back to themselves. Exit: no tensors
and no `array` operations; array inputs are buffers that are only read; each array result is an
output buffer, after the inputs, that the function fills; only scalars are returned; such calls are
invocations. Which tensors get no buffer of their own is decided in `sharing`.
"""

from collections.abc import Callable
from dataclasses import replace

from dpc.compiler.analysis.callees import Callees
from dpc.compiler.dialects import ad, arith, array, func, linalg, memref, scf
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_ops, uses
from dpc.compiler.ir.types import INDEX, MemRefType, ScalarType, TensorType
from dpc.compiler.lowering.array_results import result_extents
from dpc.compiler.lowering.combining import combine_op
from dpc.compiler.lowering.sharing import plan_sharing
from dpc.dsl.diagnostics import InternalError

Values = tuple[Value, ...]


Expand = Callable[[ad.Derivative], Function]


Custom = Callable[[str], ad.CustomFunction]


def bufferize(module: Module, expand: Expand | None = None, custom: Custom | None = None) -> Module:
    """Replace arrays by buffers and whole-array operations by loops; `expand` yields the loops
    level of derivatives, whose bodies take their places; `custom` finds functions with derivative
    rules of their own.
    """
    return module.map(lambda f: _FunctionBufferizer(f, module, expand, custom).run())


class _FunctionBufferizer:
    """Rebuilds one function. `env` maps old values to new, tensors to the buffers they are in."""

    def __init__(
        self, function: Function, module: Module, expand: Expand | None, custom: Custom | None
    ) -> None:
        self.function = function
        self.module = module
        self.callees = Callees()
        self.expand = expand
        self.custom = custom
        self.sharing = plan_sharing(function.body)
        self.counts = uses(function.body)
        self.entry = Builder(function.span)
        self.builder = Builder(function.span)
        self.env: dict[Value, Value] = {}
        self.constants: dict[int, Value] = {}
        self.extents: dict[Value, Values] = {}  # of old tensors and of new buffers
        self.outputs: dict[Value, Value] = {}  # tensor -> the output it is generated into
        self.handlers: dict[type[Op], Callable[..., None]] = {
            array.Generate: self.generate,
            array.Reduce: self.reduce,
            array.Extract: self.extract,
            array.Read: self.read,
            array.Assign: self.assign,
            memref.Alloc: self.alloc,
            func.Call: self.call,
            ad.Derivative: self.derivative,
            ad.Call: self.custom_call,
        }

    def run(self) -> Function:
        """The function at the loops level."""
        function = self.function
        inputs = [self._input(argument) for argument in function.arguments]
        for old, new in zip(function.arguments, inputs, strict=True):
            if isinstance(old.type, TensorType):
                known = function.extents(old)
                extents = [self.constant(e) if isinstance(e, int) else e for e in known]
                self.extents[new] = tuple(self.env.get(e, e) for e in extents)
        returned = function.body.terminator
        outputs, parameters = self._outputs(returned)
        self.ops(function.body.ops[:-1])
        self._return(returned, outputs)
        body = Block((*inputs, *outputs), (*self.entry.ops, *self.builder.ops))
        scalars = tuple(t for t in function.result_types if not isinstance(t, TensorType))
        made = Function(
            function.name, (*function.parameters, *parameters), scalars, body, function.span
        )
        return replace(made, callees=tuple(self.callees.found.values()))

    def _input(self, argument: Value) -> Value:
        type_ = argument.type
        if isinstance(type_, TensorType):
            type_ = MemRefType(type_.shape, type_.element)
        self.env[argument] = Value(type_, None, argument.name)
        return self.env[argument]

    # --- results -----------------------------------------------------------------------------

    def _outputs(self, returned: Op) -> tuple[Values, tuple[Parameter, ...]]:
        """The output buffers; a generate used for nothing else fills its output directly."""
        outputs: list[Value] = []
        parameters: list[Parameter] = []
        top = set(self.function.body.ops)
        for position, tensor in enumerate(returned.operands):
            if not isinstance(tensor.type, TensorType):
                continue
            name = "out" if len(returned.operands) == 1 else f"out.{position}"
            output = Value(MemRefType(tensor.type.shape, tensor.type.element), None, name)
            outputs.append(output)
            parameters.append(Parameter(name, "output", self._result_extents(tensor)))
            direct = isinstance(tensor.op, array.Generate | func.Call) and tensor.op in top
            if direct and self.counts[tensor] == 1:
                self.outputs[tensor] = output
        return tuple(outputs), tuple(parameters)

    def _result_extents(self, tensor: Value) -> tuple[int | str, ...]:
        """The extents of a result: constants and names of dimension arguments."""
        return result_extents(self.function, tensor, self.module)

    def _return(self, returned: Op, outputs: Values) -> None:
        """Copy what is not generated in place, return the scalars."""
        with self.builder.at(returned.span):
            tensors = [v for v in returned.operands if isinstance(v.type, TensorType)]
            for tensor, output in zip(tensors, outputs, strict=True):
                if self.outputs.get(tensor) is not output:
                    self.builder.add(memref.Copy(self.env[tensor], output))
            scalars = [v for v in returned.operands if not isinstance(v.type, TensorType)]
            self.builder.add(func.Return(tuple(self.env.get(v, v) for v in scalars)))

    # --- blocks ------------------------------------------------------------------------------

    def ops(self, ops: tuple[Op, ...]) -> None:
        """Rebuild ops at the current insertion point."""
        for op in ops:
            with self.builder.at(op.span):
                self.handlers.get(type(op), self.other)(op)

    def other(self, op: Op) -> None:
        """An op that stays, its blocks rebuilt."""
        blocks = tuple(self.inner(block) for block in op.blocks) if op.blocks else None
        new = op.rebuild(self.env, blocks)
        self.builder.add(new)
        self.env.update(zip(op.results, new.results, strict=True))

    def inner(self, block: Block) -> Block:
        """A block inside an op that stays."""
        outer, self.builder = self.builder, self.builder.nested()
        self.ops(block.ops)
        new = self.builder.block(block.arguments)
        self.builder = outer
        return new

    def constant(self, value: int) -> Value:
        """An index constant at the start of the function."""
        if value not in self.constants:
            self.constants[value] = self.entry.emit(arith.Constant(value, INDEX))
        return self.constants[value]

    def body(self, block: Block, indices: Values) -> Values:
        """Emit a body of indices here; what it yields."""
        self.env.update(zip(block.arguments, indices, strict=True))
        self.ops(block.ops[:-1])
        return tuple(self.env.get(v, v) for v in block.terminator.operands)

    def nest(
        self, extents: Values, carried: Values, step: Callable[[Values, Values], Values]
    ) -> Values:
        """Loops over all indices below `extents`, row-major, threading carried values."""

        def level(indices: Values, current: Values) -> Values:
            if len(indices) == len(extents):
                return step(indices, current)
            arguments = (Value(INDEX), *(Value(v.type) for v in current))
            outer, self.builder = self.builder, self.builder.nested()
            results = level((*indices, arguments[0]), arguments[1:])
            self.builder.add(scf.Yield(results))
            block = self.builder.block(arguments)
            self.builder = outer
            bounds = self.constant(0), extents[len(indices)], self.constant(1)
            return self.builder.add(scf.For(*bounds, current, block))

        return level((), carried)

    def new_buffer(
        self, shape: tuple[int | None, ...], element: ScalarType, extents: Values
    ) -> Value:
        """An uninitialised buffer."""
        pairs = zip(extents, shape, strict=True)
        dynamic = tuple(e for e, static in pairs if static is None)
        buffer = self.builder.emit(memref.Alloc(dynamic, MemRefType(shape, element)))
        self.extents[buffer] = extents
        return buffer

    # --- operations --------------------------------------------------------------------------

    def alloc(self, op: memref.Alloc) -> None:
        """A buffer of the array level stays one."""
        self.other(op)
        buffer = self.env[op.result]
        dynamic = iter(buffer.op.operands if buffer.op is not None else ())
        self.extents[buffer] = tuple(
            next(dynamic) if e is None else self.constant(e) for e in op.type.shape
        )

    def generate(self, op: array.Generate) -> None:
        """Fill an output or a new buffer, unless the assign that uses it does it all."""
        if op.result in self.sharing.fused:
            return
        extents = self.mapped(op.extents)
        target = self.outputs.get(op.result)
        if target is None:
            type_ = op.result.type
            assert isinstance(type_, TensorType)
            target = self.new_buffer(type_.shape, type_.element, extents)
            target.name = op.result.name
        self.env[op.result] = target
        value = _uniform(op)
        if value is not None:
            self.builder.add(linalg.Fill(self.env.get(value, value), target))
            return
        self.fill(extents, target, lambda indices: self.body(op.body, indices)[0])

    def fill(
        self,
        extents: Values,
        target: Value,
        element: Callable[[Values], Value],
        place: Callable[[Values], Values] | None = None,
    ) -> None:
        """Store `element(i)` at `place(i)` (at i, if not given) for all indices."""

        def step(indices: Values, carried: Values) -> Values:
            value = element(indices)
            where = indices if place is None else place(indices)
            self.builder.add(memref.Store(value, target, where))
            return ()

        self.nest(extents, (), step)

    def reduce(self, op: array.Reduce) -> None:
        """Loops that carry the total."""

        def step(indices: Values, carried: Values) -> Values:
            (element,) = self.body(op.body, indices)
            return (self.builder.emit(combine_op(op.kind, carried[0], element)),)

        init = self.env.get(op.init, op.init)
        (self.env[op.result],) = self.nest(self.mapped(op.extents), (init,), step)

    def extract(self, op: array.Extract) -> None:
        """A load."""
        load = memref.Load(self.env[op.tensor], self.mapped(op.indices))
        self.env[op.result] = self.builder.emit(load)

    def read(self, op: array.Read) -> None:
        """The buffer itself, or a copy where it changes too early."""
        buffer = self.env[op.buffer]
        if op.result in self.sharing.shared:
            self.env[op.result] = buffer
            return
        type_ = op.result.type
        assert isinstance(type_, TensorType)
        copy = self.new_buffer(type_.shape, type_.element, self.extents[buffer])
        self.builder.add(memref.Copy(buffer, copy))
        self.env[op.result] = copy

    def assign(self, op: array.Assign) -> None:
        """Store a fused generate's elements, or copy a tensor's."""
        target = self.env[op.buffer]
        extents = self.mapped(op.extents)
        whole = self.covers(op, extents, target)
        if op.tensor in self.sharing.fused:
            generate = op.tensor.op
            assert isinstance(generate, array.Generate)
            value = _uniform(generate)
            if whole and value is not None:
                self.builder.add(linalg.Fill(self.env.get(value, value), target))
                return
            body = generate.body
            self.fill(
                extents,
                target,
                lambda indices: self.body(body, indices)[0],
                lambda indices: self.body(op.body, indices),
            )
            return
        source = self.env[op.tensor]
        if whole:
            self.builder.add(memref.Copy(source, target))
            return
        self.fill(
            extents,
            target,
            lambda indices: self.builder.emit(memref.Load(source, indices)),
            lambda indices: self.body(op.body, indices),
        )

    def covers(self, op: array.Assign, extents: Values, target: Value) -> bool:
        """True when the assign stores every element of the target at its own index."""
        if op.body.terminator.operands != op.body.arguments:
            return False
        known = self.extents[target]
        return all(_same_extent(a, b) for a, b in zip(extents, known, strict=True))

    def mapped(self, values: Values) -> Values:
        """New values for old."""
        return tuple(self.env.get(v, v) for v in values)

    def derivative(self, op: ad.Derivative) -> None:
        """The body of the derivative, its outputs new buffers."""
        if self.expand is None:
            raise InternalError(f"nothing expands the derivative of {op.callee}")
        function = self.callees.adopt(self.expand(op))
        roles = [p.role for p in function.parameters]
        given = [a for a, role in zip(function.arguments, roles, strict=True) if role != "output"]
        env = dict(zip(given, self.mapped(op.arguments), strict=True))
        outputs = self.new_outputs(function, env)
        for inner in clone_ops(function.body.ops[:-1], env):
            self.builder.add(inner)
        returned = (env.get(v, v) for v in function.body.terminator.operands)
        self.env.update(zip(op.results, (*returned, *outputs), strict=True))

    def new_outputs(self, function: Function, env: dict[Value, Value]) -> Values:
        """Buffers for the outputs of a function whose other arguments `env` knows; it learns
        these.
        """
        outputs = [a for a in function.arguments if a not in env]
        for output in outputs:
            assert isinstance(output.type, MemRefType)
            extents = tuple(
                self.constant(e) if isinstance(e, int) else env[e] for e in function.extents(output)
            )
            env[output] = self.new_buffer(output.type.shape, output.type.element, extents)
        return tuple(env[output] for output in outputs)

    def custom_call(self, op: ad.Call) -> None:
        """The call of a function that is kept, its outputs new buffers."""
        if self.custom is None:
            raise InternalError(f"nothing knows the rule of {op.callee}")
        function = self.custom(op.callee)
        primal = function.primal()
        inputs = self.mapped(op.arguments)
        outputs = self.new_outputs(primal, dict(zip(primal.arguments, inputs, strict=False)))
        made = ad.Custom(function, inputs, outputs, primal.result_types)
        scalars, arrays = iter(self.builder.add(made)), iter(outputs)
        for result in op.results:
            self.env[result] = next(arrays if isinstance(result.type, TensorType) else scalars)

    def call(self, op: func.Call) -> None:
        """A function that leads back to itself is invoked, its outputs new buffers."""
        callee = self.module.function(op.callee)
        given = self.mapped(op.arguments)
        sizes = {p.name: v for p, v in zip(callee.parameters, given, strict=True)}
        outputs: list[Value] = []
        returned = callee.body.terminator.operands
        for result, tensor in zip(op.results, returned, strict=True):
            if isinstance(tensor.type, TensorType):
                known = result_extents(callee, tensor, self.module)
                extents = tuple(self.constant(e) if isinstance(e, int) else sizes[e] for e in known)
                output = self.outputs.get(result)
                if output is None:
                    output = self.new_buffer(tensor.type.shape, tensor.type.element, extents)
                outputs.append(output)
                self.env[result] = output
        scalars = [r for r in op.results if not isinstance(r.type, TensorType)]
        types = tuple(r.type for r in scalars)
        values = self.builder.add(func.Invoke(op.callee, (*given, *outputs), len(outputs), types))
        self.env.update(zip(scalars, values, strict=True))


def _uniform(op: array.Generate) -> Value | None:
    """The value of every element, when the body only yields one from outside."""
    (value,) = op.body.terminator.operands
    alone = len(op.body.ops) == 1 and value not in op.body.arguments
    return value if alone else None


def _same_extent(left: Value, right: Value) -> bool:
    if left is right:
        return True
    a, b = left.op, right.op
    constants = isinstance(a, arith.Constant) and isinstance(b, arith.Constant)
    return constants and a.value == b.value  # type: ignore[union-attr]
