"""Every derivative rule: order 1 and 2 against high-precision differences, reverse against
forward, and the conventions of the language at special points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Any

import pytest

from dpc.compiler.ad.emit import Emit
from dpc.compiler.ad.forward import jvp
from dpc.compiler.ad.reverse import vjp
from dpc.compiler.ad.rules.table import RULES
from dpc.compiler.ad.rules.vocabulary import zero_derivative
from dpc.compiler.dialects import ad, arith, func
from dpc.compiler.dialects import math as mathd
from dpc.compiler.dialects.numbers import REAL, Numbers, mp_numbers
from dpc.compiler.interpret.run import run
from dpc.compiler.ir.core import Function, Module, Op, Parameter, Value
from dpc.compiler.ir.rewrite import clone_ops
from dpc.compiler.ir.types import F32, F64, I64, FloatType, IndexType, IntType, is_float

Build = Callable[..., Op]
PRECISE = mp_numbers(80)
STEP = 1e-25


@dataclass(frozen=True)
class Row:
    """An op, points of its domain (float operands), fixed integer operands, tolerances."""

    build: Build
    points: tuple[tuple[float, ...], ...]
    integers: tuple[int, ...] = ()
    tolerance: float = 1e-13
    second: float = 1e-12


def unary(name: str, *points: float, tolerance: float = 1e-13, second: float = 1e-12) -> Any:
    row = Row(mathd.UNARY[name], tuple((p,) for p in points), (), tolerance, second)
    return pytest.param(row, id=name)


def row(name: str, build: Build, *points: tuple[float, ...], **more: Any) -> Any:
    return pytest.param(Row(build, points, **more), id=name)


PLANE = ((1.5, 0.7), (-2.0, 3.25), (0.3, -4.0), (-1e3, -1e-3))
ROWS = [
    unary("exp", -30.0, -1.0, 0.0, 2.5, 300.0),
    unary("expm1", -40.0, -1e-9, 0.0, 1.5),
    unary("exp2", -3.0, 0.0, 2.5),
    unary("log", 1e-8, 0.5, 1.0, 3.0, 1e200),
    unary("log1p", -0.999, -1e-12, 0.0, 5.0),
    unary("log2", 0.1, 1.0, 9.0),
    unary("log10", 0.1, 1.0, 9.0),
    unary("sqrt", 1e-12, 0.25, 2.0, 1e40),
    unary("cbrt", -8.0, -0.1, 0.3, 27.0),
    unary("rsqrt", 1e-8, 0.5, 4.0),
    unary("sin", -1.0, 0.0, 2.0, 10.0),
    unary("cos", -1.0, 0.5, 2.0, 10.0),
    unary("tan", -1.2, 0.0, 1.4),
    unary("asin", -0.9999, -0.5, 0.0, 0.7),
    unary("acos", -0.9999, -0.5, 0.0, 0.7),
    unary("atan", -50.0, 0.0, 0.7, 1e6),
    unary("sinh", -3.0, 0.0, 2.0),
    unary("cosh", -3.0, 0.5, 2.0),
    unary("tanh", -15.0, -0.5, 0.0, 2.0, 18.0),
    unary("asinh", -4.0, 0.0, 1e-3, 1e8),
    unary("acosh", 1.001, 2.0, 1e8),
    unary("atanh", -0.999, 0.0, 0.5),
    unary("erf", -3.0, 0.0, 0.5, 5.0),
    unary("erfc", -3.0, 0.0, 0.5, 5.0),
    unary("absf", -2.0, 3.0),
    unary("floor", -2.5, 3.5),
    unary("ceil", -2.5, 3.5),
    unary("roundeven", -2.3, 3.7),
    unary("trunc", -2.3, 3.7),
    unary("sign", -2.0, 3.0),
    unary("sigmoid", -40.0, -1.0, 0.0, 2.0, 30.0),
    unary("softplus", -40.0, -1.0, 0.0, 2.0, 30.0),
    unary("lgamma", 0.1, 1.0, 3.7, 50.0),
    unary("digamma", 0.1, 1.0, 3.7, 50.0),
    row("polygamma", mathd.PolyGamma, (0.7,), (3.5,), (20.0,), integers=(2,)),
    row("atan2", mathd.Atan2, *PLANE),
    row("hypot", mathd.Hypot, *PLANE[:3]),
    row("powf", mathd.PowF, (1.5, 0.7), (0.2, 3.0), (3.0, -2.5), (2.0, 0.0), (5.0, 1.0)),
    row("fpowi 3", mathd.FPowI, (1.5,), (-2.0,), (0.0,), integers=(3,)),
    row("fpowi -2", mathd.FPowI, (1.5,), (-2.0,), integers=(-2,)),
    row("fpowi 0", mathd.FPowI, (1.5,), (0.0,), integers=(0,)),
    row("fpowi 1", mathd.FPowI, (1.5,), (0.0,), integers=(1,)),
    row("logaddexp", mathd.LogAddExp, *PLANE, (-1e5, -1e5 + 1.0), (700.0, 690.0)),
    row("floormod", mathd.FloorMod, (7.3, 2.0), (-7.3, 2.0), (7.3, -2.0)),
    row("remf", arith.RemF, (7.3, 2.0), (-7.3, 2.0), (7.3, -2.0)),
    row("copysign", mathd.CopySign, *PLANE),
    row("fma", mathd.Fma, (1.5, 0.7, -2.0)),
    row("addf", arith.AddF, *PLANE),
    row("subf", arith.SubF, *PLANE),
    row("mulf", arith.MulF, *PLANE, (0.0, 2.0)),
    row("mulz", arith.MulZ, *PLANE),
    row("divf", arith.DivF, *PLANE),
    row("negf", arith.NegF, (2.0,)),
    row("maximumf", arith.MaximumF, *PLANE),
    row("minimumf", arith.MinimumF, *PLANE),
]


def function_of(build: Build, floats: int, integers: Sequence[int]) -> Function:
    """f(x, y, ...) = the op."""
    emit = Emit()
    arguments = tuple(Value(F64, None, n) for n in "xyz"[:floats])
    fixed = [emit.emit(arith.Constant(i, I64)) for i in integers]
    value = emit.emit(build(*arguments, *fixed))
    emit.add(func.Return((value,)))
    parameters = tuple(Parameter(a.name) for a in arguments)
    return Function("f", parameters, (F64,), emit.block(arguments))


def call(function: Function, arguments: Sequence[Any], numbers: Numbers = REAL) -> list[Any]:
    return run(Module((function,)), function.name, arguments, numbers)


def directions(count: int) -> list[list[float]]:
    return [[1.0 if i == j else 0.0 for j in range(count)] for i in range(count)]


def tangents(function: Function, point: Sequence[float]) -> list[float]:
    """The partials, by forward mode."""
    forward = jvp(function, (True,) * len(point))
    return [float(call(forward, [*point, *d])[1]) for d in directions(len(point))]


def differences(function: Function, point: Sequence[float], result: int) -> list[float]:
    """Central differences of one result in high precision."""
    lift = PRECISE.lift
    found = []
    for d in directions(len(point)):
        ahead, behind = (
            call(function, [lift(p) + s * lift(STEP) * lift(e) for p, e in zip(point, d)], PRECISE)
            for s in (1, -1)
        )
        found.append(float((ahead[result] - behind[result]) / (2 * lift(STEP))))
    return found


@pytest.mark.parametrize("row", ROWS)
def test_first_order(row: Row) -> None:
    for point in row.points:
        function = function_of(row.build, len(point), row.integers)
        found = tangents(function, point)
        assert found == pytest.approx(
            differences(function, point, 0), rel=row.tolerance, abs=1e-40
        ), point


@pytest.mark.parametrize("row", ROWS)
def test_reverse_is_forward(row: Row) -> None:
    for point in row.points:
        function = function_of(row.build, len(point), row.integers)
        reverse = vjp(function, (True,) * len(point))
        gradient = call(reverse, [*point, 1.0])[1:]
        assert gradient == pytest.approx(tangents(function, point), rel=1e-15, abs=0.0)


@pytest.mark.parametrize("row", ROWS)
def test_second_order(row: Row) -> None:
    """The tangent's own tangent, against differences of the tangent."""
    for point in row.points:
        count = len(point)
        forward = jvp(function_of(row.build, count, row.integers), (True,) * count)
        second = jvp(forward, (True,) * count + (False,) * count)
        for d in directions(count):
            wanted = differences(_along(forward, d), point, 1)
            found = [float(call(second, [*point, *d, *e])[3]) for e in directions(count)]
            scale = max(map(abs, wanted))
            assert found == pytest.approx(wanted, rel=row.second, abs=1e-14 * scale), (point, d)


