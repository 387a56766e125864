"""LLVM text of the routines that manage the memory of a call.

The arena is a list of chunks, newest first; a chunk starts with a header of 64 bytes: the previous
chunk, its own end, its size. A block of a tape stack has the same header: next, previous, size.
Both come from `aligned_alloc`; `held` and `peak` count them, and `held` stays within the limit.
"""

from dpc.compiler.codegen.abi import ALIGNMENT, OFFSETS

FIRST_CHUNK = 65536
LARGEST_STEP = 1 << 24  # chunks double up to here; larger ones are as large as asked for
LARGEST_REQUEST = (1 << 62) - 1
SCARCE = 3  # a chunk is no larger than needed where it would be over 2**-SCARCE of what is left


def _member(name: str) -> str:
    """The address of a member of the context."""
    return f"getelementptr i8, ptr %context, i64 {OFFSETS[name]}"


def _count(change: str, prefix: str = "") -> str:
    """Add to `held` and raise `peak`."""
    return f"""\
  %{prefix}held.at = {_member("held")}
  %{prefix}held.old = load i64, ptr %{prefix}held.at
  %{prefix}held = {change.replace("HELD", f"%{prefix}held.old")}
  store i64 %{prefix}held, ptr %{prefix}held.at
  %{prefix}peak.at = {_member("peak")}
  %{prefix}peak.old = load i64, ptr %{prefix}peak.at
  %{prefix}higher = icmp sgt i64 %{prefix}held, %{prefix}peak.old
  %{prefix}peak = select i1 %{prefix}higher, i64 %{prefix}held, i64 %{prefix}peak.old
  store i64 %{prefix}peak, ptr %{prefix}peak.at"""


# `noinline`, so that the call's result stays a distinct object to LLVM; the chunks' headers are
# nothing that other code can reach.
_ALLOC = f"""\
define internal noalias align {ALIGNMENT} ptr @dp.alloc(ptr captures(none) %context, i64 %bytes)
    noinline nounwind memory(argmem: readwrite, inaccessiblemem: readwrite) {{
entry:
  %huge = icmp ugt i64 %bytes, {LARGEST_REQUEST}
  br i1 %huge, label %fail, label %sized
sized:
  %padded = add i64 %bytes, {ALIGNMENT}
  %size = and i64 %padded, -{ALIGNMENT}
  %top.at = {_member("top")}
  %end.at = {_member("end")}
  br label %try
try:
  %top = load ptr, ptr %top.at
  %end = load ptr, ptr %end.at
  %start.address = ptrtoint ptr %top to i64
  %end.address = ptrtoint ptr %end to i64
  %room = sub i64 %end.address, %start.address
  %fits = icmp ule i64 %size, %room
  br i1 %fits, label %take, label %grow
take:
  %next = getelementptr i8, ptr %top, i64 %size
  store ptr %next, ptr %top.at
  ret ptr %top
grow:
  %grown = call i1 @dp.grow(ptr %context, i64 %size)
  br i1 %grown, label %try, label %fail
fail:
  ret ptr null
}}"""

