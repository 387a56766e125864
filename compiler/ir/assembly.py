"""The textual form of regular operations, as one line a class that printer and parser both read.

A format is what stands after the op's name, in a small language after MLIR's `assemblyFormat`:

    $name         an operand, variadic operands separated by commas, or an attribute
    type($name)   the type of an operand, or the types of variadic ones
    (? ... ?)     left out when the variadic operands in it are none
    signature     `(operand types) -> result types`, of a call
    anything else stands for itself

Spaces follow from the punctuation. Ops with blocks, and constants, have functions instead
(`printer.CUSTOM`, `parse_regions.CUSTOM`).
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Union

from dpc.compiler.dialects import (
    ad,
    arith,
    array,
    cf,
    extern,
    func,
    io,
    lapack,
    linalg,
    math,
    memref,
    scf,
    tape,
    vector,
)
from dpc.compiler.ir.core import Op


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """An operand field or an attribute field."""

    name: str


@dataclass(frozen=True, slots=True)
class TypeOf:
    """The types of an operand field."""

    name: str


@dataclass(frozen=True, slots=True)
class OptionalGroup:
    """Elements that are there when the variadic field `name` is not empty."""

    elements: tuple["Element", ...]
    name: str


@dataclass(frozen=True, slots=True)
class CallSignature:
    """The types of a call: a function type."""


Element = Union[Literal, Field, TypeOf, OptionalGroup, CallSignature]

_BINARY = "$lhs, $rhs : type($lhs)"
_COMPARE = "$predicate, $lhs, $rhs : type($lhs)"
_UNARY = "$operand : type($operand)"
_CAST = "$operand : type($operand) to $to"
_VALUES = "(? $values : type($values) ?)"

FORMATS: dict[type[Op], str] = {
    arith.AddF: _BINARY,
    arith.SubF: _BINARY,
    arith.MulF: _BINARY,
    arith.DivF: _BINARY,
    arith.RemF: _BINARY,
    arith.MaximumF: _BINARY,
    arith.MinimumF: _BINARY,
    arith.MulZ: _BINARY,
    arith.NegF: _UNARY,
    arith.AddI: _BINARY,
    arith.SubI: _BINARY,
    arith.MulI: _BINARY,
    arith.FloorDivSI: _BINARY,
    arith.FloorModSI: _BINARY,
    arith.MaxSI: _BINARY,
    arith.MinSI: _BINARY,
    arith.AndI: _BINARY,
    arith.OrI: _BINARY,
    arith.XOrI: _BINARY,
    arith.CmpF: _COMPARE,
    arith.CmpI: _COMPARE,
    arith.Select: "$condition, $true_value, $false_value : type($true_value)",
    arith.SIToFP: _CAST,
    arith.UIToFP: _CAST,
    arith.FPToSI: _CAST,
    arith.ExtF: _CAST,
    arith.TruncF: _CAST,
    arith.ExtSI: _CAST,
    arith.ExtUI: _CAST,
    arith.TruncI: _CAST,
    arith.IndexCast: _CAST,
    **dict.fromkeys(math.UNARY.values(), _UNARY),
    math.Atan2: _BINARY,
    math.CopySign: _BINARY,
    math.PowF: _BINARY,
    math.Hypot: _BINARY,
    math.LogAddExp: _BINARY,
    math.FloorMod: _BINARY,
    math.PolyGamma: "$x, $order : type($x), type($order)",
    math.FPowI: "$lhs, $rhs : type($lhs), type($rhs)",
    math.IPowI: _BINARY,
    math.Fma: "$a, $b, $c : type($a)",
    math.IsNan: _UNARY,
    math.IsInf: _UNARY,
    math.IsFinite: _UNARY,
    scf.Yield: _VALUES,
    scf.Condition: f"($condition) {_VALUES}",
    memref.Alloc: "($extents) : $type",
    memref.Constant: "$data : $type",
    memref.Load: "$buffer[$indices] : type($buffer)",
    memref.Store: "$value, $buffer[$indices] : type($buffer)",
    memref.Copy: "$source, $target : type($source) to type($target)",
    linalg.Fill: "ins($value : type($value)) outs($buffer : type($buffer))",
    linalg.Matmul: (
        "ins($a, $b : type($a), type($b)) outs($c : type($c)) {kind = $kind, masked = $masked}"
    ),
    lapack.Cholesky: "ins($a : type($a)) outs($factor : type($factor))",
    lapack.Lu: ("ins($a : type($a)) outs($factors, $pivots : type($factors), type($pivots))"),
    lapack.Eigh: "ins($a : type($a)) outs($w, $v : type($w), type($v))",
    lapack.Qr: "ins($a : type($a)) outs($q, $r : type($q), type($r))",
    lapack.Svd: "ins($a : type($a)) outs($u, $s, $vt : type($u), type($s), type($vt))",
    lapack.Routine: (
        "$kind (? ins($inputs : type($inputs)) ?) outs($outputs : type($outputs)) "
        "sizes($numbers : type($numbers)) {flags = $flags}"
    ),
    lapack.LuSolve: (
        "ins($a, $factors, $pivots, $b : type($a), type($factors), type($pivots), type($b)) "
        "outs($x : type($x)) {kind = $kind}"
    ),
    lapack.Det: (
        "ins($a, $factors, $pivots : type($a), type($factors), type($pivots)) "
        "outs($value : type($value)) {kind = $kind}"
    ),
    lapack.SolveTriangular: ("ins($a, $b : type($a), type($b)) outs($x : type($x)) {kind = $kind}"),
    cf.Assert: "$condition, $message (? ($values : type($values)) ?) {kind = $kind}",
    io.Print: "$message (? ($values : type($values)) ?)",
    extern.Call: (
        "$path $symbol ($arguments) (? outs($outputs) ?) (? sized($extents) ?) : signature "
        "{repeatable = $repeatable}"
    ),
    func.Call: "$callee($arguments) : signature",
    func.Invoke: "$callee($arguments) : signature {changed = $changed}",
    func.Forall: (
        "$callee for $count work $work($arguments : type($arguments)) "
        "{position = $position, changed = $changed}"
    ),
    ad.Derivative: "$callee($arguments) : signature {mode = $mode, active = $active}",
    ad.Call: "$callee($arguments) : signature",
    ad.Custom: "$function($inputs) (? outs($outputs) ?) : signature",
    func.Return: _VALUES,
    array.Extract: "$tensor[$indices] : type($tensor)",
    array.Read: "$buffer : type($buffer)",
    tape.Stack: ": $type",
    tape.Push: "$value, $stack : type($stack)",
    tape.Pop: "$stack : type($stack)",
    tape.Budget: "",
    tape.Reserve: "$bytes, $more",
    tape.Block: "($extents) : $type",
    tape.Choose: "$steps, $state, $tape, $budget",
    tape.Split: "$steps, $slots, $frames",
    tape.Save: "$buffer, $slots[$position] : type($buffer) to type($slots)",
    tape.Restore: "$slots[$position], $buffer : type($slots) to type($buffer)",
    tape.Count: "$kind, $amount",
    tape.Expect: "$steps, $slots, $frames",
    ad.StopGradient: _UNARY,
    vector.Broadcast: _CAST,
    vector.Step: ": $type",
    vector.Extract: "$operand[$position] : type($operand)",
    vector.Insert: "$value, $operand[$position] : type($value) into type($operand)",
    vector.Reduction: "$operand {kind = $kind} : type($operand)",
    vector.Load: "$buffer[$indices] : type($buffer), $type",
    vector.Store: "$value, $buffer[$indices] : type($buffer), type($value)",
    vector.MaskedLoad: (
        "$buffer[$indices], $mask, $otherwise : type($buffer), type($mask), type($otherwise) "
        "into type($otherwise)"
    ),
    vector.MaskedStore: (
        "$buffer[$indices], $mask, $value : type($buffer), type($mask), type($value)"
    ),
    vector.Gather: (
        "$buffer[$indices][$offsets], $mask, $otherwise : "
        "type($buffer), type($offsets), type($mask), type($otherwise) into type($otherwise)"
    ),
    vector.Scatter: (
        "$buffer[$indices][$offsets], $mask, $value : "
        "type($buffer), type($offsets), type($mask), type($value)"
    ),
}

_PIECE = re.compile(r"\(\?|\?\)|type\(\$(\w+)\)|\$(\w+)|\w+|->|[^\s\w]")


@cache
def elements(text: str) -> tuple[Element, ...]:
    """A format string taken apart."""
    stack: list[list[Element]] = [[]]
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece == "(?":
            stack.append([])
        elif piece == "?)":
            group = tuple(stack.pop())
            name = next(e.name for e in group if isinstance(e, Field))
            stack[-1].append(OptionalGroup(group, name))
        elif match.group(1):
            stack[-1].append(TypeOf(match.group(1)))
        elif match.group(2):
            stack[-1].append(Field(match.group(2)))
        elif piece == "signature":
            stack[-1].append(CallSignature())
        else:
            stack[-1].append(Literal(piece))
    (found,) = stack
    return tuple(found)