def _along(forward: Function, direction: Sequence[float]) -> Function:
    """The forward function at a fixed direction."""
    emit = Emit()
    count = len(direction)
    inner = tuple(Value(F64) for _ in range(count))
    fixed = [emit.constant(d, F64) for d in direction]
    env = dict(zip(forward.arguments, (*inner, *fixed), strict=True))
    for op in clone_ops(forward.body.ops, env):
        emit.add(op)
    parameters = forward.parameters[:count]
    return Function("f", parameters, forward.result_types, emit.block(inner))


SPECIAL: list[tuple[str, Build, tuple[float, ...], tuple[int, ...], tuple[float, ...]]] = [
    ("abs at 0", mathd.UNARY["absf"], (0.0,), (), (0.0,)),
    ("sqrt at 0", mathd.UNARY["sqrt"], (0.0,), (), (inf,)),
    ("cbrt at 0", mathd.UNARY["cbrt"], (0.0,), (), (inf,)),
    ("log at 0", mathd.UNARY["log"], (0.0,), (), (inf,)),
    ("asin at 1", mathd.UNARY["asin"], (1.0,), (), (inf,)),
    ("asin at -1", mathd.UNARY["asin"], (-1.0,), (), (inf,)),
    ("acos at 1", mathd.UNARY["acos"], (1.0,), (), (-inf,)),
    ("tanh far out", mathd.UNARY["tanh"], (1000.0,), (), (0.0,)),
    ("tanh at infinity", mathd.UNARY["tanh"], (-inf,), (), (0.0,)),
    ("atan at infinity", mathd.UNARY["atan"], (inf,), (), (0.0,)),
    ("sigmoid at infinity", mathd.UNARY["sigmoid"], (inf,), (), (0.0,)),
    ("sigmoid at -infinity", mathd.UNARY["sigmoid"], (-inf,), (), (0.0,)),
    ("softplus at infinity", mathd.UNARY["softplus"], (inf,), (), (1.0,)),
    ("erf at infinity", mathd.UNARY["erf"], (inf,), (), (0.0,)),
    ("exp at -infinity", mathd.UNARY["exp"], (-inf,), (), (0.0,)),
    ("maximum on a tie", arith.MaximumF, (0.0, 0.0), (), (1.0, 0.0)),
    ("maximum of signed zeros", arith.MaximumF, (-0.0, 0.0), (), (1.0, 0.0)),
    ("minimum on a tie", arith.MinimumF, (2.0, 2.0), (), (1.0, 0.0)),
    ("maximum of nan and 1", arith.MaximumF, (nan, 1.0), (), (1.0, 0.0)),
    ("maximum of 1 and nan", arith.MaximumF, (1.0, nan), (), (0.0, 1.0)),
    ("minimum of 1 and nan", arith.MinimumF, (1.0, nan), (), (0.0, 1.0)),
    ("hypot at the origin", mathd.Hypot, (0.0, 0.0), (), (0.0, 0.0)),
    ("atan2 at the origin", mathd.Atan2, (0.0, 0.0), (), (0.0, 0.0)),
    ("atan2 at infinity", mathd.Atan2, (1.0, inf), (), (0.0, 0.0)),
    ("atan2 without overflow", mathd.Atan2, (1e200, 1e200), (), (5e-201, -5e-201)),
    ("0 to the 0", mathd.PowF, (0.0, 0.0), (), (0.0, 0.0)),
    ("0 to the 1", mathd.PowF, (0.0, 1.0), (), (1.0, 0.0)),
    ("0 to the 2", mathd.PowF, (0.0, 2.0), (), (0.0, 0.0)),
    ("-2 to the 2", mathd.PowF, (-2.0, 2.0), (), (-4.0, 0.0)),
    ("2 to the 0", mathd.PowF, (2.0, 0.0), (), (0.0, 0.6931471805599453)),
    ("0 to the integer 0", mathd.FPowI, (0.0,), (0,), (0.0,)),
    ("0 to the integer 1", mathd.FPowI, (0.0,), (1,), (1.0,)),
    ("logaddexp of nothing", mathd.LogAddExp, (-inf, -inf), (), (0.0, 0.0)),
    ("logaddexp with nothing", mathd.LogAddExp, (-inf, 1.0), (), (0.0, 1.0)),
    ("logaddexp with everything", mathd.LogAddExp, (inf, 1.0), (), (1.0, 0.0)),
    ("logaddexp of everything", mathd.LogAddExp, (inf, inf), (), (0.5, 0.5)),
    ("floormod", mathd.FloorMod, (-7.0, 3.0), (), (1.0, 3.0)),
    ("copysign at 0", mathd.CopySign, (0.0, -1.0), (), (0.0, 0.0)),
    ("division by infinity", arith.DivF, (1.0, inf), (), (0.0, 0.0)),
]


