"""LLVM text of the routines around calls of BLAS and LAPACK.

While any call is in the library it has one thread; the last to leave gives back what it had.
"""

_LOCK = """\
@dp.blas.turns = external global [3 x i32]
define internal void @dp.library.lock() nounwind {
  br label %try
try:
  %old = cmpxchg ptr @dp.blas.turns, i32 0, i32 1 acquire monotonic, align 4
  %taken = extractvalue { i32, i1 } %old, 1
  br i1 %taken, label %done, label %try
done:
  ret void
}"""

_ENTER = """\
define internal void @dp.library.enter() noinline nounwind {
  call void @dp.library.lock()
  %active.at = getelementptr i32, ptr @dp.blas.turns, i64 1
  %active = load i32, ptr %active.at
  %more = add i32 %active, 1
  store i32 %more, ptr %active.at
  %first = icmp eq i32 %active, 0
  br i1 %first, label %set, label %done
set:
  %before = call i32 @dp.blas.get_threads()
  %before.at = getelementptr i32, ptr @dp.blas.turns, i64 2
  store i32 %before, ptr %before.at
  call void @dp.blas.set_threads(i32 1)
  br label %done
done:
  store atomic i32 0, ptr @dp.blas.turns release, align 4
  ret void
}"""

_LEAVE = """\
define internal void @dp.library.leave() noinline nounwind {
  call void @dp.library.lock()
  %active.at = getelementptr i32, ptr @dp.blas.turns, i64 1
  %active = load i32, ptr %active.at
  %less = sub i32 %active, 1
  store i32 %less, ptr %active.at
  %last = icmp eq i32 %less, 0
  br i1 %last, label %set, label %done
set:
  %before.at = getelementptr i32, ptr @dp.blas.turns, i64 2
  %before = load i32, ptr %before.at
  call void @dp.blas.set_threads(i32 %before)
  br label %done
done:
  store atomic i32 0, ptr @dp.blas.turns release, align 4
  ret void
}"""

# Integers of 32 bits become 64 wide in their place, from the last to the first.
_WIDEN = """\
define internal void @dp.widen(ptr %data, i64 %count) nounwind {
entry:
  br label %head
head:
  %left = phi i64 [ %count, %entry ], [ %at, %body ]
  %done = icmp eq i64 %left, 0
  br i1 %done, label %end, label %body
body:
  %at = sub i64 %left, 1
  %narrow.at = getelementptr i32, ptr %data, i64 %at
  %narrow = load i32, ptr %narrow.at
  %wide = sext i32 %narrow to i64
  %wide.at = getelementptr i64, ptr %data, i64 %at
  store i64 %wide, ptr %wide.at
  br label %head
end:
  ret void
}"""

LIBRARY_TEXT = {
    "dp.library.lock": _LOCK,
    "dp.library.enter": _ENTER,
    "dp.library.leave": _LEAVE,
    "dp.widen": _WIDEN,
}
