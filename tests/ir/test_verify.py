"""Each invariant of the verifier, broken once."""

from collections.abc import Callable

import pytest

from dpc.compiler.dialects import arith, memref, scf
from dpc.compiler.dialects.func import Call, Return
from dpc.compiler.ir.core import Block, Function, Module, Op, Parameter, Value
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.types import F32, F64, I1, INDEX, MemRefType
from dpc.compiler.ir.verify import LEVELS, VerificationError, verify
from tests.ir.sample import Sample
from tests.ir.samples import SAMPLES


def function(*ops: Op, arguments: tuple[Value, ...] = ()) -> Module:
    """A module of one function with these ops and inputs."""
    parameters = tuple(Parameter(f"x{k}") for k in range(len(arguments)))
    last = ops[-1] if ops else None
    types = tuple(v.type for v in last.operands) if isinstance(last, Return) else ()
    return Module((Function("f", parameters, types, Block(arguments, ops)),))


def one() -> arith.Constant:
    return arith.Constant(1.0, F64)


def no_terminator() -> Module:
    return function(one())


def empty_block() -> Module:
    return function()


def terminator_inside() -> Module:
    return function(Return(()), Return(()))


def wrong_terminator() -> Module:
    return function(scf.Yield(()))


def wrong_terminator_of_while() -> Module:
    yes = arith.Constant(True, I1)
    loop = scf.While((), None, Block((), (yes, scf.Condition(yes.result, ()))), Block((), ()))
    loop.body.ops = (arith.Constant(True, I1), Return(()))
    return function(loop, Return(()))


def op_in_two_places() -> Module:
    op = one()
    return function(op, op, Return(()))


def block_in_two_places() -> Module:
    yes = arith.Constant(True, I1)
    block = Block((), (scf.Yield(()),))
    return function(yes, scf.If(yes.result, block, block), Return(()))


def value_of_another_owner() -> Module:
    left, right = one(), one()
    right.results = left.results
    return function(right, Return(()))


def argument_defined_twice() -> Module:
    argument = Value(F64)
    return function(Return(()), arguments=(argument, argument))


def used_before() -> Module:
    op = one()
    return function(arith.NegF(op.result), op, Return(()))


def used_outside_its_block() -> Module:
    yes, inner = arith.Constant(True, I1), one()
    branch = scf.If(yes.result, Block((), (inner, scf.Yield(()))), Block((), (scf.Yield(()),)))
    return function(yes, branch, arith.NegF(inner.result), Return(()))


def result_of_another_type() -> Module:
    op = one()
    op.results[0].type = F32
    return function(op, Return(()))


def own_invariant() -> Module:
    left, right = one(), arith.Constant(1.0, F32)
    return function(left, right, arith.AddF(left.result, right.result), Return(()))


def buffer_returned() -> Module:
    buffer = memref.Alloc((), MemRefType((2,), F64))
    return function(buffer, Return((buffer.result,)))


def buffer_yielded() -> Module:
    yes = arith.Constant(True, I1)
    blocks = []
    for _ in range(2):
        buffer = memref.Alloc((), MemRefType((2,), F64))
        blocks.append(Block((), (buffer, scf.Yield((buffer.result,)))))
    return function(yes, scf.If(yes.result, blocks[0], blocks[1]), Return(()))


def buffer_selected() -> Module:
    yes = arith.Constant(True, I1)
    buffers = [memref.Alloc((), MemRefType((2,), F64)) for _ in range(2)]
    chosen = arith.Select(yes.result, buffers[0].result, buffers[1].result)
    return function(yes, *buffers, chosen, Return(()))


