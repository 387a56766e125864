"""Vectors natively: every scalar op gives in each lane the bits of scalar code."""

import re

import numpy as np
import pytest

from dpc.compiler.codegen.llvm import CodegenOptions
from dpc.compiler.ir.parser import parse_module
from dpc.compiler.ir.types import MemRefType
from tests.codegen.running import DTYPES, Array, Program
from tests.codegen.test_scalars import ROWS, Row, points_of
from tests.ir.vector_samples import VECTORS

LANES = 8


def _loop(number: int, row: Row, count: int, lanes: int) -> list[str]:
    """A loop that applies the row to its points, so many at a time."""
    names = []
    place, kind = ("y", "memref") if lanes == 1 else ("z", "vector")
    index = f"%{place}i{number}"
    lines = [f"  scf.for {index} = %c0 to %n{number} step %c{lanes} {{"]
    for position, type_ in enumerate(row.operands):
        names.append(f"%{place}v{number}_{position}")
        suffix = f", vector<{lanes}x{type_}>" if lanes > 1 else ""
        loaded = f"%x{number}_{position}[{index}] : memref<{count}x{type_}>{suffix}"
        lines.append(f"    {names[-1]} = {kind}.load {loaded}")
    operation, _, types = row.text.format(*names).rpartition(" : ")
    if lanes > 1:
        types = re.sub(r"\b(f64|f32|i64|i32|i1|index)\b", rf"vector<{lanes}x\1>", types)
    suffix = f", vector<{lanes}x{row.result}>" if lanes > 1 else ""
    result = f"%{place}r{number}"
    return [
        *lines,
        f"    {result} = {operation} : {types}",
        f"    {kind}.store {result}, %{place}{number}[{index}] : "
        f"memref<{count}x{row.result}>{suffix}",
        "    scf.yield",
        "  }",
    ]


def _program(rows: list[Row]) -> tuple[str, list[Array], list[Array], list[Array]]:
    """Each row twice; its points, room for scalar and for vector results."""
    parameters: list[str] = []
    lines = [f"  %c{n} = arith.constant {n} : index" for n in (0, 1, LANES)]
    inputs: list[Array] = []
    for number, row in enumerate(rows):
        points = points_of(row)
        count = len(points[0]) // LANES * LANES + LANES
        for position, (type_, values) in enumerate(zip(row.operands, points, strict=True)):
            inputs.append(np.resize(values, count))
            parameters.append(
                f"%x{number}_{position}: memref<{count}x{type_}> {{dp.extents = [{count}]}}"
            )
        lines.append(f"  %n{number} = arith.constant {count} : index")
        lines += [*_loop(number, row, count, 1), *_loop(number, row, count, LANES)]
    outputs: list[list[Array]] = []
    for place in ("y", "z"):
        results: list[Array] = []
        for number, row in enumerate(rows):
            count = len(points_of(row)[0]) // LANES * LANES + LANES
            results.append(np.zeros(count, DTYPES[row.result]))
            parameters.append(
                f"%{place}{number}: memref<{count}x{row.result}> "
                f'{{dp.role = "output", dp.extents = [{count}]}}'
            )
        outputs.append(results)
    head = f"func.func @table({', '.join(parameters)}) {{"
    text = "\n".join([head, *lines, "  func.return", "}"])
    return text, inputs, outputs[0], outputs[1]


@pytest.mark.parametrize("kernels", [False, True])
@pytest.mark.parametrize("start", range(0, len(ROWS), 30))
def test_lanes_hold_the_bits_of_scalar_code(start: int, kernels: bool) -> None:
    rows = list(ROWS[start : start + 30])
    text, inputs, scalars, vectors = _program(rows)
    Program(text, CodegenOptions(kernels=kernels)).call(*inputs, *scalars, *vectors)
    for row, scalar, vector in zip(rows, scalars, vectors, strict=True):
        if scalar.dtype.kind == "f":
            nan = np.isnan(scalar)  # which of two NaNs goes on is left open
            np.testing.assert_array_equal(nan, np.isnan(vector), str(row))
            scalar, vector = scalar[~nan], vector[~nan]
        assert scalar.tobytes() == vector.tobytes(), row


def test_native_code_agrees_with_the_interpreter_on_every_vector_op() -> None:
    program = Program(VECTORS.text)
    arguments = VECTORS.arguments()
    assert program.call(*arguments) == VECTORS.results
    for position, expected in VECTORS.outputs.items():
        np.testing.assert_array_equal(arguments[position], expected)