# A new chunk of at least `size` bytes of room: the spare one if it is large enough.
_GROW = f"""\
define internal i1 @dp.grow(ptr %context, i64 %size) cold noinline nounwind {{
entry:
  %need = add i64 %size, {ALIGNMENT}
  %chunk.at = {_member("chunk")}
  %old = load ptr, ptr %chunk.at
  %spare.at = {_member("spare")}
  %spare = load ptr, ptr %spare.at
  %no.spare = icmp eq ptr %spare, null
  br i1 %no.spare, label %fresh, label %look
look:
  %spare.size.at = getelementptr i8, ptr %spare, i64 16
  %spare.size = load i64, ptr %spare.size.at
  %enough = icmp uge i64 %spare.size, %need
  br i1 %enough, label %reuse, label %fresh
reuse:
  store ptr null, ptr %spare.at
  br label %link
fresh:
  %first = icmp eq ptr %old, null
  br i1 %first, label %allocate, label %double
double:
  %old.size.at = getelementptr i8, ptr %old, i64 16
  %old.size = load i64, ptr %old.size.at
  %twice = shl i64 %old.size, 1
  %over = icmp ugt i64 %twice, {LARGEST_STEP}
  %step = select i1 %over, i64 {LARGEST_STEP}, i64 %twice
  br label %allocate
allocate:
  %least = phi i64 [ {FIRST_CHUNK}, %fresh ], [ %step, %double ]
  %tight.at = {_member("tight")}
  %tight.word = load i64, ptr %tight.at
  %tight = icmp ne i64 %tight.word, 0
  %usual = select i1 %tight, i64 0, i64 %least
  %larger = icmp ugt i64 %need, %usual
  %wished = select i1 %larger, i64 %need, i64 %usual
  %room = call i64 @dp.admit(ptr %context, i64 %need)
  %share = lshr i64 %room, {SCARCE}
  %scarce = icmp ult i64 %share, %wished
  %bytes = select i1 %scarce, i64 %need, i64 %wished
  %denied = icmp eq i64 %room, 0
  br i1 %denied, label %fail, label %obtain
obtain:
  %memory = call ptr @aligned_alloc(i64 {ALIGNMENT}, i64 %bytes)
  %refused = icmp eq ptr %memory, null
  br i1 %refused, label %fail, label %count
fail:
  ret i1 false
count:
  %size.at = getelementptr i8, ptr %memory, i64 16
  store i64 %bytes, ptr %size.at
{_count("add i64 HELD, %bytes")}
  br label %link
link:
  %chunk = phi ptr [ %spare, %reuse ], [ %memory, %count ]
  %capacity = phi i64 [ %spare.size, %reuse ], [ %bytes, %count ]
  %end = getelementptr i8, ptr %chunk, i64 %capacity
  %top = getelementptr i8, ptr %chunk, i64 {ALIGNMENT}
  store ptr %old, ptr %chunk
  %end.in = getelementptr i8, ptr %chunk, i64 8
  store ptr %end, ptr %end.in
  store ptr %chunk, ptr %chunk.at
  %top.at = {_member("top")}
  store ptr %top, ptr %top.at
  %end.at = {_member("end")}
  store ptr %end, ptr %end.at
  ret i1 true
}}"""

# Where there is a limit, room for `bytes` in the arena, from now on with tight chunks, and `more`.
_SET_ASIDE = f"""\
define internal i1 @dp.set_aside(ptr %context, i64 %bytes, i64 %more) cold noinline nounwind {{
entry:
  %limit.at = {_member("limit")}
  %limit = load i64, ptr %limit.at
  %unlimited = icmp eq i64 %limit, 0
  br i1 %unlimited, label %done, label %look
look:
  %tight.at = {_member("tight")}
  store i64 1, ptr %tight.at
  %block = add i64 %bytes, {ALIGNMENT}
  %all = add i64 %block, %more
  %certain.at = {_member("certain")}
  store i64 %all, ptr %certain.at
  %room = call i64 @dp.admit(ptr %context, i64 %all)
  %denied = icmp eq i64 %room, 0
  br i1 %denied, label %done, label %take
take:
  %padded = add i64 %bytes, {ALIGNMENT - 1}
  %size = and i64 %padded, -{ALIGNMENT}
  %grown = call i1 @dp.grow(ptr %context, i64 %size)
  ret i1 %grown
done:
  %nothing = phi i1 [ true, %entry ], [ false, %look ]
  ret i1 %nothing
}}"""

# How many bytes more there may be, at least `need`; 0 if fewer. Near the limit the spare is let go.
_ADMIT = f"""\
define internal i64 @dp.admit(ptr %context, i64 %need) cold noinline nounwind {{
entry:
  %limit.at = {_member("limit")}
  %spare.at = {_member("spare")}
  %used.at = {_member("held")}
  %limit = load i64, ptr %limit.at
  %unlimited = icmp eq i64 %limit, 0
  br i1 %unlimited, label %all, label %look
all:
  ret i64 {LARGEST_REQUEST}
look:
  %used = load i64, ptr %used.at
  %left = sub i64 %limit, %used
  %fits = icmp sge i64 %left, %need
  br i1 %fits, label %some, label %short
some:
  %room = and i64 %left, -{ALIGNMENT}
  ret i64 %room
short:
  %spare = load ptr, ptr %spare.at
  %no.spare = icmp eq ptr %spare, null
  br i1 %no.spare, label %refuse, label %drop
drop:
  %size.at = getelementptr i8, ptr %spare, i64 16
  %size = load i64, ptr %size.at
  store ptr null, ptr %spare.at
  call void @free(ptr %spare)
{_count("sub i64 HELD, %size")}
  br label %look
refuse:
  %wanted.at = {_member("wanted")}
  %wanted = add i64 %used, %need
  store i64 %wanted, ptr %wanted.at
  ret i64 0
}}"""

