"""The LLVM text of a C function that Python calls instead of `Function.__call__`.

It takes what a call usually is: the right number of positional arguments, each exactly a Python
float, int or bool or a contiguous NumPy array of the expected dtype and rank, whose extents agree.
It allocates the results, runs the native function and makes Python objects of what it returns.
Anything else, and every failure, is left to `slow`, a Python callable given the same arguments: it
converts, explains and raises. So nothing here has a message.

    ptr call(ptr slow, ptr arguments, i64 count, ptr keywords)       METH_FASTCALL | METH_KEYWORDS

On entry: the GIL is held. Native code that loops runs without it.
"""

from ctypes import sizeof
from dataclasses import dataclass

from dpc.compiler.codegen import abi
from dpc.compiler.signature import Group, ResultTree, Signature
from dpc.dsl.types import ArrayType, ScalarType
from dpc.runtime.call_writer import DECLARATIONS, CallWriter, UnusualError, single_leaves
from dpc.runtime.python_layout import (
    ARRAY_DATA,
    ARRAY_DESCR,
    ARRAY_FLAGS,
    ARRAY_NDIM,
    C_CONTIGUOUS_ALIGNED,
    FLOAT_VALUE,
    OBJECT_TYPE,
)

SYMBOL = "dpc.call"
MOST_SLOTS = 64  # of a call; more take the slow way
LANES = 8  # elements looked at together for a NaN


@dataclass(frozen=True, slots=True)
class Traits:
    """What a call of the native function needs: `loops`: it may run for long; `polls`: it looks
    whether Ctrl-C was pressed; `checks_nan`: a result with a NaN is answered again the slow way;
    `limit`: the most bytes it may take, or 0. The symbol dpc.main_thread is the number of the
    thread that Ctrl-C interrupts.
    """

    loops: bool
    polls: bool
    checks_nan: bool
    limit: int


def call_text(signature: Signature, traits: Traits) -> str:
    """The text; `UnusualError` where records, tuples or equations for extents are in the way."""
    return _Text(signature, traits).text()


