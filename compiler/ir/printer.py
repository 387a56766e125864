"""IR as text, in MLIR's syntax. `parser` reads it back; printing that again gives the same text.

    func.func @sum(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}) -> f64 {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %zero = arith.constant 0.0 : f64
      %sum = scf.for %i = %c0 to %n step %c1 iter_args(%total = %zero) -> (f64) {
        %0 = memref.load %x[%i] : memref<?xf64>
        %1 = arith.addf %total, %0 : f64
        scf.yield %1 : f64
      }
      func.return %sum : f64
    }

What our ops have and MLIR's do not (kinds of checks, lanes, bounds, roles of parameters) stands in
attributes or in words of its own; `codegen.mlir` prints what stock MLIR takes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dpc.compiler.dialects.arith import Constant
from dpc.compiler.dialects.array import Assign, Generate, Reduce
from dpc.compiler.dialects.scf import For, If, While, Yield
from dpc.compiler.ir import assembly
from dpc.compiler.ir.core import Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.literals import print_number, print_string, print_symbol
from dpc.compiler.ir.names import Names
from dpc.compiler.ir.types import FloatType, IndexType, IntType, Type

ATTRIBUTES: dict[str, Callable[[Any], str]] = {
    "type": str,
    "to": str,
    "predicate": str,
    "callee": print_symbol,
    "path": print_string,
    "symbol": print_symbol,
    "repeatable": lambda flag: "true" if flag else "false",
    "function": lambda function: print_symbol(function.name),
    "message": print_string,
    "kind": print_string,
    "data": print_string,
    "flags": print_string,
    "mode": print_string,
    "active": print_string,
    "changed": str,
    "position": str,
    "masked": lambda flag: "true" if flag else "false",
}
_NO_SPACE_BEFORE = frozenset(",)[]}")
_NO_SPACE_AFTER = frozenset("([{")


class Printer:
    """Prints the ops of one function.

    `formats` and `custom` say how, by op class; another dialect of the text passes its own.
    """

    def __init__(
        self,
        *,
        locations: bool = False,
        formats: Mapping[type[Op], str] = assembly.FORMATS,
        custom: "Mapping[type[Op], Custom] | None" = None,
    ) -> None:
        self.names = Names()
        self.indent = ""
        self._locations = locations
        self._formats = formats
        self._custom = CUSTOM if custom is None else custom

    def op(self, op: Op) -> str:
        """One operation without indentation; its blocks on lines of their own."""
        results = ", ".join([self.names.define(v, default_name(op)) for v in op.results])
        custom = self._custom.get(type(op))
        body = custom(self, op) if custom else self._regular(op)
        text = f"{results} = {body}" if results else body
        if self._locations and op.span is not None:
            span = op.span
            text += f" loc({print_string(span.source.name)}:{span.line}:{span.column})"
        return text

    def _regular(self, op: Op) -> str:
        pieces = self._pieces(op, assembly.elements(self._formats[type(op)]))
        return op.name + _spaced(pieces)

    def _pieces(self, op: Op, elements: Iterable[assembly.Element]) -> list[str]:
        pieces: list[str] = []
        for element in elements:
            match element:
                case assembly.Literal(text):
                    pieces.append(text)
                case assembly.Field(name) if name in op.kinds.operands:
                    pieces.append(self.uses(_as_tuple(getattr(op, name))))
                case assembly.Field(name):
                    pieces.append(ATTRIBUTES[name](getattr(op, name)))
                case assembly.TypeOf(name):
                    pieces.append(types(_as_tuple(getattr(op, name))))
                case assembly.OptionalGroup(inner, name) if getattr(op, name):
                    pieces.extend(self._pieces(op, inner))
                case assembly.CallSignature():
                    pieces.append(f"({types(op.operands)}) -> {result_types(op.results)}")
        return pieces

    def uses(self, values: Iterable[Value]) -> str:
        """Names of values, separated by commas."""
        return ", ".join([self.names[v] for v in values])

    def defines(self, values: Iterable[Value]) -> str:
        """New names of values, separated by commas."""
        return ", ".join([self.names.define(v) for v in values])

    def block(self, block: Block, header: str = "", implicit_yield: bool = False) -> str:
        """`{`, the operations, `}`; a last yield of nothing is left out if `implicit_yield`."""
        ops = block.ops
        if implicit_yield and ops and isinstance(ops[-1], Yield) and not ops[-1].values:
            ops = ops[:-1]
        outer = self.indent
        self.indent += "  "
        lines = ["{", *([outer + header] if header else [])]
        lines.extend([self.indent + self.op(op) for op in ops])
        self.indent = outer
        lines.append(outer + "}")
        return "\n".join(lines)


def _as_tuple(value: Value | tuple[Value, ...] | None) -> tuple[Value, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _spaced(pieces: Iterable[str]) -> str:
    """Pieces joined by single spaces but at brackets and before commas."""
    text = ""
    for piece in pieces:
        if not piece:
            continue
        opens = piece == "(" and not text.endswith(":")
        tight = piece in _NO_SPACE_BEFORE or opens or (text and text[-1] in _NO_SPACE_AFTER)
        text += piece if tight else f" {piece}"
    return text


def types(values: Iterable[Value]) -> str:
    """The types of values, separated by commas."""
    return ", ".join([str(v.type) for v in values])


def result_types(values: Sequence[Value]) -> str:
    """The types of results: one alone, several (or none) in parentheses."""
    return str(values[0].type) if len(values) == 1 else f"({types(values)})"


def default_name(op: Op) -> str:
    """How constants are called that have no name: %c3, %cst, %true."""
    if not isinstance(op, Constant):
        return ""
    if isinstance(op.type, FloatType):
        return "cst"
    if op.type == IntType(1):
        return "true" if op.value else "false"
    name = f"c{int(op.value)}".replace("-", "_")
    return name if isinstance(op.type, IndexType) else f"{name}_{op.type}"


Custom = Callable[[Printer, Any], str]


def _constant(printer: Printer, op: Constant) -> str:
    text = f"{op.name} {print_number(op.value, op.type)}"
    return text if op.type == IntType(1) else f"{text} : {op.type}"


def _carried(printer: Printer, arguments: Sequence[Value], inits: Sequence[Value]) -> str:
    pairs = zip(arguments, inits, strict=True)
    return ", ".join([f"{printer.names.define(a)} = {printer.names[v]}" for a, v in pairs])


def _for(printer: Printer, op: For) -> str:
    induction, *carried = op.body.arguments
    lower, upper, step = printer.names[op.lower], printer.names[op.upper], printer.names[op.step]
    text = f"{op.name} {printer.names.define(induction)} = {lower} to {upper} step {step}"
    if carried:
        pairs = _carried(printer, carried, op.inits)
        text += f" iter_args({pairs}) -> ({types(op.inits)})"
    text += f" {printer.block(op.body, implicit_yield=True)}"
    return text + _marks(op)


def _marks(op: For | While) -> str:
    """What is remarkable about a loop, as an attribute dictionary."""
    entries: list[str] = []
    if isinstance(op, For) and op.lanes != 1:
        entries.append(f"lanes = {op.lanes} : i64")
    if isinstance(op, For) and op.parallel:
        entries.append("parallel")
    if op.settled:
        entries.append("settled")
    if op.checkpoint:
        entries.append(f"checkpoint = {print_string(op.checkpoint)}")
    return f" {{{', '.join(entries)}}}" if entries else ""


def _if(printer: Printer, op: If) -> str:
    text = f"{op.name} {printer.names[op.condition]}"
    if op.results:
        text += f" -> ({types(op.results)})"
    text += f" {printer.block(op.then, implicit_yield=True)}"
    if op.results or len(op.otherwise.ops) > 1:
        text += f" else {printer.block(op.otherwise, implicit_yield=True)}"
    return text


def _while(printer: Printer, op: While) -> str:
    text = op.name
    if op.bound is not None:
        text += f" bound {printer.names[op.bound]}"
    if op.inits:
        text += f" ({_carried(printer, op.before.arguments, op.inits)})"
    text += f" : ({types(op.inits)}) -> {result_types(op.inits)} {printer.block(op.before)}"
    arguments = op.body.arguments
    named = ", ".join([f"{printer.names.define(a)}: {a.type}" for a in arguments])
    text += f" do {printer.block(op.body, f'^bb0({named}):' if named else '')}"
    return text + _marks(op)


def _indices(printer: Printer, block: Block, extents: Sequence[Value]) -> str:
    return f"({printer.defines(block.arguments)}) in ({printer.uses(extents)})"


def _generate(printer: Printer, op: Generate) -> str:
    indices = _indices(printer, op.body, op.extents)
    return f"{op.name} {indices} : {op.result.type} {printer.block(op.body)}"


def _reduce(printer: Printer, op: Reduce) -> str:
    indices = _indices(printer, op.body, op.extents)
    init = f"init {printer.names[op.init]} : {op.init.type}"
    return f"{op.name} {op.kind} {indices} {init} {printer.block(op.body)}"


def _assign(printer: Printer, op: Assign) -> str:
    indices = _indices(printer, op.body, op.extents)
    moved = f"{printer.names[op.tensor]}, {printer.names[op.buffer]}"
    arrays = f"{op.tensor.type} to {op.buffer.type}"
    return f"{op.name} {moved} {indices} : {arrays} {printer.block(op.body)}"


CUSTOM: dict[type[Op], Custom] = {
    Constant: _constant,
    For: _for,
    If: _if,
    While: _while,
    Generate: _generate,
    Reduce: _reduce,
    Assign: _assign,
}


def _parameter_attributes(parameter: Parameter, name: str) -> str:
    """What a parameter is beyond its type, as an attribute dictionary."""
    entries: list[str] = []
    if parameter.role == "dimension":
        entries.append(f"dp.dimension = {print_string(parameter.name)}")
    elif parameter.name != name:
        entries.append(f"dp.name = {print_string(parameter.name)}")
    if parameter.role in ("output", "shared"):
        entries.append(f"dp.role = {print_string(parameter.role)}")
    if parameter.extents:
        extents = [print_string(e) if isinstance(e, str) else str(e) for e in parameter.extents]
        entries.append(f"dp.extents = [{', '.join(extents)}]")
    return f" {{{', '.join(entries)}}}" if entries else ""


def print_function(function: Function, *, locations: bool = False) -> str:
    """A function as text; with the source places of its ops if `locations`."""
    printer = Printer(locations=locations)
    parameters: list[str] = []
    for parameter, value in zip(function.parameters, function.arguments, strict=True):
        name = printer.names.define(value, "arg", wanted=parameter.name)
        attributes = _parameter_attributes(parameter, name[1:])
        parameters.append(f"{name}: {value.type}{attributes}")
    results = function_results(function.result_types)
    head = f"func.func {print_symbol(function.name)}({', '.join(parameters)}){results}"
    return f"{head} {printer.block(function.body)}"


def function_results(found: Sequence[Type]) -> str:
    """The ` -> types` of a function; nothing for none."""
    if not found:
        return ""
    return f" -> {found[0]}" if len(found) == 1 else f" -> ({', '.join(map(str, found))})"


def print_module(module: Module, *, locations: bool = False) -> str:
    """A module as text: its functions, each followed by its callees, inside `module @name { }` when
    it has a name.
    """
    everyone = [each for f in module.functions for each in (f, *f.callees)]
    functions = [print_function(f, locations=locations) for f in everyone]
    if not module.name:
        return "".join(f"{text}\n" for text in "\n\n".join(functions).splitlines())
    lines = "\n\n".join(functions).splitlines()
    inner = "\n".join(f"  {line}" if line else "" for line in lines)
    return f"module {print_symbol(module.name)} {{\n{inner}\n}}\n"
