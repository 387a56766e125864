"""What the interpreter's linear algebra shares: elements as numbers of the field."""

from typing import Any, cast

import numpy as np

from dpc.compiler.interpret.machine import Array, Machine
from dpc.compiler.ir.core import Value
from dpc.compiler.ir.types import FloatType, element_of


def objects(array: Array) -> Array:
    """The elements as Python numbers, which divide by zero as `numbers` says."""
    return array.astype(object)


def store(machine: Machine, target: Value, buffer: Array, values: Array) -> None:
    """Fill a buffer with numbers rounded to its precision."""
    numbers, width = machine.numbers, cast(FloatType, element_of(target.type)).width
    for place, value in np.ndenumerate(values):
        buffer[place] = numbers.round_to(numbers.lift(value), width)


def real(value: Any) -> Any:
    """The real part."""
    return value.real if isinstance(value, complex) else value
