"""LLVM text of the routine that runs a task for a range of numbers; `pool` has the threads."""

from dpc.compiler.codegen.abi import BUSY, OFFSETS

LITTLE_WORK = 40_000  # operations (about 20 microseconds): below, a second thread does not pay

FORALL = f"""\
define internal i32 @dp.forall(ptr %context, ptr %run, ptr %frame, i64 %count, i64 %work)
    noinline nounwind {{
entry:
  %pool.at = getelementptr i8, ptr %context, i64 {OFFSETS["pool"]}
  %pool = load ptr, ptr %pool.at
  %alone = icmp eq ptr %pool, null
  %little = icmp slt i64 %work, {LITTLE_WORK}
  %here = or i1 %alone, %little
  br i1 %here, label %head, label %share
share:
  %shared = call i32 %pool(ptr %context, ptr %run, ptr %frame, i64 %count)
  %busy = icmp eq i32 %shared, {BUSY}
  br i1 %busy, label %head, label %answer
answer:
  ret i32 %shared
head:
  %number = phi i64 [ 0, %entry ], [ 0, %share ], [ %next, %go.on ]
  %more = icmp slt i64 %number, %count
  br i1 %more, label %one, label %done
one:
  %status = call i32 %run(ptr %context, ptr %frame, i64 %number)
  %failed = icmp ne i32 %status, 0
  %next = add i64 %number, 1
  br i1 %failed, label %fail, label %go.on
go.on:
  br label %head
fail:
  ret i32 %status
done:
  ret i32 0
}}"""