REDUCTION = """\
func.func @f(%x: memref<8xTYPE> {dp.extents = [8]}) -> (TYPE, TYPE, TYPE) {
  %c0 = arith.constant 0 : index
  %v = vector.load %x[%c0] : memref<8xTYPE>, vector<8xTYPE>
  %s = vector.reduction %v {kind = "add"} : vector<8xTYPE>
  %a = vector.reduction %v {kind = "maximumf"} : vector<8xTYPE>
  %b = vector.reduction %v {kind = "minimumf"} : vector<8xTYPE>
  func.return %s, %a, %b : TYPE, TYPE, TYPE
}
"""


@pytest.mark.parametrize("type_", ["i64", "i32"])
def test_integers_wrap_in_sums(type_: str) -> None:
    extremes = [line for line in REDUCTION.splitlines() if "imumf" not in line]
    text = "\n".join(extremes).replace("%s, %a, %b : TYPE, TYPE, TYPE", "%s : TYPE")
    text = text.replace("(TYPE, TYPE, TYPE)", "TYPE").replace("TYPE", type_)
    program = Program(text)
    x: Array = np.full(8, np.iinfo(DTYPES[type_]).max // 5, DTYPES[type_])
    assert program.agree(x)[0] < 0


@pytest.mark.parametrize("type_", ["f64", "f32"])
def test_reductions_have_one_order(type_: str) -> None:
    program = Program(REDUCTION.replace("TYPE", type_))
    random = np.random.default_rng(1)
    for _ in range(20):
        wide = random.standard_normal(8) * 10.0 ** random.integers(-8, 8, 8)
        program.agree(wide.astype(DTYPES[type_]))
    broken: Array = np.ones(8, DTYPES[type_])
    broken[5] = np.nan
    assert np.isnan(program.call(broken)).all()


STEPS = """\
func.func @f(%n: index {dp.dimension = "n"}, %x: memref<?xELEMENT> {dp.extents = ["n"]}, \
%y: memref<?xELEMENT> {dp.role = "output", dp.extents = ["n"]}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %lanes = vector.step : vector<8xindex>
  scf.for %i = %c0 to %n step %c8 {
    %first = vector.broadcast %i : index to vector<8xindex>
    %own = arith.addi %first, %lanes : vector<8xindex>
    %end = vector.broadcast %n : index to vector<8xindex>
    %inside = arith.cmpi slt, %own, %end : vector<8xindex>
    %none = arith.constant ZERO : ELEMENT
    %other = vector.broadcast %none : ELEMENT to vector<8xELEMENT>
    %v = vector.maskedload %x[%i], %inside, %other : \
memref<?xELEMENT>, vector<8xi1>, vector<8xELEMENT> into vector<8xELEMENT>
    vector.maskedstore %y[%i], %inside, %v : memref<?xELEMENT>, vector<8xi1>, vector<8xELEMENT>
    %g = vector.gather %x[%c0][%own], %inside, %other : \
memref<?xELEMENT>, vector<8xindex>, vector<8xi1>, vector<8xELEMENT> into vector<8xELEMENT>
    vector.scatter %y[%c0][%own], %inside, %g : \
memref<?xELEMENT>, vector<8xindex>, vector<8xi1>, vector<8xELEMENT>
    scf.yield
  }
  func.return
}
"""


@pytest.mark.parametrize("type_", ["f64", "f32", "i64", "i32", "i1"])
def test_masked_lanes_touch_no_memory(type_: str) -> None:
    zero = {"f64": "0.0", "f32": "0.0", "i1": "false"}.get(type_, "0")
    text = STEPS.replace("ZERO : ELEMENT" if type_ == "i1" else "ZERO", zero)
    text = text.replace("ELEMENT", type_)
    assert isinstance(parse_module(text).functions[0].arguments[1].type, MemRefType)
    program = Program(text)
    for n in range(18):
        x: Array = np.arange(1, n + 1).astype(DTYPES[type_])
        y: Array = np.zeros(n + 9, DTYPES[type_])
        program.call(n, x, y[:n])
        np.testing.assert_array_equal(y[:n], x)
        assert not y[n:].any()
        program.agree(n, x, np.zeros(n, DTYPES[type_]))