@pytest.mark.parametrize("case", SPECIAL, ids=[c[0] for c in SPECIAL])
def test_convention(case: tuple[str, Build, tuple[float, ...], tuple[int, ...], Any]) -> None:
    _, build, point, integers, partials = case
    function = function_of(build, len(point), integers)
    assert tangents(function, point) == list(partials)
    gradient = call(vjp(function, (True,) * len(point)), [*point, 1.0])[1:]
    assert gradient == list(partials)


@pytest.mark.parametrize("row", ROWS)
def test_zero_derivatives_stay_zero(row: Row) -> None:
    """A zero tangent or cotangent contributes 0 even against infinite and undefined partials."""
    floats = len(row.points[0])
    function = function_of(row.build, floats, row.integers)
    forward = jvp(function, (True,) * floats)
    reverse = vjp(function, (True,) * floats)
    for point in ([0.0] * floats, [inf] * floats, [nan] * floats, [-1.0] * floats):
        assert call(forward, [*point, *([0.0] * floats)])[1] == 0.0
        assert call(reverse, [*point, 0.0])[1:] == [0.0] * floats


def test_second_order_of_a_square_of_zero() -> None:
    """d2/dx2 sin(x)^2 at 0 is 2: the product of two zero factors has a derivative."""
    emit = Emit()
    x = Value(F64, None, "x")
    sine = emit.math("sin", x)
    emit.add(func.Return((emit.mulf(sine, sine),)))
    function = Function("f", (Parameter("x"),), (F64,), emit.block((x,)))
    reverse = vjp(function, (True,))
    assert call(jvp(reverse, (True, False)), [0.0, 1.0, 1.0])[2:] == [0.0, 2.0]


