"""What the text of a call is written with: instructions, fields of objects, extents."""

from collections.abc import Sequence

from dpc.compiler.signature import Signature, Slot
from dpc.dsl.shapes import Dimension, Poly
from dpc.dsl.types import ArrayType, ScalarType, leaves, shape_of
from dpc.runtime.python_layout import ARRAY_DIMS

DECLARATIONS = """\
@PyFloat_Type = external global i8
@PyLong_Type = external global i8
@_Py_TrueStruct = external global i8
@_Py_FalseStruct = external global i8
@_Py_NoneStruct = external global i8
@PyExc_KeyboardInterrupt = external global ptr
@dpc.python.array = external global i8
@dpc.python.double = external global i8
@dpc.python.single = external global i8
@dpc.python.f64 = external global i8
@dpc.python.f32 = external global i8
@dpc.python.i64 = external global i8
@dpc.python.i32 = external global i8
@dpc.python.bool = external global i8
@dpc.main_thread = external global i8
@dpc.call.peak = external global i64
@dpc.interrupt.word = external global i32
@dpc.interrupt.idle = external global i32
declare ptr @dpc.python.empty(i32, ptr, ptr, i32)
declare i32 @dpc.interrupt.attends(ptr)
@dpc.python.finish = external global i8
declare i32 @dpc.entry(ptr, ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyObject_CallOneArg(ptr, ptr)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyLong_FromLongLong(i64)
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare i32 @PyErr_CheckSignals()
declare void @PyErr_Clear()
declare void @PyErr_SetNone(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i64 @PyThread_get_thread_ident()
declare i64 @llvm.smax.i64(i64, i64)
declare i1 @llvm.vector.reduce.or.v8i1(<8 x i1>)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64)
declare { i64, i1 } @llvm.sadd.with.overflow.i64(i64, i64)
"""


class UnusualError(Exception):
    """The signature is not of the kind this way of calling is for."""


def single_leaves(slots: Sequence[Slot]) -> list[ScalarType | ArrayType]:
    """The types of slots that are one scalar or array each."""
    found: list[ScalarType | ArrayType] = []
    for slot in slots:
        if len(slot.leaves) != 1 or slot.leaves[0].path or len(leaves(slot.type)) != 1:
            raise UnusualError
        type_ = slot.leaves[0].type
        assert isinstance(type_, ScalarType | ArrayType)
        found.append(type_)
    return found


class CallWriter:
    """Appends instructions; every test that fails jumps to `slow`."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.inputs = single_leaves(signature.inputs)
        self.lines: list[str] = []
        self.dimensions: dict[str, str] = {}
        self.number = 0

    def line(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def emit(self, text: str) -> str:
        self.number += 1
        self.line(f"%v{self.number} = {text}")
        return f"%v{self.number}"

    def start(self, label: str) -> None:
        self.lines.append(f"{label}:")

    def require(self, condition: str, otherwise: str = "slow") -> None:
        """Go on only if the i1 holds."""
        self.number += 1
        self.line(f"br i1 {condition}, label %on{self.number}, label %{otherwise}")
        self.start(f"on{self.number}")

    def field(self, type_: str, base: str, offset: int) -> str:
        """What an object has at an offset."""
        address = self.emit(f"getelementptr i8, ptr {base}, i64 {offset}")
        return self.emit(f"load {type_}, ptr {address}")

    def store(self, slot: int, type_: str, value: str) -> None:
        address = self.emit(f"getelementptr i64, ptr %slots, i64 {slot}")
        self.line(f"store {type_} {value}, ptr {address}")

    def load(self, slot: int, type_: str) -> str:
        address = self.emit(f"getelementptr i64, ptr %slots, i64 {slot}")
        return self.emit(f"load {type_}, ptr {address}")

    # Extents

    def axis(self, position: int, axis: int) -> str:
        dims = self.field("ptr", f"%argument.{position}", ARRAY_DIMS)
        return self.field("i64", dims, 8 * axis)

    def bind(self) -> None:
        """The dimensions, each an extent or an integer argument."""
        index = {slot.name: i for i, slot in enumerate(self.signature.inputs)}
        for binding in self.signature.bindings:
            if binding.leaf or binding.coefficient != 1 or binding.rest.terms:
                raise UnusualError
            if binding.parameter:
                value = self.axis(index[binding.parameter], binding.axis)
            else:
                value = self.load(len(self.signature.extents) + index[binding.name], "i64")
            self.dimensions[binding.name] = value

    def verify(self) -> None:
        for position, type_ in enumerate(self.inputs):
            for axis, poly in enumerate(shape_of(type_)):
                expected = self.extent(poly)
                found = self.axis(position, axis)
                self.require(self.emit(f"icmp eq i64 {found}, {expected}"))

    def extent(self, poly: Poly) -> str:
        """The value of a polynomial; the slow way where it overflows."""
        total = ""
        for monomial, coefficient in poly.terms:
            term = str(coefficient)
            for atom in monomial:
                if not isinstance(atom, Dimension):
                    raise UnusualError
                factor = self.dimensions[atom.name]
                term = factor if term == "1" else self._exact("mul", term, factor)
            total = self._exact("add", total, term) if total else term
        return total or "0"

    def _exact(self, operation: str, left: str, right: str) -> str:
        name = f"@llvm.s{operation}.with.overflow.i64"
        both = self.emit(f"call {{ i64, i1 }} {name}(i64 {left}, i64 {right})")
        over = self.emit(f"extractvalue {{ i64, i1 }} {both}, 1")
        self.require(self.emit(f"xor i1 {over}, true"))
        return self.emit(f"extractvalue {{ i64, i1 }} {both}, 0")
