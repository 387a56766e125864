"""Parsing of the operations that have blocks, and of constants: the mirror of `printer.CUSTOM`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dpc.compiler.dialects.arith import Constant
from dpc.compiler.dialects.array import Assign, Generate, Reduce
from dpc.compiler.dialects.scf import For, If, While, Yield
from dpc.compiler.ir.core import Block, Op, Value
from dpc.compiler.ir.literals import parse_float, parse_string
from dpc.compiler.ir.types import I1, INDEX, FloatType, IndexType, IntType, TensorType

if TYPE_CHECKING:
    from dpc.compiler.ir.parser import Parser


def _constant(parser: "Parser") -> Op:
    tokens = parser.tokens
    for word, value in (("true", True), ("false", False)):
        if tokens.accept(word):
            return Constant(value, I1)
    text = tokens.take("number", "a number")
    tokens.expect(":")
    type_ = parser.one_type()
    try:
        if isinstance(type_, FloatType):
            return Constant(parse_float(text, type_.width), type_)
        if isinstance(type_, IntType | IndexType):
            return Constant(int(text, 0), type_)
    except ValueError:
        pass
    raise tokens.error(f"{text} is not a constant of type {type_}")


def _carried(parser: "Parser") -> tuple[list[str], list[Value]]:
    """`%a = %x, %b = %y)`: names of block arguments and their first values."""
    names: list[str] = []
    inits: list[Value] = []
    while not parser.tokens.accept(")"):
        if names:
            parser.tokens.expect(",")
        names.append(parser.tokens.take("value", "a name"))
        parser.tokens.expect("=")
        inits.append(parser.use())
    return names, inits


def _for(parser: "Parser") -> Op:
    tokens = parser.tokens
    names = [tokens.take("value", "a name")]
    tokens.expect("=")
    lower = parser.use()
    tokens.expect("to")
    upper = parser.use()
    tokens.expect("step")
    step = parser.use()
    inits: list[Value] = []
    if tokens.accept("iter_args"):
        tokens.expect("(")
        carried, inits = _carried(parser)
        names.extend(carried)
        tokens.expect("->")
        parser.check_types(tuple(inits), parser.result_types())
    arguments = (Value(INDEX), *(Value(v.type) for v in inits))
    body = parser.block(arguments, tuple(names), implicit=True)
    marks = _marks(parser)
    return parser.build(For, lower, upper, step, tuple(inits), body, **marks)


def _marks(parser: "Parser") -> dict[str, Any]:
    """What is remarkable about a loop: `{lanes = 8 : i64, parallel, checkpoint = "..."}`."""
    tokens = parser.tokens
    marks: dict[str, Any] = {}
    if not tokens.accept("{"):
        return marks
    while not tokens.accept("}"):
        if marks:
            tokens.expect(",")
        name = tokens.take("word", "an attribute")
        if name in ("parallel", "settled"):
            marks[name] = True
            continue
        tokens.expect("=")
        if name == "lanes":
            marks[name] = int(tokens.take("number", "an integer"))
            tokens.expect(":")
            parser.one_type()
        elif name == "checkpoint":
            marks[name] = parse_string(tokens.take("string", "a string"))
        else:
            raise tokens.error(f"unknown attribute {name}")
    return marks


def _if(parser: "Parser") -> Op:
    tokens = parser.tokens
    condition = parser.use()
    stated = parser.result_types() if tokens.accept("->") else ()
    then = parser.block(implicit=True)
    if tokens.accept("else"):
        otherwise = parser.block(implicit=True)
    else:
        otherwise = Block((), (Yield(()),))
    op = parser.build(If, condition, then, otherwise)
    parser.check_types(op.results, stated)
    return op


def _while(parser: "Parser") -> Op:
    tokens = parser.tokens
    bound = parser.use() if tokens.accept("bound") else None
    names: list[str] = []
    inits: list[Value] = []
    if tokens.accept("("):
        names, inits = _carried(parser)
    tokens.expect(":")
    parser.check_types(tuple(inits), parser.result_types())
    tokens.expect("->")
    parser.check_types(tuple(inits), parser.result_types())
    before = parser.block(tuple(Value(v.type) for v in inits), tuple(names))
    tokens.expect("do")
    tokens.expect("{")
    with parser.scope():
        arguments = _block_arguments(parser)
        body = parser.rest_of_block(arguments)
    return parser.build(While, tuple(inits), bound, before, body, **_marks(parser))


def _block_arguments(parser: "Parser") -> tuple[Value, ...]:
    """`^bb0(%a: f64):`, or nothing for none."""
    tokens = parser.tokens
    if tokens.current.kind != "label":
        return ()
    tokens.take("label", "a label")
    tokens.expect("(")
    arguments: list[Value] = []
    while not tokens.accept(")"):
        if arguments:
            tokens.expect(",")
        name = tokens.take("value", "a name")
        tokens.expect(":")
        arguments.append(parser.define(name, Value(parser.one_type())))
    tokens.expect(":")
    return tuple(arguments)


def _indices(parser: "Parser") -> tuple[tuple[str, ...], tuple[Value, ...]]:
    """`(%i, %j) in (%n, %m)`: names of the indices and the extents."""
    tokens = parser.tokens
    tokens.expect("(")
    names: list[str] = []
    while not tokens.accept(")"):
        if names:
            tokens.expect(",")
        names.append(tokens.take("value", "a name"))
    tokens.expect("in")
    tokens.expect("(")
    extents = parser.uses()
    tokens.expect(")")
    return tuple(names), extents


def _index_block(parser: "Parser", names: tuple[str, ...]) -> Block:
    return parser.block(tuple(Value(INDEX) for _ in names), names)


def _generate(parser: "Parser") -> Op:
    names, extents = _indices(parser)
    parser.tokens.expect(":")
    type_ = parser.one_type()
    if not isinstance(type_, TensorType):
        raise parser.tokens.error("array.generate makes a tensor")
    op = parser.build(Generate, extents, type_.shape, _index_block(parser, names))
    parser.check_types(op.results, (type_,))
    return op


def _reduce(parser: "Parser") -> Op:
    kind = parser.tokens.take("word", "a kind of reduction")
    names, extents = _indices(parser)
    parser.tokens.expect("init")
    init = parser.use()
    parser.tokens.expect(":")
    parser.check_types((init,), (parser.one_type(),))
    return parser.build(Reduce, kind, extents, init, _index_block(parser, names))


def _assign(parser: "Parser") -> Op:
    tensor = parser.use()
    parser.tokens.expect(",")
    buffer = parser.use()
    names, extents = _indices(parser)
    parser.tokens.expect(":")
    parser.check_types((tensor,), (parser.one_type(),))
    parser.tokens.expect("to")
    parser.check_types((buffer,), (parser.one_type(),))
    return parser.build(Assign, tensor, buffer, extents, _index_block(parser, names))


CUSTOM: dict[type[Op], Callable[["Parser"], Op]] = {
    Constant: _constant,
    For: _for,
    If: _if,
    While: _while,
    Generate: _generate,
    Reduce: _reduce,
    Assign: _assign,
}
