"""Text to IR: reads what `printer` prints.

On exit every name stood for a value that was defined before; types in the text agree with the
values'. All else is the verifier's. Values keep their names as hints, spans are not restored.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dpc.compiler.dialects import OP_BY_NAME
from dpc.compiler.dialects.scf import Yield
from dpc.compiler.ir import assembly
from dpc.compiler.ir.core import Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.lexer import IRSyntaxError, TokenStream
from dpc.compiler.ir.literals import parse_string
from dpc.compiler.ir.parse_regions import CUSTOM
from dpc.compiler.ir.types import (
    F32,
    F64,
    I1,
    I32,
    I64,
    INDEX,
    MemRefType,
    ScalarType,
    StackType,
    TensorType,
    Type,
    VectorType,
)

SCALAR_TYPES: dict[str, ScalarType] = {str(t): t for t in (F64, F32, I64, I32, I1, INDEX)}


class Parser:
    """Parses one text; knows the values in scope by name."""

    def __init__(self, text: str) -> None:
        self.tokens = TokenStream(text)
        self._scope: dict[str, Value] = {}
        self._scopes: list[list[str]] = []  # names defined in each open block

    # values

    def define(self, name: str, value: Value) -> Value:
        """Bind a `%name`, which must be new; it becomes the value's hint."""
        if name in self._scope:
            raise self.tokens.error(f"{name} is defined twice")
        self._scope[name] = value
        self._scopes[-1].append(name)
        value.name = "" if name[1:].isdigit() else name[1:]
        return value

    def use(self) -> Value:
        """A value by its name."""
        name = self.tokens.take("value", "a value")
        if name not in self._scope:
            raise self.tokens.error(f"{name} is not defined")
        return self._scope[name]

    def uses(self) -> tuple[Value, ...]:
        """Values separated by commas; none when no value follows."""
        if self.tokens.current.kind != "value":
            return ()
        values = [self.use()]
        while self.tokens.accept(","):
            values.append(self.use())
        return tuple(values)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names defined inside are forgotten after."""
        self._scopes.append([])
        yield
        for name in self._scopes.pop():
            del self._scope[name]

    # types

    def one_type(self) -> Type:
        """One type."""
        token = self.tokens.current
        if token.kind == "word" and token.text in SCALAR_TYPES:
            self.tokens.take("word", "a type")
            return SCALAR_TYPES[token.text]
        text = self.tokens.take("type", "a type")
        head, _, inner = text[:-1].partition("<")
        if head == "!tape.stack":
            return StackType(self._element(inner))
        *extents, element = inner.split("x", inner.count("x") - inner.endswith("index"))
        if head == "vector" and len(extents) == 1 and extents[0].isdigit():
            return VectorType(int(extents[0]), self._element(element))
        if head == "vector" or not all(e == "?" or e.isdigit() for e in extents):
            raise self.tokens.error(f"malformed type {text}")
        shape = tuple(None if e == "?" else int(e) for e in extents)
        made = MemRefType if head == "memref" else TensorType
        return made(shape, self._element(element))

    def _element(self, text: str) -> ScalarType:
        if text not in SCALAR_TYPES:
            raise self.tokens.error(f"{text} is not a scalar type")
        return SCALAR_TYPES[text]

    def types(self) -> tuple[Type, ...]:
        """Types separated by commas, until a closing bracket."""
        if self.tokens.current.text == ")":
            return ()
        found = [self.one_type()]
        while self.tokens.accept(","):
            found.append(self.one_type())
        return tuple(found)

    def result_types(self) -> tuple[Type, ...]:
        """One type, or types in parentheses."""
        if not self.tokens.accept("("):
            return (self.one_type(),)
        found = self.types()
        self.tokens.expect(")")
        return found

    def check_types(self, values: tuple[Value, ...], found: tuple[Type, ...]) -> None:
        """The types the text states must be those of the values."""
        expected = tuple(v.type for v in values)
        if found != expected:
            stated = ", ".join(map(str, found))
            raise self.tokens.error(f"the operands are {', '.join(map(str, expected))}: {stated}")

    def _types_of(self, values: tuple[Value, ...]) -> None:
        found = [self.one_type()] if values else []
        while len(found) < len(values):
            self.tokens.expect(",")
            found.append(self.one_type())
        self.check_types(values, tuple(found))

    # operations

    def op(self) -> Op:
        """One operation with its results bound."""
        names: list[str] = []
        if self.tokens.current.kind == "value":
            names.append(self.tokens.take("value", "a value"))
            while self.tokens.accept(","):
                names.append(self.tokens.take("value", "a value"))
            self.tokens.expect("=")
        op_name = self.tokens.take("word", "an operation")
        op_class = OP_BY_NAME.get(op_name)
        if op_class is None:
            raise self.tokens.error(f"unknown operation {op_name}")
        custom = CUSTOM.get(op_class)
        op = custom(self) if custom else self._regular(op_class)
        self._skip_location()
        if len(names) != len(op.results):
            raise self.tokens.error(f"{op.name} has {len(op.results)} results")
        for name, value in zip(names, op.results, strict=True):
            self.define(name, value)
        return op

    def build(self, make: Callable[..., Op], *arguments: Any, **fields: Any) -> Op:
        """An op from its fields; an error where operands do not let it infer its results."""
        try:
            return make(*arguments, **fields)
        except (AssertionError, AttributeError, IndexError, TypeError) as problem:
            raise self.tokens.error("operands or attributes do not fit the operation") from problem

    def _regular(self, op_class: type[Op]) -> Op:
        fields: dict[str, Any] = {}
        self._elements(op_class, assembly.elements(assembly.FORMATS[op_class]), fields)
        return self.build(op_class, **fields)

    def _elements(
        self, op_class: type[Op], elements: tuple[assembly.Element, ...], fields: dict[str, Any]
    ) -> None:
        kinds = op_class.kinds
        for element in elements:
            match element:
                case assembly.Literal(text):
                    self.tokens.expect(text)
                case assembly.Field(name) if name in kinds.variadic:
                    fields[name] = self.uses()
                case assembly.Field(name) if name in kinds.operands:
                    fields[name] = self.use()
                case assembly.Field(name):
                    fields[name] = ATTRIBUTES[name](self)
                case assembly.TypeOf(name):
                    value = fields[name]
                    self._types_of(value if isinstance(value, tuple) else (value,))
                case assembly.OptionalGroup(inner, name):
                    if self._starts(inner[0]):
                        self._elements(op_class, inner, fields)
                    else:
                        fields[name] = ()
                case assembly.CallSignature():
                    self._signature(fields)

    def _starts(self, element: assembly.Element) -> bool:
        if isinstance(element, assembly.Literal):
            return self.tokens.current.text == element.text
        return self.tokens.current.kind == "value"

    def _signature(self, fields: dict[str, Any]) -> None:
        self.tokens.expect("(")
        rows = (row for row in fields.values() if isinstance(row, tuple))
        self._types_of(tuple(v for row in rows for v in row))
        self.tokens.expect(")")
        self.tokens.expect("->")
        fields["result_types"] = self.result_types()

    def _skip_location(self) -> None:
        if self.tokens.accept("loc"):
            self.tokens.expect("(")
            self.tokens.take("string", "a file name")
            for _ in ("line", "column"):
                self.tokens.expect(":")
                self.tokens.take("number", "a number")
            self.tokens.expect(")")

    def block(
        self, arguments: tuple[Value, ...] = (), names: tuple[str, ...] = (), implicit: bool = False
    ) -> Block:
        """`{ operations }` with its arguments bound; `implicit`: a last `scf.yield` may lack."""
        self.tokens.expect("{")
        with self.scope():
            for name, argument in zip(names, arguments, strict=True):
                self.define(name, argument)
            return self.rest_of_block(arguments, implicit)

    def rest_of_block(self, arguments: tuple[Value, ...], implicit: bool = False) -> Block:
        """Operations up to `}`."""
        ops: list[Op] = []
        while not self.tokens.accept("}"):
            ops.append(self.op())
        if implicit and not (ops and ops[-1].terminator):
            ops.append(Yield(()))
        if not ops:
            raise self.tokens.error("a block is empty")
        return Block(arguments, tuple(ops))

    # functions

    def function(self) -> Function:
        """`func.func @name(parameters) -> results { body }`."""
        self.tokens.expect("func.func")
        name = symbol(self)
        self.tokens.expect("(")
        with self.scope():
            parameters: list[Parameter] = []
            arguments: list[Value] = []
            while not self.tokens.accept(")"):
                if parameters:
                    self.tokens.expect(",")
                parameter, argument = self._parameter()
                parameters.append(parameter)
                arguments.append(argument)
            results = self.result_types() if self.tokens.accept("->") else ()
            self.tokens.expect("{")
            body = self.rest_of_block(tuple(arguments))
        return Function(name, tuple(parameters), results, body)

    def _parameter(self) -> tuple[Parameter, Value]:
        name = self.tokens.take("value", "a parameter")
        self.tokens.expect(":")
        value = self.define(name, Value(self.one_type()))
        entries = self._attribute_dictionary()
        dimension = entries.pop("dp.dimension", None)
        shown = dimension or entries.pop("dp.name", name[1:])
        role = "dimension" if dimension is not None else entries.pop("dp.role", "input")
        extents = tuple(entries.pop("dp.extents", ()))
        if entries:
            raise self.tokens.error(f"unknown attribute {next(iter(entries))}")
        return Parameter(shown, role, extents), value

    def _attribute_dictionary(self) -> dict[str, Any]:
        """`{name = "text", name = ["text", 3]}`, or nothing."""
        entries: dict[str, Any] = {}
        if not self.tokens.accept("{"):
            return entries
        while not self.tokens.accept("}"):
            if entries:
                self.tokens.expect(",")
            name = self.tokens.take("word", "an attribute")
            self.tokens.expect("=")
            entries[name] = self._attribute_value()
        return entries

    def _attribute_value(self) -> Any:
        if self.tokens.accept("["):
            items: list[Any] = []
            while not self.tokens.accept("]"):
                if items:
                    self.tokens.expect(",")
                items.append(self._attribute_value())
            return items
        if self.tokens.current.kind == "string":
            return parse_string(self.tokens.take("string", "a string"))
        return integer(self)

    def module(self) -> Module:
        """Functions, inside `module @name { }` or not."""
        name = ""
        wrapped = self.tokens.accept("module")
        if wrapped:
            name = symbol(self) if self.tokens.current.kind == "symbol" else ""
            self.tokens.expect("{")
        functions: list[Function] = []
        while self.tokens.current.text == "func.func":
            functions.append(self.function())
        if wrapped:
            self.tokens.expect("}")
        if self.tokens.current.kind != "end":
            raise self.tokens.unexpected("a function")
        return Module(tuple(functions), name)


def symbol(parser: Parser) -> str:
    """The name in `@name`."""
    text = parser.tokens.take("symbol", "a name with @")[1:]
    return parse_string(text) if text.startswith('"') else text


def integer(parser: Parser) -> int:
    """An integer."""
    text = parser.tokens.take("number", "an integer")
    try:
        return int(text, 0)
    except ValueError:
        raise parser.tokens.error(f"{text} is not an integer") from None


def _string(parser: Parser) -> str:
    return parse_string(parser.tokens.take("string", "a string"))


def _word(parser: Parser) -> str:
    return parser.tokens.take("word", "a word")


def _flag(parser: Parser) -> bool:
    if parser.tokens.accept("true"):
        return True
    parser.tokens.expect("false")
    return False


ATTRIBUTES: dict[str, Callable[[Parser], Any]] = {
    "type": Parser.one_type,
    "to": Parser.one_type,
    "predicate": _word,
    "callee": symbol,
    "path": _string,
    "symbol": symbol,
    "repeatable": _flag,
    "message": _string,
    "kind": _string,
    "data": _string,
    "flags": _string,
    "mode": _string,
    "active": _string,
    "changed": integer,
    "position": integer,
    "masked": _flag,
}


def parse_module(text: str) -> Module:
    """The module a text describes; IRSyntaxError with the line where it is malformed."""
    return Parser(text).module()


def parse_function(text: str) -> Function:
    """The only function of a text."""
    (function,) = parse_module(text).functions
    return function


__all__ = ["IRSyntaxError", "Parser", "parse_function", "parse_module"]