class _Text(CallWriter):
    """Writes the function, top down; every test that fails jumps to `slow`."""

    def __init__(self, signature: Signature, traits: Traits) -> None:
        super().__init__(signature)
        self.traits = traits
        results = single_leaves(signature.results)
        self.results = results
        self.outputs = [t for t in results if isinstance(t, ArrayType)]
        self.scalars = [t for t in results if isinstance(t, ScalarType)]
        self.count = len(signature.extents) + len(self.inputs) + len(results)
        if self.count > MOST_SLOTS or any(str(t) == "f32" for t in self.scalars):
            raise UnusualError
        if signature.result_dimensions:
            raise UnusualError

    def text(self) -> str:
        """The module."""
        self._prologue()
        for position, type_ in enumerate(self.inputs):
            self._input(position, type_)
        self.bind()
        self.verify()
        for position, poly in enumerate(self.signature.extents):
            self.store(position, "i64", self.extent(poly))
        for position, type_ in enumerate(self.outputs):
            self._allocate(position, type_)
        self._run()
        if self.traits.checks_nan:
            self._look_for_nan()
        self._return()
        self._slow()
        return "\n".join([*self.lines, "}", DECLARATIONS])

    # The parts

    def _prologue(self) -> None:
        parameters = "ptr %in.python, ptr %arguments, i64 %count, ptr %keywords"
        self.lines.append(f'define ptr @"{SYMBOL}"({parameters}) nounwind {{')
        self.start("entry")
        self.line(f"%context = alloca [{sizeof(abi.Context)} x i8], align 8")
        self.line(f"%slots = alloca [{max(self.count, 1)} x i64], align 8")
        self.line(f"%objects = alloca [{max(len(self.outputs), 1)} x ptr], align 8")
        self.line("%overflow = alloca i32, align 4")
        ranks = [len(t.shape) for t in self.outputs]
        self.line(f"%shape = alloca [{max([1, *ranks])} x i64], align 8")
        for position in range(len(self.outputs)):
            self.line(f"store ptr null, ptr {self._object(position)}")
        named = self.emit("icmp eq ptr %keywords, null")
        all_there = self.emit(f"icmp eq i64 %count, {len(self.inputs)}")
        self.require(self.emit(f"and i1 {named}, {all_there}"))

    def _object(self, position: int) -> str:
        return self.emit(f"getelementptr ptr, ptr %objects, i64 {position}")

    def _input(self, position: int, type_: ScalarType | ArrayType) -> None:
        """Check one argument and put it into its slot."""
        argument = self.field("ptr", "%arguments", 8 * position)
        self.line(f"%argument.{position} = getelementptr i8, ptr {argument}, i64 0")
        slot = len(self.signature.extents) + position
        if isinstance(type_, ArrayType):
            self._array(argument, type_, slot)
        elif type_.name == "bool":
            self._bool(argument, slot)
        else:
            getattr(self, f"_{type_.name}")(argument, slot)

    def _has_type(self, argument: str, *types: str) -> None:
        found = self.field("ptr", argument, OBJECT_TYPE)
        tests = [self.emit(f"icmp eq ptr {found}, @{name}") for name in types]
        condition = tests[0]
        for test in tests[1:]:
            condition = self.emit(f"or i1 {condition}, {test}")
        self.require(condition)

    def _f64(self, argument: str, slot: int) -> None:
        self._has_type(argument, "PyFloat_Type", "dpc.python.double")
        self.store(slot, "double", self.field("double", argument, FLOAT_VALUE))

    def _f32(self, argument: str, slot: int) -> None:
        self._has_type(argument, "dpc.python.single")
        self.store(slot, "float", self.field("float", argument, FLOAT_VALUE))

    def _i64(self, argument: str, slot: int) -> str:
        self._has_type(argument, "PyLong_Type")
        value = self.emit(f"call i64 @PyLong_AsLongLongAndOverflow(ptr {argument}, ptr %overflow)")
        over = self.emit("load i32, ptr %overflow")
        self.require(self.emit(f"icmp eq i32 {over}, 0"))
        self.store(slot, "i64", value)
        return value

    def _i32(self, argument: str, slot: int) -> None:
        value = self._i64(argument, slot)
        narrow = self.emit(f"trunc i64 {value} to i32")
        wide = self.emit(f"sext i32 {narrow} to i64")
        self.require(self.emit(f"icmp eq i64 {wide}, {value}"))

    def _bool(self, argument: str, slot: int) -> None:
        true = self.emit(f"icmp eq ptr {argument}, @_Py_TrueStruct")
        false = self.emit(f"icmp eq ptr {argument}, @_Py_FalseStruct")
        self.require(self.emit(f"or i1 {true}, {false}"))
        self.store(slot, "i64", self.emit(f"zext i1 {true} to i64"))

    def _array(self, argument: str, type_: ArrayType, slot: int) -> None:
        self._has_type(argument, "dpc.python.array")
        descr = self.field("ptr", argument, ARRAY_DESCR)
        same = self.emit(f"icmp eq ptr {descr}, @dpc.python.{type_.element.name}")
        rank = self.field("i32", argument, ARRAY_NDIM)
        ranked = self.emit(f"icmp eq i32 {rank}, {len(type_.shape)}")
        flags = self.field("i32", argument, ARRAY_FLAGS)
        wanted = self.emit(f"and i32 {flags}, {C_CONTIGUOUS_ALIGNED}")
        packed = self.emit(f"icmp eq i32 {wanted}, {C_CONTIGUOUS_ALIGNED}")
        both = self.emit(f"and i1 {same}, {ranked}")
        self.require(self.emit(f"and i1 {both}, {packed}"))
        self.store(slot, "ptr", self.field("ptr", argument, ARRAY_DATA))

    # The call

    def _allocate(self, position: int, type_: ArrayType) -> None:
        """A new array for a result."""
        for axis, poly in enumerate(type_.shape):
            extent = self.extent(poly)
            self.require(self.emit(f"icmp sge i64 {extent}, 0"))
            address = self.emit(f"getelementptr i64, ptr %shape, i64 {axis}")
            self.line(f"store i64 {extent}, ptr {address}")
        descr = f"@dpc.python.{type_.element.name}"
        self.line(f"call void @Py_IncRef(ptr {descr})")  # `empty` takes a reference
        operands = f"i32 {len(type_.shape)}, ptr %shape, ptr {descr}, i32 0"
        made = self.emit(f"call ptr @dpc.python.empty({operands})")
        self.require(self.emit(f"icmp ne ptr {made}, null"), "refused")
        self.line(f"store ptr {made}, ptr {self._object(position)}")
        slot = len(self.signature.extents) + len(self.inputs) + position
        self.store(slot, "ptr", self.field("ptr", made, ARRAY_DATA))

    def _run(self) -> None:
        zeroed = f"ptr align 8 %context, i8 0, i64 {sizeof(abi.Context)}, i1 false"
        self.line(f"call void @llvm.memset.p0.i64({zeroed})")
        self._member("limit", f"i64 {self.traits.limit}")
        if self.traits.polls:
            self._watch()
        saved = self.emit("call ptr @PyEval_SaveThread()") if self.traits.loops else ""
        status = self.emit("call i32 @dpc.entry(ptr %context, ptr %slots)")
        if saved:
            self.line(f"call void @PyEval_RestoreThread(ptr {saved})")
        peak = self.field("i64", "%context", abi.OFFSETS["peak"])
        most = self.emit("load i64, ptr @dpc.call.peak")
        higher = self.emit(f"call i64 @llvm.smax.i64(i64 {peak}, i64 {most})")
        self.line(f"store i64 {higher}, ptr @dpc.call.peak")
        if self.traits.polls:
            stopped = self.emit(f"icmp ne i32 {status}, {abi.INTERRUPTED}")
            self.require(stopped, "interrupted")
        self.require(self.emit(f"icmp eq i32 {status}, {abi.OK}"))

    def _watch(self) -> None:
        """Calls in the main thread look at the word that Ctrl-C sets."""
        thread = self.emit("call i64 @PyThread_get_thread_ident()")
        main = self.emit(f"icmp eq i64 {thread}, ptrtoint (ptr @dpc.main_thread to i64)")
        chosen = f"i1 {main}, ptr @dpc.interrupt.word, ptr @dpc.interrupt.idle"
        word = self.emit(f"select {chosen}")
        attend = self.emit(f"select i1 {main}, ptr @dpc.interrupt.attends, ptr null")
        for member, value in (("interrupt", word), ("attend", attend)):
            self._member(member, f"ptr {value}")

    def _member(self, name: str, value: str) -> None:
        """Set a member of the context."""
        place = self.emit(f"getelementptr i8, ptr %context, i64 {abi.OFFSETS[name]}")
        self.line(f"store {value}, ptr {place}")

    def _look_for_nan(self) -> None:
        first = len(self.signature.extents) + len(self.inputs)
        for position, type_ in enumerate(self.outputs):
            if type_.element.is_float:
                self._look_in(first + position, position, type_)
        for position, scalar in enumerate(self.scalars):
            if scalar.is_float:
                value = self.load(first + len(self.outputs) + position, "double")
                self.require(self.emit(f"fcmp ord double {value}, {value}"))

    def _look_in(self, slot: int, position: int, type_: ArrayType) -> None:
        """The slow way if an array holds a NaN."""
        element = "double" if type_.element.name == "f64" else "float"
        size = "1"
        for poly in type_.shape:
            size = self.emit(f"mul i64 {size}, {self.extent(poly)}")
        data = self.load(slot, "ptr")
        blocks = self.emit(f"and i64 {size}, -{LANES}")
        self._scan(f"blocks.{position}", data, element, LANES, ("0", blocks))
        self._scan(f"rest.{position}", data, element, 1, (blocks, size))

    def _scan(
        self, loop: str, data: str, element: str, lanes: int, range_: tuple[str, str]
    ) -> None:
        """A loop over elements, so many at a time, that goes the slow way if there was a NaN."""
        type_ = element if lanes == 1 else f"<{lanes} x {element}>"
        begin, head, body, done = (f"{loop}.{n}" for n in ("begin", "head", "body", "done"))
        i, any_, more, next_ = (f"%{loop}.{n}" for n in ("i", "any", "more", "next"))
        self.line(f"br label %{begin}")
        self.start(begin)
        self.line(f"br label %{head}")
        self.start(head)
        self.line(f"{i} = phi i64 [ {range_[0]}, %{begin} ], [ {next_}, %{body} ]")
        self.line(f"{any_} = phi i1 [ false, %{begin} ], [ {more}, %{body} ]")
        self.line(
            f"br i1 {self.emit(f'icmp slt i64 {i}, {range_[1]}')}, label %{body}, label %{done}"
        )
        self.start(body)
        address = self.emit(f"getelementptr {element}, ptr {data}, i64 {i}")
        value = self.emit(f"load {type_}, ptr {address}, align 4")
        found = self.emit(f"fcmp uno {type_} {value}, {value}")
        if lanes > 1:
            found = self.emit(f"call i1 @llvm.vector.reduce.or.v{lanes}i1(<{lanes} x i1> {found})")
        self.line(f"{more} = or i1 {any_}, {found}")
        self.line(f"{next_} = add i64 {i}, {lanes}")
        self.line(f"br label %{head}")
        self.start(done)
        self.require(self.emit(f"xor i1 {any_}, true"))

    # Results

    def _return(self) -> None:
        if self.signature.tree is None:
            self.line("call void @Py_IncRef(ptr @_Py_NoneStruct)")
            self.line("ret ptr @_Py_NoneStruct")
            return
        self.line(f"ret ptr {self._assembled(self.signature.tree, self._leaves())}")

    def _leaves(self) -> list[str]:
        """A new Python object for each result."""
        made, arrays, scalars = [], 0, 0
        first = len(self.signature.extents) + len(self.inputs)
        for type_ in self.results:
            if isinstance(type_, ArrayType):
                made.append(self.emit(f"load ptr, ptr {self._object(arrays)}"))
                arrays += 1
            else:
                made.append(self._number(first + len(self.outputs) + scalars, type_))
                scalars += 1
        return made

    def _number(self, slot: int, type_: ScalarType) -> str:
        if type_.name == "f64":
            value = self.load(slot, "double")
            return self.emit(f"call ptr @PyFloat_FromDouble(double {value})")
        if type_.name == "bool":
            bit = self.emit(f"trunc i8 {self.load(slot, 'i8')} to i1")
            chosen = self.emit(f"select i1 {bit}, ptr @_Py_TrueStruct, ptr @_Py_FalseStruct")
            self.line(f"call void @Py_IncRef(ptr {chosen})")
            return chosen
        value = self.load(slot, "i64")
        if type_.name == "i32":
            narrow = self.emit(f"trunc i64 {value} to i32")
            value = self.emit(f"sext i32 {narrow} to i64")
        return self.emit(f"call ptr @PyLong_FromLongLong(i64 {value})")

    def _assembled(self, tree: ResultTree, made: list[str]) -> str:
        """The results as the caller sees them; named tuples are made by Python."""
        if plain(tree):
            return self._tree(tree, made)
        leaves_ = self._tuple(made)
        result = self.emit(f"call ptr @PyObject_CallOneArg(ptr @dpc.python.finish, ptr {leaves_})")
        self.line(f"call void @Py_DecRef(ptr {leaves_})")
        return result

    def _tree(self, tree: ResultTree, made: list[str]) -> str:
        if isinstance(tree, int):
            return made[tree]
        return self._tuple([self._tree(item, made) for item in tree.items])

    def _tuple(self, items: list[str]) -> str:
        result = self.emit(f"call ptr @PyTuple_New(i64 {len(items)})")
        self.require(self.emit(f"icmp ne ptr {result}, null"), "exhausted")
        for position, item in enumerate(items):
            self.require(self.emit(f"icmp ne ptr {item}, null"), "exhausted")
            self.emit(f"call i32 @PyTuple_SetItem(ptr {result}, i64 {position}, ptr {item})")
        return result

    def _slow(self) -> None:
        if self.traits.polls:
            self.start("interrupted")
            self._forget()
            # The handler runs now, not once more when the exception has been caught.
            raised = self.emit("call i32 @PyErr_CheckSignals()")
            self.require(self.emit(f"icmp eq i32 {raised}, 0"), "exhausted")
            kind = self.emit("load ptr, ptr @PyExc_KeyboardInterrupt")
            self.line(f"call void @PyErr_SetNone(ptr {kind})")
            self.line("ret ptr null")
        self.start("exhausted")  # an object could not be made, and Python knows why
        self.line("ret ptr null")
        if self.outputs:
            self.start("refused")
            self.line("call void @PyErr_Clear()")
            self.line("br label %slow")
        self.start("slow")
        self._forget()
        operands = "ptr %in.python, ptr %arguments, i64 %count, ptr %keywords"
        self.line(f"ret ptr {self.emit(f'call ptr @PyObject_Vectorcall({operands})')}")

    def _forget(self) -> None:
        """Give back the arrays made for the results."""
        for position in range(len(self.outputs)):
            made = self.emit(f"load ptr, ptr {self._object(position)}")
            self.line(f"call void @Py_DecRef(ptr {made})")


def plain(tree: ResultTree | None) -> bool:
    """Whether the results are a value or tuples without names."""
    if isinstance(tree, Group):
        return tree.names is None and all(plain(item) for item in tree.items)
    return True
