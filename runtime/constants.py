"""Constants of a module as Python sees them: numbers, read-only arrays, tuples, records."""

from typing import Any

import numpy as np

from dpc.dsl import typed
from dpc.dsl.diagnostics import InternalError
from dpc.dsl.types import ArrayType, RecordType
from dpc.runtime.arguments import DTYPES
from dpc.runtime.records import Classes, class_key


def constant_value(expr: typed.Expr, classes: Classes) -> Any:
    """The value of a constant."""
    match expr:
        case typed.Constant(value=value):
            return value
        case typed.ConstantArray(type=ArrayType() as type_, values=values):
            shape = [e.value or 0 for e in type_.shape]
            array = np.array(values, DTYPES[type_.element.name]).reshape(shape)
            array.flags.writeable = False
            return array
        case typed.MakeTuple(items=items):
            return tuple(constant_value(item, classes) for item in items)
        case typed.MakeRecord(type=RecordType() as record, values=values):
            fields = (constant_value(value, classes) for value in values)
            return classes[class_key(record)](*fields)
        case _:
            raise InternalError(f"{expr.span}: no constant")
