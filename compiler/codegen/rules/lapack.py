"""`lapack` in LLVM: routines of BLAS and LAPACK by Fortran's calling convention.

Every argument goes by its address; the lengths of flags, 1 each, follow at the end. The symbols
are `dp.blas.<routine>`, the routine with the letter of its precision; whoever links the module says
where they are, and how wide their integers are.
"""

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.writer import Rule, Writer
from dpc.compiler.dialects import lapack
from dpc.compiler.ir.core import Op
from dpc.compiler.ir.types import FloatType, element_of

BY_ADDRESS = "ptr captures(none) noundef"
ATTRIBUTES = "nounwind memory(argmem: readwrite, inaccessiblemem: readwrite)"


def _routine(w: Writer, op: lapack.Routine) -> None:
    signature = lapack.ROUTINES[op.kind]
    element = element_of(op.outputs[0].type)
    assert isinstance(element, FloatType)
    name = f"{abi.LIBRARY_PREFIX}{'d' if element.width == 64 else 's'}{op.kind}"
    lengths = "".join(", i64" for kind in signature if kind == "c")
    types = ", ".join(f"{BY_ADDRESS}{' readonly' * (kind == 'r')}" for kind in signature)
    w.module.declare(name, f"declare void @{name}({types}{lengths}) {ATTRIBUTES}")
    w.module.routines.update(dict.fromkeys((name, *abi.LIBRARY_STATE)))
    w.module.need("dp.library.enter")
    w.module.need("dp.library.leave")
    places = _places(w, op, abi.register_type(element))
    operands = ", ".join(f"ptr {place}" for place in places)
    w.line("call void @dp.library.enter()")
    w.line(f"call void @{name}({operands}{lengths.replace('i64', 'i64 1')})")
    w.line("call void @dp.library.leave()")
    w.names[op.result] = _integer(w, places[-1]) if signature.endswith("!") else "0"
    if op.kind == "getrf" and w.module.integer_bits == 32:
        w.module.need("dp.widen")
        pivots, count = w.value(op.outputs[1]), w.extents[op.outputs[1]][0]
        w.line(f"call void @dp.widen(ptr {pivots}, i64 {count})")


def _places(w: Writer, op: lapack.Routine, element: str) -> list[str]:
    """The addresses of the arguments, in order."""
    inputs, outputs, numbers = iter(op.inputs), iter(op.outputs), iter(op.numbers)
    flags, integer = iter(op.flags), f"i{w.module.integer_bits}"
    places: list[str] = []
    for kind in lapack.ROUTINES[op.kind]:
        if kind in "rw":
            places.append(w.value(next(inputs if kind == "r" else outputs)))
        elif kind == "c":
            places.append(_stored(w, "i8", str(ord(next(flags)))))
        elif kind == "1":
            places.append(_stored(w, element, "1.0"))
        elif kind == "!":
            places.append(_stored(w, integer, "0"))
        else:
            number = w.value(next(numbers))
            if integer != "i64":
                number = w.emit(f"trunc i64 {number} to {integer}")
            places.append(_stored(w, integer, number))
    return places


def _stored(w: Writer, type_: str, value: str) -> str:
    """A place in the frame that holds the value."""
    place = w.name("by")
    w.frame.append(f"{place} = alloca {type_}")
    w.line(f"store {type_} {value}, ptr {place}")
    return place


def _integer(w: Writer, place: str) -> str:
    """The routine's integer at an address, in 64 bits."""
    integer = f"i{w.module.integer_bits}"
    value = w.emit(f"load {integer}, ptr {place}", "info")
    return value if integer == "i64" else w.emit(f"sext {integer} {value} to i64", "info")


RULES: dict[type[Op], Rule] = {lapack.Routine: _routine}
