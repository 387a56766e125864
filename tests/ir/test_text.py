"""The textual form: every op prints and parses, printing loses nothing, errors name the line."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpc.compiler.dialects import ALL_OPS
from dpc.compiler.dialects.arith import Constant
from dpc.compiler.dialects.func import Return
from dpc.compiler.ir import parse_regions, printer
from dpc.compiler.ir.assembly import FORMATS
from dpc.compiler.ir.core import Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.parser import IRSyntaxError, parse_function, parse_module
from dpc.compiler.ir.printer import print_function, print_module
from dpc.compiler.ir.types import F32, F64, I1, I64, INDEX, MemRefType, ScalarType
from dpc.dsl.source import Source, Span
from tests.ir.sample import Sample
from tests.ir.samples import LOOPS, SAMPLES


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_every_op_has_one_textual_form(op: type[Op]) -> None:
    assert (op in FORMATS) != (op in printer.CUSTOM)
    assert (op in printer.CUSTOM) == (op in parse_regions.CUSTOM)


def test_samples_use_every_op() -> None:
    used = {
        type(op)
        for sample in SAMPLES
        for function in parse_module(sample.text).functions
        for op in function.body.walk()
    }
    assert set(ALL_OPS) == used


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_samples_round_trip_to_the_letter(sample: Sample) -> None:
    assert print_module(parse_module(sample.text)) == sample.text.lstrip()


def constant_function(value: bool | int | float, type_: ScalarType) -> Function:
    op = Constant(value, type_)
    return Function("f", (), (type_,), Block((), (op, Return((op.result,)))))


def parsed_constant(function: Function) -> Constant:
    op = parse_function(print_function(function)).body.ops[0]
    assert isinstance(op, Constant)
    return op


@given(st.floats())
def test_f64_constants_keep_their_bits(value: float) -> None:
    found = parsed_constant(constant_function(value, F64)).value
    assert struct.pack("d", found) == struct.pack("d", value)


@given(st.floats(width=32, allow_nan=False))
def test_f32_constants_keep_their_value(value: float) -> None:
    op = parsed_constant(constant_function(value, F32))
    assert op.type == F32
    assert op.value == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_integer_constants_keep_their_value(value: int) -> None:
    for type_ in (I64, INDEX):
        assert parsed_constant(constant_function(value, type_)).value == value


def test_float_spelling() -> None:
    def spelling(value: float, type_: ScalarType = F64) -> str:
        return print_function(constant_function(value, type_)).splitlines()[1].strip()

    assert spelling(1e-30) == "%cst = arith.constant 1.0e-30 : f64"
    assert spelling(-math.inf) == "%cst = arith.constant 0xFFF0000000000000 : f64"
    assert spelling(math.inf, F32) == "%cst = arith.constant 0x7F800000 : f32"
    assert spelling(True, I1) == "%true = arith.constant true"


def test_names_come_from_hints_once_each() -> None:
    values = [Constant(k, INDEX) for k in (1, 1, -2)] + [Constant(4, INDEX) for _ in range(3)]
    for op, name in zip(values[3:], ("total", "total", "2 n"), strict=True):
        op.result.name = name
    body = Block((), (*values, Return(())))
    text = print_function(Function("f", (), (), body))
    names = [line.split()[0] for line in text.splitlines()[1:-2]]
    assert names == ["%c1", "%c1_0", "%c_2", "%total", "%total_0", "%_2_n"]
    assert print_function(parse_function(text)) == text


def test_names_of_parameters_survive() -> None:
    parameters = (
        Parameter("2*n + 1", "dimension"),
        Parameter("größe"),
        Parameter("x", "input", ("2*n + 1", 3)),
        Parameter("x", "output", (3,)),
    )
    types = (INDEX, F64, MemRefType((None, 3), F64), MemRefType((3,), F64))
    arguments = tuple(Value(t) for t in types)
    function = Function("grad f", parameters, (), Block(arguments, (Return(()),)))
    text = print_function(function)
    parsed = parse_function(text)
    assert parsed.parameters == parameters
    assert parsed.name == "grad f"
    assert [a.type for a in parsed.arguments] == list(types)
    assert print_function(parsed) == text


def test_named_modules_are_wrapped() -> None:
    module = Module((constant_function(1, I64),), "gmm")
    text = print_module(module)
    assert text.startswith("module @gmm {\n  func.func @f() -> i64 {\n    %c1_i64 = ")
    assert parse_module(text).name == "gmm"
    assert print_module(parse_module(text)) == text


def test_locations_are_printed_on_request_and_skipped_when_read() -> None:
    function = constant_function(1.0, F64)
    source = Source("a.dp", "x = 1\ny = 2\n")
    function.body.ops[0].span = Span(source, 6, 7)
    text = print_function(function, locations=True)
    assert 'arith.constant 1.0 : f64 loc("a.dp":2:1)' in text
    assert print_function(parse_function(text)) == print_function(function)


MALFORMED = [
    ("func.func @f() {\n  %0 = arith.bogus\n}", 2, "unknown operation arith.bogus"),
    ("func.func @f() {\n  func.return %0 : f64\n}", 2, "%0 is not defined"),
    ("func.func @f(%x: f64) {\n\n  %x = arith.negf %x : f64\n}", 3, "%x is defined twice"),
    ("func.func @f(%x: f64) {\n  %0 = arith.negf %x : f32\n}", 2, "the operands are f64: f32"),
    ("func.func @f(%x: f64) {\n  arith.negf %x : f64\n}", 2, "arith.negf has 1 results"),
    ("func.func @f(%x: f64) {\n  %0 = arith.negf %x f64\n}", 2, "expected `:`, found f64"),
    ("func.func @f() {\n  %0 = arith.constant 1.5 : i64\n}", 2, "not a constant of type i64"),
    ("func.func @f() {\n  ?\n}", 2, "unexpected character '?'"),
    ("func.func @f(%x: f16) {\n}", 1, "expected a type, found f16"),
    ("func.func @f(%x: memref<ax2xf64>) {\n}", 1, "malformed type memref<ax2xf64>"),
    ("func.func @f(%x: memref<2xf16>) {\n}", 1, "f16 is not a scalar type"),
    ("func.func @f(%x: f64) {\n  %0 = memref.load %x[] : f64\n}", 2, "do not fit the operation"),
    ("func.func @f(%x: f64 {dp.colour = 1}) {\n}", 1, "unknown attribute dp.colour"),
    ("func.func @f() {\n}", 2, "a block is empty"),
    ("func.func @f() {\n  func.return\n", 3, "expected an operation, found the end of the text"),
    ("1", 1, "expected a function, found 1"),
    ("func.func @f(%x: i1) {\n  scf.if %x {\n    %y = arith.constant true\n  }\n"
     "  func.return %y : i1\n}", 5, "%y is not defined"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), MALFORMED)
def test_malformed_text_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(IRSyntaxError) as caught:
        parse_module(text)
    assert message in str(caught.value)
    assert caught.value.line == line


def test_every_prefix_of_a_text_is_an_error_and_no_crash() -> None:
    text = LOOPS.text
    for end in range(0, len(text) - 3, 7):
        if text[:end].strip():
            with pytest.raises(IRSyntaxError):
                parse_module(text[:end])
