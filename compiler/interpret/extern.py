"""C functions, called by Python's ctypes in the machine's own precision."""

import ctypes
from typing import Any, cast

import numpy as np

from dpc.compiler.dialects.extern import Call
from dpc.compiler.interpret.machine import Handler, InterpreterError, Machine, Results
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import MemRefType, Type
from dpc.dsl import libraries

_TYPES: dict[str, tuple[Any, Any]] = {
    "f64": (ctypes.c_double, np.float64),
    "f32": (ctypes.c_float, np.float32),
    "i64": (ctypes.c_int64, np.int64),
    "i32": (ctypes.c_int32, np.int32),
    "index": (ctypes.c_int64, np.int64),
    "i1": (ctypes.c_bool, np.bool_),
}


def _call(machine: Machine, op: Op, operands: Results) -> Results:
    call = cast(Call, op)
    values = dict(zip(op.operands, operands, strict=True))
    address = libraries.address(call.path, call.symbol)
    if address is None:
        raise InterpreterError(f"the C function {call.symbol} is gone")
    arrays = {v: _array(v.type, values[v]) for v in call.passed if isinstance(v.type, MemRefType)}
    passed = [
        arrays[v].ctypes.data_as(ctypes.c_void_p) if v in arrays else _number(v.type, values[v])
        for v in call.passed
    ]
    kinds = [ctypes.c_void_p if v in arrays else _TYPES[str(v.type)][0] for v in call.passed]
    returned = _TYPES[str(call.result_types[0])][0] if call.result_types else None
    result = ctypes.CFUNCTYPE(returned, *kinds)(address)(*passed)
    for output in call.outputs:
        values[output][...] = arrays[output]
    return (result,) if call.result_types else ()


def _array(type_: Type, array: Any) -> Any:
    """The elements as C has them: a copy."""
    assert isinstance(type_, MemRefType)
    kind = _TYPES[str(type_.element)][1]
    made = np.zeros(array.shape, kind)
    for place, value in np.ndenumerate(array):
        if isinstance(value, int | float | complex | np.generic) or hasattr(value, "_mpf_"):
            made[place] = _number(type_.element, value)
    return made


def _number(type_: Type, value: Any) -> Any:
    if isinstance(value, complex):
        if value.imag:
            raise InterpreterError("a C function takes no complex numbers")
        value = value.real
    text = str(type_)
    return float(value) if text in ("f64", "f32") else bool(value) if text == "i1" else int(value)


HANDLERS: dict[type[Op], Handler] = {Call: _call}