def test_mixed_second_derivative_of_pow_where_the_exponent_is_zero() -> None:
    """d2/dxdy x^y = x^(y-1) (1 + y log x) = 1/x at y = 0."""
    function = function_of(mathd.PowF, 2, ())
    second = jvp(jvp(function, (True, False)), (False, True, False))
    assert call(second, [4.0, 0.0, 1.0, 1.0])[3] == 0.25


def test_select_contributes_only_the_chosen_branch() -> None:
    """where(x > 0, sqrt(x), 0) has derivative 0 at x <= 0."""
    emit = Emit()
    x = Value(F64, None, "x")
    zero = emit.constant(0.0, F64)
    root = emit.select(emit.compare("ogt", x, zero), emit.math("sqrt", x), zero)
    emit.add(func.Return((root,)))
    function = Function("f", (Parameter("x"),), (F64,), emit.block((x,)))
    for point, slope in ((4.0, 0.25), (0.0, 0.0), (-1.0, 0.0)):
        assert call(vjp(function, (True,)), [point, 1.0])[1] == slope
        assert call(jvp(function, (True,)), [point, 1.0])[1] == slope


def test_every_scalar_op_has_a_rule() -> None:
    missing = {op.name for op in (*arith.OPS, *mathd.OPS, *ad.OPS)} - {op.name for op in RULES}
    assert not missing


def test_every_rule_has_a_row() -> None:
    """What carries a derivative is in the table; selections and conversions have tests below."""
    tested = {
        type(function_of(r.build, len(r.points[0]), r.integers).body.ops[-2]) for r in _rows()
    }
    elsewhere = {arith.Select, arith.ExtF, arith.TruncF, ad.Trap}
    carrying = {kind for kind, rule in RULES.items() if rule != zero_derivative()}
    assert carrying - tested == elsewhere


def _rows() -> list[Row]:
    return [case.values[0] for case in ROWS]


def test_rules_cover_operands_that_are_floats() -> None:
    """No integer operand carries a derivative."""
    integral = (IntType, IndexType)
    for case in ROWS:
        (value,) = case.values
        assert isinstance(value, Row)
        function = function_of(value.build, len(value.points[0]), value.integers)
        op = function.body.ops[-2]
        rule = RULES[type(op)]
        for position, operand in enumerate(op.operands):
            if isinstance(operand.type, integral):
                assert not rule.carries(position)
            else:
                assert isinstance(operand.type, FloatType)
                assert is_float(operand.type)


def test_single_precision_converts_derivatives() -> None:
    emit = Emit()
    x = Value(F32, None, "x")
    wide = emit.emit(arith.ExtF(x, F64))
    narrow = emit.emit(arith.TruncF(emit.math("exp", wide), F32))
    emit.add(func.Return((narrow,)))
    function = Function("f", (Parameter("x"),), (F32,), emit.block((x,)))
    value, gradient = call(vjp(function, (True,)), [1.0, 1.0])
    assert gradient == pytest.approx(value)
    assert not isnan(value)
