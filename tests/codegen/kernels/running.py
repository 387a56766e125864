"""Running one elementary function over arrays, in vectors of a given width."""

import ctypes
from functools import cache
from typing import Any

import numpy as np

from dpc.compiler.codegen import elementary
from dpc.compiler.codegen.llvm import LlvmModule
from dpc.compiler.codegen.text import ModuleText
from dpc.runtime import engine
from dpc.runtime.native_function import NativeFunction

Array = np.ndarray[Any, Any]
DTYPES = {"double": np.float64, "float": np.float32}
ROUND = 16  # arrays are padded to a multiple of this

_LOOP = """\
define i32 @run(ptr %context, ptr %slots) {{
entry:
  %at.1 = getelementptr i64, ptr %slots, i64 1
  %at.2 = getelementptr i64, ptr %slots, i64 2
  %at.3 = getelementptr i64, ptr %slots, i64 3
  %x = load ptr, ptr %slots
  %y = load ptr, ptr %at.1
  %out = load ptr, ptr %at.2
  %n = load i64, ptr %at.3
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %next, %head ]
  %x.at = getelementptr {element}, ptr %x, i64 %i
  %y.at = getelementptr {element}, ptr %y, i64 %i
  %out.at = getelementptr {element}, ptr %out, i64 %i
  %a = load {type}, ptr %x.at, align 4
  %b = load {type}, ptr %y.at, align 4
  %r = call {type} @{symbol}({operands}) {attribute}
  store {type} %r, ptr %out.at, align 4
  %next = add i64 %i, {width}
  %more = icmp slt i64 %next, %n
  br i1 %more, label %head, label %done
done:
  ret i32 0
}}
"""


@cache
def compiled(
    name: str, element: str, width: int, kernels: bool, fuses: bool, inlined: bool
) -> NativeFunction:
    """Native code that maps the function over arrays."""
    module = ModuleText(kernels=kernels, fuses=fuses)
    symbol = elementary.routine(module, name, element, width)
    type_ = element if width == 1 else f"<{width} x {element}>"
    operands = f"{type_} %a, {type_} %b" if name in elementary.BINARY else f"{type_} %a"
    loop = _LOOP.format(
        element=element,
        type=type_,
        symbol=symbol,
        operands=operands,
        width=width,
        attribute="" if inlined else "noinline",
    )
    return engine.load(LlvmModule("run", "\n".join([loop, *module.parts()]), ()))


def apply(
    name: str,
    x: Array,
    y: Array | None = None,
    width: int = 1,
    element: str = "double",
    kernels: bool = True,
    fuses: bool = True,
    inlined: bool = True,
) -> Array:
    """The function of each element of x (and y)."""
    native = compiled(name, element, width, kernels, fuses, inlined)
    dtype, pad = DTYPES[element], (0, -len(x) % ROUND)
    a = np.pad(np.asarray(x, dtype), pad, constant_values=1.0)
    b = a if y is None else np.pad(np.asarray(y, dtype), pad, constant_values=1.0)
    out = np.empty_like(a)
    slots = (ctypes.c_int64 * 4)(a.ctypes.data, b.ctypes.data, out.ctypes.data, len(a))
    native.call(slots)
    return out[: len(x)]


def same_bits(left: Array, right: Array) -> bool:
    """Equal to the last bit; NaN is NaN."""
    both = np.isnan(left) & np.isnan(right)
    equal = (left == right) & (np.signbit(left) == np.signbit(right))
    return bool(np.all(both | equal))