# True if a call that has nothing yet may not have `bytes`; `whole`: these are all, so one chunk.
# Where the system has not enough, the buffer that is too much will say so.
_RESERVE = f"""\
define internal i1 @dp.reserve(ptr %context, i64 %bytes, i1 %whole) cold noinline nounwind {{
entry:
  %certain.at = {_member("certain")}
  store i64 %bytes, ptr %certain.at
  %limit.at = {_member("limit")}
  %limit = load i64, ptr %limit.at
  %unlimited = icmp eq i64 %limit, 0
  %need = add i64 %bytes, {ALIGNMENT}
  %enough = icmp ule i64 %need, %limit
  %may = or i1 %unlimited, %enough
  br i1 %may, label %take, label %refuse
refuse:
  %wanted.at = {_member("wanted")}
  store i64 %need, ptr %wanted.at
  ret i1 true
take:
  %some = icmp ne i64 %bytes, 0
  %sized = icmp ule i64 %bytes, {LARGEST_REQUEST}
  %useful = and i1 %some, %sized
  %at.once = and i1 %useful, %whole
  br i1 %at.once, label %obtain, label %done
obtain:
  %obtained = call i1 @dp.grow(ptr %context, i64 %bytes)
  br label %done
done:
  ret i1 false
}}"""

# Back to a mark (chunk, top). The largest chunk let go of is kept as the spare. Variadic: the
# buffers that end here are operands (see `Writer.scope`); in `llvm.compiler.used`, so that they
# are not optimised away.
_RELEASE = f"""\
define internal void @dp.release(ptr %context, ptr %mark, ptr %top, ...) noinline nounwind {{
entry:
  %chunk.at = {_member("chunk")}
  %top.at = {_member("top")}
  %end.at = {_member("end")}
  %spare.at = {_member("spare")}
  br label %head
head:
  %chunk = load ptr, ptr %chunk.at
  %same = icmp eq ptr %chunk, %mark
  br i1 %same, label %back, label %drop
drop:
  %previous = load ptr, ptr %chunk
  store ptr %previous, ptr %chunk.at
  %size.at = getelementptr i8, ptr %chunk, i64 16
  %size = load i64, ptr %size.at
  %spare = load ptr, ptr %spare.at
  %no.spare = icmp eq ptr %spare, null
  br i1 %no.spare, label %keep, label %compare
keep:
  store ptr %chunk, ptr %spare.at
  br label %head
compare:
  %spare.size.at = getelementptr i8, ptr %spare, i64 16
  %spare.size = load i64, ptr %spare.size.at
  %better = icmp ugt i64 %size, %spare.size
  %kept = select i1 %better, ptr %chunk, ptr %spare
  %let.go = select i1 %better, ptr %spare, ptr %chunk
  %freed = select i1 %better, i64 %spare.size, i64 %size
  store ptr %kept, ptr %spare.at
  call void @free(ptr %let.go)
{_count("sub i64 HELD, %freed")}
  br label %head
back:
  store ptr %top, ptr %top.at
  %none = icmp eq ptr %mark, null
  br i1 %none, label %empty, label %some
empty:
  store ptr null, ptr %end.at
  ret void
some:
  %end.in = getelementptr i8, ptr %mark, i64 8
  %end = load ptr, ptr %end.in
  store ptr %end, ptr %end.at
  ret void
}}"""

