"""The loops level as text that stock MLIR accepts: the stage `mlir`."""

from hashlib import sha256

from dpc.compiler.dialects import arith, cf, func, memref, tape, vector
from dpc.compiler.ir.core import Function, Module, Op, Value
from dpc.compiler.ir.literals import print_number, print_string, print_symbol
from dpc.compiler.ir.printer import CUSTOM, Custom, Printer, function_results
from dpc.compiler.ir.types import INDEX, StackType, Type, VectorType
from dpc.compiler.ir.verify import verify
from dpc.compiler.passes.export import export as rewrite
from dpc.compiler.passes.export import external_name

FunctionType = tuple[tuple[Type, ...], tuple[Type, ...]]


def export(module: Module) -> str:
    """A loops-level or vector-level module as text for `mlir-opt`.

    Functions take dimensions, inputs and outputs, as in our IR; what MLIR lacks is declared as
    private functions named `dpc.<op>.<type>`, tape stacks being handles of type index. Buffers are
    not freed: MLIR's `--buffer-deallocation-pipeline` sees to that.
    """
    verify(module, "vector")
    rewritten = rewrite(module)
    texts = [
        *dict.fromkeys(
            _global(op)
            for function in rewritten.functions
            for op in function.body.walk()
            if isinstance(op, memref.Constant)
        )
    ]
    texts += [
        f"func.func private {print_symbol(name)}({', '.join(map(str, arguments))})"
        f"{function_results(results)}"
        for name, (arguments, results) in sorted(declarations(rewritten).items())
    ]
    texts.extend(_function(f) for f in rewritten.functions)
    return "\n\n".join(texts) + "\n"


def _call_type(op: Op) -> FunctionType:
    """Arguments and results of the call that shows an op: stacks are handles."""
    return tuple(map(_shown, op.operands)), tuple(map(_shown, op.results))


def _shown(value: Value) -> Type:
    """The type of a value: a stack is a handle."""
    return INDEX if isinstance(value.type, StackType) else value.type


def _callee(op: Op) -> str:
    """The function that a call, or an op shown as one, calls."""
    if isinstance(op, func.Call | func.Invoke):
        return op.callee
    stacks = [v.type for v in (*op.results, *op.operands) if isinstance(v.type, StackType)]
    if stacks:
        return external_name(op, stacks[0].element)
    if isinstance(op, tape.Count):
        return f"dpc.{op.name}.{op.kind}"
    if isinstance(op, tape.Save | tape.Restore):
        return external_name(op, op.slots.type)
    return f"dpc.{op.name}"


def _call(printer: Printer, op: Op) -> str:
    arguments, results = _call_type(op)
    types = ", ".join(map(str, arguments))
    returned = function_results(results) or " -> ()"
    return (
        f"func.call {print_symbol(_callee(op))}({printer.uses(op.operands)}) : ({types}){returned}"
    )


def _check(printer: Printer, op: cf.Assert) -> str:
    message = f"{op.span}: {op.message}" if op.span else op.message
    return f"{op.name} {printer.names[op.condition]}, {print_string(message)}"


def _global_name(op: memref.Constant) -> str:
    return print_symbol(f"dpc.constant.{sha256(f'{op.type} {op.data}'.encode()).hexdigest()[:16]}")


def _global(op: memref.Constant) -> str:
    """The declaration of the buffer that a constant is."""
    values = [print_number(v, op.type.element) for v in op.elements]
    for extent in reversed(op.type.shape):
        assert extent is not None
        rows = (values[k : k + extent] for k in range(0, len(values), extent or 1))
        values = [f"[{', '.join(row)}]" for row in rows]
    held = f"dense<{values[0]}>" if values else "dense<>"
    return f'memref.global "private" constant {_global_name(op)} : {op.type} = {held}'


def _constant(printer: Printer, op: memref.Constant) -> str:
    return f"memref.get_global {_global_name(op)} : {op.type}"


def _extract(printer: Printer, op: vector.Extract) -> str:
    types = f"{op.result.type} from {op.operand.type}"
    return f"{op.name} {printer.names[op.operand]}[{op.position}] : {types}"


def _reduction(printer: Printer, op: vector.Reduction) -> str:
    """MLIR adds the lanes in order, we neighbours first."""
    types = f"{op.operand.type} into {op.result.type}"
    return f"{op.name} <{op.kind}>, {printer.names[op.operand]} : {types}"


def _select(printer: Printer, op: arith.Select) -> str:
    """The type of the condition is stated where it is a vector."""
    uses, type_ = printer.uses(op.operands), op.result.type
    first = f"{op.condition.type}, " if isinstance(type_, VectorType) else ""
    return f"{op.name} {uses} : {first}{type_}"


def _step(printer: Printer, op: vector.Step) -> str:
    return f"arith.constant dense<{list(range(op.type.lanes))}> : {op.type}"


MLIR_CUSTOM: dict[type[Op], Custom] = {
    **CUSTOM,
    **dict.fromkeys((*tape.OPS, func.Invoke), _call),
    cf.Assert: _check,
    memref.Constant: _constant,
    arith.Select: _select,
    vector.Step: _step,
    vector.Extract: _extract,
    vector.Reduction: _reduction,
}


def declarations(module: Module) -> dict[str, FunctionType]:
    """Types of the functions that are called but not in the module, by name."""
    held = {f.name for f in module.functions}
    return {
        _callee(op): _call_type(op)
        for function in module.functions
        for op in function.body.walk()
        if isinstance(op, (func.Call, func.Invoke, *tape.OPS)) and _callee(op) not in held
    }


def _function(function: Function) -> str:
    printer = Printer(custom=MLIR_CUSTOM)
    parameters = [
        f"{printer.names.define(value, 'arg', wanted=parameter.name)}: {_shown(value)}"
        for parameter, value in zip(function.parameters, function.arguments, strict=True)
    ]
    results = function_results(function.result_types)
    head = f"func.func {print_symbol(function.name)}({', '.join(parameters)}){results}"
    return f"{head} {printer.block(function.body)}"