TEXTS = {
    "input written": (
        "is only read",
        """func.func @f(%x: memref<1xf64> {dp.extents = [1]}) {
             %c0 = arith.constant 0 : index
             %v = memref.load %x[%c0] : memref<1xf64>
             memref.store %v, %x[%c0] : memref<1xf64>
             func.return
           }""",
    ),
    "generate writes": (
        "only read in the block of an array operation",
        """func.func @f(%n: index {dp.dimension = "n"}) {
             %v = arith.constant 1.0 : f64
             %b = memref.alloc(%n) : memref<?xf64>
             %t = array.generate (%i) in (%n) : tensor<?xf64> {
               memref.store %v, %b[%i] : memref<?xf64>
               scf.yield %v : f64
             }
             func.return
           }""",
    ),
    "dimension after input": (
        "dimensions stand before inputs",
        'func.func @f(%x: f64, %n: index {dp.dimension = "n"}) {\n func.return\n}',
    ),
    "dimension of another type": (
        "dimension n is an index",
        'func.func @f(%n: i64 {dp.dimension = "n"}) {\n func.return\n}',
    ),
    "two dimensions of one name": (
        "dimensions have different names",
        'func.func @f(%n: index {dp.dimension = "n"}, %m: index {dp.dimension = "n"})'
        " {\n func.return\n}",
    ),
    "unknown role": ("known roles", 'func.func @f(%n: i64 {dp.role = "x"}) {\n func.return\n}'),
    "scalar output": (
        "output y is a buffer",
        'func.func @f(%y: f64 {dp.role = "output"}) {\n func.return\n}',
    ),
    "extents missing": (
        "x has one extent for each axis",
        "func.func @f(%x: memref<?xf64>) {\n func.return\n}",
    ),
    "unknown dimension": (
        "extent n of x is a constant or a dimension",
        'func.func @f(%x: memref<?xf64> {dp.extents = ["n"]}) {\n func.return\n}',
    ),
    "extent of another type": (
        "extent 4 of x is that of its type",
        "func.func @f(%x: memref<3xf64> {dp.extents = [4]}) {\n func.return\n}",
    ),
    "stack as a parameter": (
        "s is no stack",
        "func.func @f(%s: !tape.stack<f64>) {\n func.return\n}",
    ),
    "return of another type": (
        "func.return has the result types",
        "func.func @f(%x: f64) -> f32 {\n func.return %x : f64\n}",
    ),
    "unknown callee": (
        "the module has a function g",
        "func.func @f() {\n func.call @g() : () -> ()\n func.return\n}",
    ),
    "callee of another type": (
        "results are the callee's",
        "func.func @g() {\n func.return\n}\n"
        "func.func @f() {\n %x = func.call @g() : () -> f64\n func.return\n}",
    ),
    "arguments of another type": (
        "arguments fit the callee",
        "func.func @g() {\n func.return\n}\n"
        "func.func @f(%x: f64) {\n func.call @g(%x) : (f64) -> ()\n func.return\n}",
    ),
    "functions of one name": (
        "function names are all different",
        "func.func @f() {\n func.return\n}\nfunc.func @f() {\n func.return\n}",
    ),
}

BROKEN: list[tuple[Callable[[], Module], str]] = [
    (no_terminator, "terminators stand last"),
    (empty_block, "a block is empty"),
    (terminator_inside, "terminators stand last"),
    (wrong_terminator, "the block ends in func.return"),
    (wrong_terminator_of_while, "the block ends in scf.yield"),
    (op_in_two_places, "an operation stands in two places"),
    (block_in_two_places, "a block stands in two places"),
    (value_of_another_owner, "names another owner"),
    (argument_defined_twice, "is defined twice"),
    (used_before, "is defined before"),
    (used_outside_its_block, "is visible here"),
    (result_of_another_type, "results have inferred types"),
    (own_invariant, "operands have one type"),
    (buffer_returned, "no buffer or stack is carried"),
    (buffer_yielded, "no buffer or stack is carried"),
    (buffer_selected, "no buffer or stack is carried"),
]


@pytest.mark.parametrize(("build", "message"), BROKEN, ids=lambda b: getattr(b, "__name__", ""))
def test_broken_structure_is_found(build: Callable[[], Module], message: str) -> None:
    with pytest.raises(VerificationError, match=message):
        verify(build())


@pytest.mark.parametrize("name", TEXTS)
def test_broken_functions_are_found(name: str) -> None:
    message, text = TEXTS[name]
    with pytest.raises(VerificationError, match=message):
        verify(parse_module(text))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_samples_fit_their_level_alone(sample: Sample) -> None:
    module = parse_module(sample.text)
    verify(module)
    verify(module, sample.level)
    for other in set(LEVELS) - {sample.level}:
        fits = all(type(op) in LEVELS[other] for f in module.functions for op in f.body.walk())
        if not fits:
            with pytest.raises(VerificationError, match=r"the level has the operation|no tensors"):
                verify(module, other)


def test_no_tensors_at_the_loops_level() -> None:
    text = "func.func @f(%x: tensor<2xf64> {dp.extents = [2]}) {\n func.return\n}"
    verify(parse_module(text), "array")
    with pytest.raises(VerificationError, match="no tensors at the loops level"):
        verify(parse_module(text), "loops")


def test_calls_are_of_the_array_level() -> None:
    callee = Function("g", (), (), Block((), (Return(()),)))
    caller = Function("f", (), (), Block((), (Call("g", (), ()), Return(()))))
    module = Module((callee, caller))
    verify(module, "array")
    with pytest.raises(VerificationError, match="the level has the operation"):
        verify(module, "loops")


def test_a_generate_may_write_to_its_own_buffer() -> None:
    text = """
func.func @f(%n: index {dp.dimension = "n"}) {
  %v = arith.constant 1.0 : f64
  %t = array.generate (%i) in (%n) : tensor<?xf64> {
    %b = memref.alloc(%n) : memref<?xf64>
    memref.store %v, %b[%i] : memref<?xf64>
    scf.yield %v : f64
  }
  func.return
}
"""
    verify(parse_module(text), "array")


def test_index_arguments_of_loops_are_checked() -> None:
    body = Block((Value(F64),), (scf.Yield(()),))
    bounds = [arith.Constant(k, INDEX) for k in (0, 1, 1)]
    loop = scf.For(bounds[0].result, bounds[1].result, bounds[2].result, (), body)
    with pytest.raises(VerificationError, match="body arguments are the induction variable"):
        verify(function(*bounds, loop, Return(())))
