"""Every scalar op at ordinary and special points: native code against the interpreter."""

import math
from dataclasses import dataclass

import mpmath
import numpy as np
import pytest

from dpc.compiler.dialects import ALL_OPS, ad, arith
from dpc.compiler.dialects import math as math_dialect
from dpc.compiler.ir import assembly
from tests.codegen.running import DTYPES, Array, Program, ulps

FLOATS = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, 3.0, -3.0, 10.0, -10.0, 0.1, 0.7, -0.7, 1e-5,
    -1e-5, 20.0, 100.25, -100.25, 700.0, 800.0, -800.0, 1e10, -1e10, 1e30, 3e38, -3e38,
    1e-40, math.inf, -math.inf, math.nan, math.pi, -2.0, 4.0, 171.5, -3.75,
]  # fmt: skip
DOUBLES = [*FLOATS, 1e300, -1e300, 5e-324, 1e-300, 2.0**52 + 0.5, 2.0**63, -(2.0**63), 2.0**31]
INTEGERS = [0, 1, -1, 2, -2, 3, 7, -7, 10, 63, 1000, 2**31 - 1, -(2**31)]
LONGS = [*INTEGERS, 2**63 - 1, -(2**63), 2**31, -(2**31) - 1, 10**12 + 1]
VALUES: dict[str, list[float] | list[int]] = {
    "f64": DOUBLES, "f32": FLOATS, "i64": LONGS, "i32": INTEGERS, "i1": [0, 1],
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One op on one combination of types; `text` has {0}, {1}, {2} for the operands."""

    text: str
    operands: tuple[str, ...]
    result: str
    tolerance: float = 0.0  # in units in the last place

    def __str__(self) -> str:
        return f"{self.text.split()[0]}-{'-'.join((*self.operands, self.result))}"


# libm's functions are the interpreter's own, but rounding to f32 and other formulas differ a little
TOLERANCES = {
    "sigmoid": 2.0, "softplus": 2.0, "logaddexp": 2.0, "digamma": 400.0, "cbrt": 1.0,
    "hypot": 1.0, "lgamma": 400.0,
}  # fmt: skip
FLOAT_TYPES, INT_TYPES = ("f64", "f32"), ("i64", "i32")


def _float_rows() -> list[Row]:
    rows = []
    for t in FLOAT_TYPES:
        for name in math_dialect.UNARY_NAMES:
            rows.append(Row(f"math.{name} {{0}} : {t}", (t,), t, TOLERANCES.get(name, 0.0)))
        for name in ("addf", "subf", "mulf", "divf", "remf", "maximumf", "minimumf", "mulz"):
            rows.append(Row(f"arith.{name} {{0}}, {{1}} : {t}", (t, t), t))
        for name in ("atan2", "copysign", "powf", "hypot", "logaddexp", "floormod"):
            tolerance = TOLERANCES.get(name, 0.0)
            rows.append(Row(f"math.{name} {{0}}, {{1}} : {t}", (t, t), t, tolerance))
        for predicate in ("oeq", "ogt", "oge", "olt", "ole", "une"):
            rows.append(Row(f"arith.cmpf {predicate}, {{0}}, {{1}} : {t}", (t, t), "i1"))
        for name in ("isnan", "isinf", "isfinite"):
            rows.append(Row(f"math.{name} {{0}} : {t}", (t,), "i1"))
        for i in INT_TYPES:
            rows.append(Row(f"arith.sitofp {{0}} : {i} to {t}", (i,), t))
            rows.append(Row(f"arith.fptosi {{0}} : {t} to {i}", (t,), i))
        rows.append(Row(f"arith.negf {{0}} : {t}", (t,), t))
        rows.append(Row(f"ad.stop_gradient {{0}} : {t}", (t,), t))
        rows.append(Row(f"arith.uitofp {{0}} : i1 to {t}", ("i1",), t))
        rows.append(Row(f"math.fpowi {{0}}, {{1}} : {t}, i64", (t, "i64"), t))
        rows.append(Row(f"arith.select {{0}}, {{1}}, {{2}} : {t}", ("i1", t, t), t))
    rows.append(Row("math.fma {0}, {1}, {2} : f64", ("f64", "f64", "f64"), "f64"))
    rows.append(Row("arith.extf {0} : f32 to f64", ("f32",), "f64"))
    rows.append(Row("arith.truncf {0} : f64 to f32", ("f64",), "f32"))
    return rows


def _integer_rows() -> list[Row]:
    rows = []
    names = ("addi", "subi", "muli", "floordivsi", "floormodsi", "maxsi", "minsi")
    for t in INT_TYPES:
        for name in (*names, "andi", "ori", "xori"):
            rows.append(Row(f"arith.{name} {{0}}, {{1}} : {t}", (t, t), t))
        for predicate in ("eq", "ne", "slt", "sle", "sgt", "sge"):
            rows.append(Row(f"arith.cmpi {predicate}, {{0}}, {{1}} : {t}", (t, t), "i1"))
        rows.append(Row(f"math.ipowi {{0}}, {{1}} : {t}", (t, t), t))
        rows.append(Row(f"arith.extui {{0}} : i1 to {t}", ("i1",), t))
    for name in ("andi", "ori", "xori"):
        rows.append(Row(f"arith.{name} {{0}}, {{1}} : i1", ("i1", "i1"), "i1"))
    rows.append(Row("arith.extsi {0} : i32 to i64", ("i32",), "i64"))
    rows.append(Row("arith.trunci {0} : i64 to i32", ("i64",), "i32"))
    return rows


ROWS = (*_float_rows(), *_integer_rows())


def points_of(row: Row) -> list[Array]:
    """All combinations of the operands' values, one array an operand."""
    grids = np.meshgrid(*(np.arange(len(VALUES[t])) for t in row.operands), indexing="ij")
    with np.errstate(over="ignore"):
        points: list[Array] = [
            np.array(VALUES[t], DTYPES[t])[g.ravel()]
            for t, g in zip(row.operands, grids, strict=True)
        ]
    if "floordivsi" in row.text or "floormodsi" in row.text:
        keep = points[1] != 0
        points = [p[keep] for p in points]
    if row.text.startswith("math.fma"):
        points = [p[::7] for p in points]
    return [np.ascontiguousarray(p) for p in points]


def _program(rows: list[Row]) -> tuple[str, list[Array], list[Array]]:
    """A function that applies each row to its points; the points, room for the results."""
    parameters: list[str] = []
    lines: list[str] = []
    inputs: list[Array] = []
    outputs: list[Array] = []
    for number, row in enumerate(rows):
        points = points_of(row)
        count = len(points[0])
        names = []
        lines += [f"  %n{number} = arith.constant {count} : index"]
        lines += [f"  scf.for %i{number} = %c0 to %n{number} step %c1 {{"]
        for position, (type_, values) in enumerate(zip(row.operands, points, strict=True)):
            buffer = f"%x{number}_{position}"
            parameters.append(f"{buffer}: memref<{count}x{type_}> {{dp.extents = [{count}]}}")
            names.append(f"%v{number}_{position}")
            lines.append(
                f"    {names[-1]} = memref.load {buffer}[%i{number}] : memref<{count}x{type_}>"
            )
            inputs.append(values)
        lines += [
            f"    %r{number} = {row.text.format(*names)}",
            f"    memref.store %r{number}, %y{number}[%i{number}] : memref<{count}x{row.result}>",
            "    scf.yield",
            "  }",
        ]
        outputs.append(np.zeros(count, DTYPES[row.result]))
    parameters += [
        f'%y{k}: memref<{len(o)}x{r.result}> {{dp.role = "output", dp.extents = [{len(o)}]}}'
        for k, (o, r) in enumerate(zip(outputs, rows, strict=True))
    ]
    constants = "  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index"
    head = f"func.func @table({', '.join(parameters)}) {{"
    return "\n".join([head, constants, *lines, "  func.return", "}"]), inputs, outputs


@pytest.mark.parametrize("start", range(0, len(ROWS), 30))
def test_every_row_agrees_with_the_interpreter(start: int) -> None:
    rows = list(ROWS[start : start + 30])
    text, inputs, outputs = _program(rows)
    program = Program(text)
    program.call(*inputs, *outputs)
    expected = [np.zeros_like(o) for o in outputs]
    program.interpret(*inputs, *expected)
    for row, native, interpreted in zip(rows, outputs, expected, strict=True):
        if row.result in FLOAT_TYPES:
            distance = ulps(native, interpreted)
            worst = int(np.argmax(distance))
            at = [p[worst] for p in points_of(row)]
            message = f"{row} at {at}: {native[worst]!r}, not {interpreted[worst]!r}"
            assert distance[worst] <= row.tolerance, message
            zeros = (interpreted == 0.0) & (native == 0.0)
            signs = np.signbit(native) == np.signbit(interpreted)
            assert np.all(signs | ~zeros), f"{row}: the sign of zero"
        else:
            np.testing.assert_array_equal(native, interpreted, str(row))


def test_the_table_has_every_scalar_op() -> None:
    elsewhere = {"arith.constant", "arith.index_cast", "math.polygamma"}
    tested = {row.text.split()[0] for row in ROWS}
    scalar = {op.name for op in ALL_OPS if issubclass(op, arith.Scalar)}
    assert scalar - tested == elsewhere
    assert ad.StopGradient in assembly.FORMATS


POLYGAMMA = """\
func.func @f(%x: f64, %order: i64) -> (f64) {
  %0 = math.polygamma %x, %order : f64, i64
  func.return %0 : f64
}
"""
DIGAMMA = """\
func.func @f(%x: f64) -> (f64) {
  %0 = math.digamma %x : f64
  func.return %0 : f64
}
"""


def test_polygamma_against_mpmath() -> None:
    program = Program(POLYGAMMA)
    for order in (0, 1, 2, 3, 7, 20):
        for x in (1e-3, 0.2, 1.0, 1.7, 2.5, 9.99, 10.0, 55.5, 1e6, -0.3, -1.6, -7.2, -30.4):
            (value,) = program.call(x, order)
            expected = float(mpmath.psi(order, mpmath.mpf(x)))
            assert value == pytest.approx(expected, rel=2e-13), (order, x)
    assert program.call(-2.0, 1) == [math.inf]
    assert program.call(math.inf, 1) == [0.0]
    for x, order in ((1.0, -1), (-2.0, 2), (math.nan, 1), (-math.inf, 1), (1.0, 2**62)):
        assert math.isnan(program.call(x, order)[0])


def test_digamma_against_mpmath() -> None:
    program = Program(DIGAMMA)
    for x in (1e-8, 0.1, 1.0, 2.0, 3.3, 9.5, 12.0, 1e3, 1e15, -0.25, -1e-9, -5.6, -100.3):
        (value,) = program.call(x)
        assert value == pytest.approx(float(mpmath.digamma(mpmath.mpf(x))), rel=2e-14), x


@pytest.mark.parametrize("divisor", [1, 2, 8, 2**40, 3, 7, -1, -2, -5])
def test_division_by_constants(divisor: int) -> None:
    program = Program(f"""\
func.func @f(%x: i64) -> (i64, i64) {{
  %c = arith.constant {divisor} : i64
  %0 = arith.floordivsi %x, %c : i64
  %1 = arith.floormodsi %x, %c : i64
  func.return %0, %1 : i64, i64
}}
""")
    for x in LONGS:
        program.agree(x)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 7, 64, 65, -1, -2, -9])
def test_constant_exponents(exponent: int) -> None:
    program = Program(f"""\
func.func @f(%x: f64, %y: f32) -> (f64, f32) {{
  %c = arith.constant {exponent} : i64
  %0 = math.fpowi %x, %c : f64, i64
  %1 = math.fpowi %y, %c : f32, i64
  func.return %0, %1 : f64, f32
}}
""")
    for x in FLOATS:
        program.agree(x, float(np.float32(x)))
