"""The native interface: what a compiled function is called with, and what it needs of its process.

Entry
    `i32 entry(ptr context, ptr slots)`, its symbol `dpc.<function>`. `slots` is an array of 8-byte
    slots: one for each argument of the IR function in order (dimensions, inputs, outputs), then
    one for each scalar result, written by the callee. By type:
        index, i64   the integer
        i32          the integer, sign-extended
        i1           0 or 1
        f64          its bits
        f32          its bits in the low four bytes
        memref       the address of the first element; row-major, contiguous, aligned to the element
    Buffers hold f64, f32, i64, i32 as they are and i1 as one byte, 0 or 1. Input buffers are only
    read and may overlap one another; output buffers overlap nothing.

Status
    OK: the results are there. CHECK: a `cf.assert` failed; the context says which and with what
    values. MEMORY: an allocation failed, or the call would have had more than `limit`; the context
    says where, `values[0]` is the size in bytes (all ones: 2^64 or more). INTERRUPTED: the caller
    asked to stop. In every case nothing that the call allocated is left.

Context
    `Context` below; zeroed by the owner once, never shared by two calls at a time. `held` is what
    the call has of the C library at this moment (0 between calls), `peak` the most it had. It never
    exceeds `limit`, which the caller sets (0: none); where it would have, `wanted` is what it would
    have become, and 0 else. `certain` is what the call will surely have at once, as far as its
    arguments tell.
    `interrupt` addresses a 32-bit word that long loops look at; while it is not 0 they ask
    `attend` (`i32 attend(ptr context)`), and stop if that answers other than 0. `attend` null
    means: stop at once. An entry with such loops sets the word to `ASK` where `attend` is given,
    so that `attend` is asked once at the start. `show` (`i32 show(ptr context, i64 number, ptr
    slots)`, null: nobody) is called by prints with the print's number and its values in slots, an
    array being its address and its extents; an answer other than 0 ends the call as INTERRUPTED.
    `counts` has what loops did that are reversed from stored states: plain and taped runs of their
    bodies, states stored and restored; the caller zeroes it.
    An entry that invokes callees needs `deepest`, the most invocations that may be open, and
    `stack_end`: none starts from a frame below this address.

    `pool` (`i32 pool(ptr context, ptr run, ptr frame, i64 count)`, null: this thread does all) runs
    a task for all its numbers on at most `threads` threads: `i32 run(ptr context, ptr frame, i64
    number)`, with a context of its own for each thread, number -1 at a thread's end to give its
    memory back. The status is that of the lowest number that failed,
    or BUSY: nothing was run.

Callees
    `i32 callee(ptr context, ptr results, arguments...)`, with a status as above; scalar results lie
    in slots. A stack is passed as the address of its block, capacity and count (`rules.tape`).
"""

import re
from ctypes import Structure, c_int64, c_void_p

from dpc.compiler.ir.types import (
    FloatType,
    IntType,
    MemRefType,
    ScalarType,
    StackType,
    Type,
    VectorType,
)

OK, CHECK, MEMORY, INTERRUPTED = range(4)
BUSY = -1  # from a pool of threads: another call has it

REPORTED_VALUES = 8  # how many values of a failed check the context can hold
ASK = 2  # interrupt word: ask `attend` at the next opportunity; 1: a signal came
ALIGNMENT = 64  # of every buffer that native code allocates
STACK_BYTES = 4096  # larger buffers never live on the stack
FRAME_BYTES = 65536  # all buffers of one function on the stack together
CALLEE_FRAME_BYTES = 512  # of one invocation, of which there may be many

# Symbols of BLAS and LAPACK: the routine with the letter of its precision behind it (dgemm), the
# functions that get and set the library's number of threads, and three zeroed 32-bit words by which
# calls take turns: a lock, how many are in the library, how many threads it had before.
LIBRARY_PREFIX = "dp.blas."
LIBRARY_STATE = ("dp.blas.get_threads", "dp.blas.set_threads", "dp.blas.turns")

# What native code takes from its process, beyond the functions of the C mathematical library.
RUNTIME_SYMBOLS = ("aligned_alloc", "free", "memcpy", "memset")


class Context(Structure):
    """What one call of a native function shares with its caller."""

    _fields_ = [
        ("check", c_int64),
        ("values", c_int64 * REPORTED_VALUES),
        ("chunk", c_void_p),  # newest chunk of the arena
        ("top", c_void_p),  # its first free byte
        ("end", c_void_p),  # its end
        ("spare", c_void_p),  # a released chunk kept for the next need
        ("stacks", c_void_p),  # blocks of tape stacks, a doubly linked list
        ("held", c_int64),
        ("peak", c_int64),
        ("limit", c_int64),
        ("wanted", c_int64),
        ("certain", c_int64),
        ("interrupt", c_void_p),
        ("attend", c_void_p),
        ("show", c_void_p),
        ("depth", c_int64),  # how many invocations of callees are open
        ("deepest", c_int64),
        ("stack_end", c_void_p),
        ("pool", c_void_p),
        ("threads", c_int64),
        ("counts", c_int64 * 5),
        ("tight", c_int64),  # chunks of the arena are as large as asked for
    ]


OFFSETS: dict[str, int] = {name: getattr(Context, name).offset for name, *_ in Context._fields_}


def entry_symbol(function_name: str) -> str:
    """The symbol of a function's entry; prefixed, so that a `.dp` name never hides one of C's."""
    return "dpc." + re.sub(r"[^A-Za-z0-9_.]", "_", function_name)


def register_type(type_: Type) -> str:
    """The LLVM type of a value."""
    if isinstance(type_, VectorType):
        return f"<{type_.lanes} x {register_type(type_.element)}>"
    if isinstance(type_, FloatType):
        return "double" if type_.width == 64 else "float"
    if isinstance(type_, IntType):
        return f"i{type_.width}"
    return "ptr" if isinstance(type_, MemRefType | StackType) else "i64"


def memory_type(element: ScalarType) -> str:
    """The LLVM type of an element in memory: i1 takes a byte."""
    text = register_type(element)
    return "i8" if text == "i1" else text


def element_bytes(element: ScalarType) -> int:
    """The size of an element in memory."""
    if isinstance(element, FloatType | IntType):
        return max(element.width // 8, 1)
    return 8