# A larger block for a tape stack with the first `used` bytes of the old one, or null.
_STACK_GROW = f"""\
define internal ptr @dp.stack_grow(ptr %context, ptr %data, i64 %used, i64 %bytes)
    cold noinline nounwind {{
entry:
  %padded = add i64 %bytes, {2 * ALIGNMENT - 1}
  %total = and i64 %padded, -{ALIGNMENT}
  %room = call i64 @dp.admit(ptr %context, i64 %total)
  %denied = icmp eq i64 %room, 0
  br i1 %denied, label %fail, label %obtain
obtain:
  %memory = call ptr @aligned_alloc(i64 {ALIGNMENT}, i64 %total)
  %refused = icmp eq ptr %memory, null
  br i1 %refused, label %fail, label %link
fail:
  ret ptr null
link:
  %stacks.at = {_member("stacks")}
  %first = load ptr, ptr %stacks.at
  store ptr %first, ptr %memory
  %previous.at = getelementptr i8, ptr %memory, i64 8
  store ptr null, ptr %previous.at
  %size.at = getelementptr i8, ptr %memory, i64 16
  store i64 %total, ptr %size.at
  store ptr %memory, ptr %stacks.at
  %no.first = icmp eq ptr %first, null
  br i1 %no.first, label %linked, label %relink
relink:
  %first.previous.at = getelementptr i8, ptr %first, i64 8
  store ptr %memory, ptr %first.previous.at
  br label %linked
linked:
{_count("add i64 HELD, %total")}
  %new = getelementptr i8, ptr %memory, i64 {ALIGNMENT}
  %none = icmp eq ptr %data, null
  br i1 %none, label %done, label %move
move:
  call void @llvm.memcpy.p0.p0.i64(ptr %new, ptr %data, i64 %used, i1 false)
  %old = getelementptr i8, ptr %data, i64 -{ALIGNMENT}
  %old.next = load ptr, ptr %old
  %old.previous.at = getelementptr i8, ptr %old, i64 8
  %old.previous = load ptr, ptr %old.previous.at
  %old.size.at = getelementptr i8, ptr %old, i64 16
  %old.size = load i64, ptr %old.size.at
  store ptr %old.next, ptr %old.previous
  %last = icmp eq ptr %old.next, null
  br i1 %last, label %free, label %unlink
unlink:
  %next.previous.at = getelementptr i8, ptr %old.next, i64 8
  store ptr %old.previous, ptr %next.previous.at
  br label %free
free:
  call void @free(ptr %old)
{_count("sub i64 HELD, %old.size", "free.")}
  br label %done
done:
  ret ptr %new
}}"""

# Everything a call still has, given back; counted, so that `held` would show what was lost.
_FINISH = f"""\
define internal void @dp.finish(ptr %context) noinline nounwind {{
entry:
  call void (ptr, ptr, ptr, ...) @dp.release(ptr %context, ptr null, ptr null)
  %spare.at = {_member("spare")}
  %stacks.at = {_member("stacks")}
  %spare = load ptr, ptr %spare.at
  %first = load ptr, ptr %stacks.at
  store ptr null, ptr %spare.at
  store ptr null, ptr %stacks.at
  %no.spare = icmp eq ptr %spare, null
  br i1 %no.spare, label %head, label %drop
head:
  %stack = phi ptr [ %first, %entry ], [ %following, %drop ]
  %none = icmp eq ptr %stack, null
  br i1 %none, label %done, label %next
next:
  %next.stack = load ptr, ptr %stack
  br label %drop
drop:
  %block = phi ptr [ %spare, %entry ], [ %stack, %next ]
  %following = phi ptr [ %first, %entry ], [ %next.stack, %next ]
  %size.at = getelementptr i8, ptr %block, i64 16
  %size = load i64, ptr %size.at
  call void @free(ptr %block)
{_count("sub i64 HELD, %size")}
  br label %head
done:
  ret void
}}"""

_ATTEND = f"""\
define internal i32 @dp.attend(ptr %context) cold noinline nounwind {{
  %attend.at = {_member("attend")}
  %attend = load ptr, ptr %attend.at
  %none = icmp eq ptr %attend, null
  br i1 %none, label %stop, label %ask
stop:
  ret i32 1
ask:
  %answer = call i32 %attend(ptr %context)
  ret i32 %answer
}}"""

MEMORY_TEXT = {
    "dp.alloc": _ALLOC,
    "dp.grow": _GROW,
    "dp.admit": _ADMIT,
    "dp.reserve": _RESERVE,
    "dp.set_aside": _SET_ASIDE,
    "dp.release": _RELEASE,
    "dp.stack_grow": _STACK_GROW,
    "dp.finish": _FINISH,
    "dp.attend": _ATTEND,
}
