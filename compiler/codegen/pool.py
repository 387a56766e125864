"""LLVM text of the threads that share the numbers of a task: a module of its own, for a process.

The pool is a fixed set of threads that sleep between tasks. A task's caller works too. All take the
next number from one counter; who sees a number fail takes no more and lets nobody else, so every
number below one that failed is run to its end, and the lowest that failed is what the caller
reports. Threads that have nothing to do look at `@turn` for a while, then sleep. `@turn` holds the
number of the task and, in the low bits, how many threads take part: one load tells a thread both.
"""

from ctypes import sizeof

from dpc.compiler.codegen.abi import ASK, BUSY, INTERRUPTED, OFFSETS, REPORTED_VALUES, Context

MOST_WORKERS = 63
STACK_BYTES, STACK_MARGIN = 8 << 20, 1 << 18
SPINS = 20_000  # looks at a word before a thread goes to sleep: some ten microseconds
_REPORT_BYTES = 8 + 8 * REPORTED_VALUES
_CONTEXT = -(-sizeof(Context) // 64) * 64
_ZEROED = ("chunk", "top", "end", "spare", "stacks", "held", "peak", "pool", "depth")


def _zeroed() -> str:
    """A worker's context starts as the caller's, without what that holds."""
    return "\n".join(
        f"  %{name}.at = getelementptr i8, ptr %own, i64 {OFFSETS[name]}\n"
        f"  store i64 0, ptr %{name}.at"
        for name in _ZEROED
    )


POOL = f"""\
; One worker: its context, then
%worker = type {{ [{_CONTEXT} x i8], i64, i64, i32 }} ; turn seen last, number that failed, status
@workers = internal global [{MOST_WORKERS} x %worker] zeroinitializer, align 64
@running = internal global i64 0
@busy = internal global i32 0
@turn = internal global i64 0, align 64
@next = internal global i64 0, align 64
@working = internal global i64 0, align 64
@count = internal global i64 0, align 64
@run = internal global ptr null
@frame = internal global ptr null
@context = internal global ptr null
@share = internal global i64 0 ; of the memory that is left, for each thread; 0: no limit
@mutex = internal global [128 x i8] zeroinitializer, align 64
@wake = internal global [128 x i8] zeroinitializer, align 64
@finished = internal global [128 x i8] zeroinitializer, align 64

declare i32 @pthread_create(ptr, ptr, ptr, ptr) nounwind
declare i32 @pthread_attr_init(ptr) nounwind
declare i32 @pthread_attr_setdetachstate(ptr, i32) nounwind
declare i32 @pthread_attr_setstacksize(ptr, i64) nounwind
declare i32 @pthread_attr_destroy(ptr) nounwind
declare i32 @pthread_sigmask(i32, ptr, ptr) nounwind
declare i32 @pthread_mutex_lock(ptr) nounwind
declare i32 @pthread_mutex_unlock(ptr) nounwind
declare i32 @pthread_cond_wait(ptr, ptr) nounwind
declare i32 @pthread_cond_signal(ptr) nounwind
declare i32 @pthread_cond_broadcast(ptr) nounwind
declare ptr @llvm.frameaddress.p0(i32)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare i64 @llvm.smax.i64(i64, i64)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

; In a child process, which has none of the threads.
define void @"dpc.threads.reset"() nounwind {{
  store i64 0, ptr @running
  store i32 0, ptr @busy
  store i64 0, ptr @turn
  store i64 0, ptr @working
  call void @llvm.memset.p0.i64(ptr @mutex, i8 0, i64 128, i1 false)
  call void @llvm.memset.p0.i64(ptr @wake, i8 0, i64 128, i1 false)
  call void @llvm.memset.p0.i64(ptr @finished, i8 0, i64 128, i1 false)
  ret void
}}

; Workers leave the interrupt word to the caller.
define internal i32 @attend(ptr %context) nounwind {{
  %word.at = getelementptr i8, ptr %context, i64 {OFFSETS["interrupt"]}
  %word = load ptr, ptr %word.at
  %value = load atomic i32, ptr %word monotonic, align 4
  %stops = icmp ne i32 %value, {ASK}
  %answer = zext i1 %stops to i32
  ret i32 %answer
}}

; Run numbers until there are none or one fails: that number (-1: none) and its status.
define internal {{ i64, i32 }} @numbers(ptr %context) nounwind {{
entry:
  %run = load ptr, ptr @run
  %frame = load ptr, ptr @frame
  %count = load i64, ptr @count
  br label %head
head:
  %number = atomicrmw add ptr @next, i64 1 acq_rel
  %more = icmp slt i64 %number, %count
  br i1 %more, label %one, label %none
one:
  %status = call i32 %run(ptr %context, ptr %frame, i64 %number)
  %failed = icmp ne i32 %status, 0
  br i1 %failed, label %fail, label %head
fail:
  store atomic i64 %count, ptr @next release, align 8
  %pair = insertvalue {{ i64, i32 }} poison, i64 %number, 0
  %both = insertvalue {{ i64, i32 }} %pair, i32 %status, 1
  ret {{ i64, i32 }} %both
none:
  ret {{ i64, i32 }} {{ i64 -1, i32 0 }}
}}

define internal void @work(ptr %own, i64 %limit) nounwind {{
  %caller = load ptr, ptr @context
  call void @llvm.memcpy.p0.p0.i64(ptr %own, ptr %caller, i64 {sizeof(Context)}, i1 false)
{_zeroed()}
  %attend.at = getelementptr i8, ptr %own, i64 {OFFSETS["attend"]}
  store ptr @attend, ptr %attend.at
  %end.of.stack.at = getelementptr i8, ptr %own, i64 {OFFSETS["stack_end"]}
  store i64 %limit, ptr %end.of.stack.at
  %share = load i64, ptr @share
  %limit.at = getelementptr i8, ptr %own, i64 {OFFSETS["limit"]}
  store i64 %share, ptr %limit.at
  %both = call {{ i64, i32 }} @numbers(ptr %own)
  %run = load ptr, ptr @run
  %frame = load ptr, ptr @frame
  call i32 %run(ptr %own, ptr %frame, i64 -1)
  %number = extractvalue {{ i64, i32 }} %both, 0
  %status = extractvalue {{ i64, i32 }} %both, 1
  %number.at = getelementptr %worker, ptr %own, i64 0, i32 2
  %status.at = getelementptr %worker, ptr %own, i64 0, i32 3
  store i64 %number, ptr %number.at
  store i32 %status, ptr %status.at
  ret void
}}

define internal ptr @worker(ptr %own) nounwind {{
entry:
  %here = call ptr @llvm.frameaddress.p0(i32 0)
  %address = ptrtoint ptr %here to i64
  %limit = sub i64 %address, {STACK_BYTES - STACK_MARGIN}
  %start = ptrtoint ptr @workers to i64
  %self = ptrtoint ptr %own to i64
  %offset = sub i64 %self, %start
  %size.at = getelementptr %worker, ptr null, i64 1
  %size = ptrtoint ptr %size.at to i64
  %index = udiv i64 %offset, %size
  %seen.at = getelementptr %worker, ptr %own, i64 0, i32 1
  br label %sleep
sleep:
  br label %spin
spin:
  %spins = phi i64 [ 0, %sleep ], [ %spun, %again ]
  %seen = load i64, ptr %seen.at
  %turn = load atomic i64, ptr @turn acquire, align 8
  %new = icmp ne i64 %turn, %seen
  br i1 %new, label %begin, label %again
again:
  %spun = add i64 %spins, 1
  %tired = icmp ugt i64 %spun, {SPINS}
  br i1 %tired, label %lie.down, label %spin
lie.down:
  call i32 @pthread_mutex_lock(ptr @mutex)
  br label %lie
lie:
  %woken = load atomic i64, ptr @turn acquire, align 8
  %still = icmp eq i64 %woken, %seen
  br i1 %still, label %rest, label %rise
rest:
  call i32 @pthread_cond_wait(ptr @wake, ptr @mutex)
  br label %lie
rise:
  call i32 @pthread_mutex_unlock(ptr @mutex)
  br label %sleep
begin:
  store i64 %turn, ptr %seen.at
  %part = and i64 %turn, 255
  %takes.part = icmp ult i64 %index, %part
  br i1 %takes.part, label %do, label %sleep
do:
  call void @work(ptr %own, i64 %limit)
  %left = atomicrmw sub ptr @working, i64 1 acq_rel
  %last = icmp eq i64 %left, 1
  br i1 %last, label %tell, label %sleep
tell:
  call i32 @pthread_mutex_lock(ptr @mutex)
  call i32 @pthread_cond_signal(ptr @finished)
  call i32 @pthread_mutex_unlock(ptr @mutex)
  br label %sleep
}}

; As many threads as can be had, at most %wanted; signals go to other threads.
define internal i64 @hire(i64 %wanted) nounwind {{
entry:
  %attributes = alloca [256 x i8], align 16
  %all = alloca [128 x i8], align 16
  %before = alloca [128 x i8], align 16
  %id = alloca i64
  %running = load i64, ptr @running
  %enough = icmp sge i64 %running, %wanted
  br i1 %enough, label %done, label %prepare
prepare:
  call i32 @pthread_attr_init(ptr %attributes)
  call i32 @pthread_attr_setdetachstate(ptr %attributes, i32 1)
  call i32 @pthread_attr_setstacksize(ptr %attributes, i64 {STACK_BYTES})
  call void @llvm.memset.p0.i64(ptr %all, i8 -1, i64 128, i1 false)
  call i32 @pthread_sigmask(i32 2, ptr %all, ptr %before)
  br label %head
head:
  %index = phi i64 [ %running, %prepare ], [ %next, %hired ]
  %more = icmp slt i64 %index, %wanted
  br i1 %more, label %create, label %close
create:
  %own = getelementptr [{MOST_WORKERS} x %worker], ptr @workers, i64 0, i64 %index
  %seen.at = getelementptr %worker, ptr %own, i64 0, i32 1
  %turn = load i64, ptr @turn
  store i64 %turn, ptr %seen.at
  %refused = call i32 @pthread_create(ptr %id, ptr %attributes, ptr @worker, ptr %own)
  %made = icmp eq i32 %refused, 0
  br i1 %made, label %hired, label %close
hired:
  %next = add i64 %index, 1
  br label %head
close:
  %found = phi i64 [ %index, %head ], [ %index, %create ]
  store i64 %found, ptr @running
  call i32 @pthread_sigmask(i32 2, ptr %before, ptr null)
  call i32 @pthread_attr_destroy(ptr %attributes)
  br label %done
done:
  %have = phi i64 [ %wanted, %entry ], [ %found, %close ]
  ret i64 %have
}}

define i32 @"dpc.threads.pool"(ptr %context, ptr %run, ptr %frame, i64 %count) nounwind {{
entry:
  %taken = atomicrmw xchg ptr @busy, i32 1 acq_rel
  %free = icmp eq i32 %taken, 0
  br i1 %free, label %plan, label %alone
alone:
  ret i32 {BUSY}
plan:
  %threads.at = getelementptr i8, ptr %context, i64 {OFFSETS["threads"]}
  %threads = load i64, ptr %threads.at
  %fewer = icmp slt i64 %count, %threads
  %useful = select i1 %fewer, i64 %count, i64 %threads
  %others = sub i64 %useful, 1
  %few = icmp slt i64 %others, {MOST_WORKERS}
  %wanted = select i1 %few, i64 %others, i64 {MOST_WORKERS}
  %workers = call i64 @hire(i64 %wanted)
  %held.at = getelementptr i8, ptr %context, i64 {OFFSETS["held"]}
  %held = load i64, ptr %held.at
  %peak.at = getelementptr i8, ptr %context, i64 {OFFSETS["peak"]}
  %earlier = load i64, ptr %peak.at
  store i64 %held, ptr %peak.at
  %limit.at = getelementptr i8, ptr %context, i64 {OFFSETS["limit"]}
  %limit = load i64, ptr %limit.at
  %unlimited = icmp eq i64 %limit, 0
  %remaining.bytes = sub i64 %limit, %held
  %parts = add i64 %workers, 1
  %part = sdiv i64 %remaining.bytes, %parts
  %some = call i64 @llvm.smax.i64(i64 %part, i64 1)
  %share = select i1 %unlimited, i64 0, i64 %some
  store i64 %share, ptr @share
  %own.limit = add i64 %held, %share
  %limited = select i1 %unlimited, i64 0, i64 %own.limit
  store i64 %limited, ptr %limit.at
  store ptr %context, ptr @context
  store ptr %run, ptr @run
  store ptr %frame, ptr @frame
  store i64 %count, ptr @count
  store i64 0, ptr @next
  store i64 %workers, ptr @working
  %before = load i64, ptr @turn
  %number.before = lshr i64 %before, 8
  %number = add i64 %number.before, 1
  %shifted = shl i64 %number, 8
  %turn = or i64 %shifted, %workers
  call i32 @pthread_mutex_lock(ptr @mutex)
  store atomic i64 %turn, ptr @turn release, align 8
  call i32 @pthread_cond_broadcast(ptr @wake)
  call i32 @pthread_mutex_unlock(ptr @mutex)
  %both = call {{ i64, i32 }} @numbers(ptr %context)
  %own.number = extractvalue {{ i64, i32 }} %both, 0
  %own.status = extractvalue {{ i64, i32 }} %both, 1
  %word.at = getelementptr i8, ptr %context, i64 {OFFSETS["interrupt"]}
  %word = load ptr, ptr %word.at
  %stopped = icmp eq i32 %own.status, {INTERRUPTED}
  br i1 %stopped, label %stop, label %wait
stop:
  store atomic i32 1, ptr %word monotonic, align 4
  br label %wait
wait:
  br label %spin
spin:
  %spins = phi i64 [ 0, %wait ], [ %spun, %again ]
  %left = load atomic i64, ptr @working acquire, align 8
  %over = icmp eq i64 %left, 0
  br i1 %over, label %collect, label %again
again:
  %spun = add i64 %spins, 1
  %tired = icmp ugt i64 %spun, {SPINS}
  br i1 %tired, label %lie.down, label %spin
lie.down:
  call i32 @pthread_mutex_lock(ptr @mutex)
  br label %lie
lie:
  %remaining = load atomic i64, ptr @working acquire, align 8
  %still = icmp ne i64 %remaining, 0
  br i1 %still, label %rest, label %rise
rest:
  call i32 @pthread_cond_wait(ptr @finished, ptr @mutex)
  br label %lie
rise:
  call i32 @pthread_mutex_unlock(ptr @mutex)
  br label %collect
collect:
  %status = call i32 @collect(ptr %context, i64 %workers, i64 %own.number, i32 %own.status)
  %peak = load i64, ptr %peak.at
  %higher = icmp sgt i64 %earlier, %peak
  %most = select i1 %higher, i64 %earlier, i64 %peak
  store i64 %most, ptr %peak.at
  store i64 %limit, ptr %limit.at
  %interrupted = icmp eq i32 %status, {INTERRUPTED}
  %reset = or i1 %interrupted, %stopped
  br i1 %reset, label %quiet, label %leave
quiet:
  store atomic i32 0, ptr %word monotonic, align 4
  br label %leave
leave:
  store atomic i32 0, ptr @busy release, align 4
  ret i32 %status
}}

; The status of the lowest number that failed, with its report; the peaks of all are added up.
define internal i32 @collect(ptr %context, i64 %workers, i64 %own.number, i32 %own.status)
    nounwind {{
entry:
  %peak.at = getelementptr i8, ptr %context, i64 {OFFSETS["peak"]}
  %peak = load i64, ptr %peak.at
  br label %head
head:
  %index = phi i64 [ 0, %entry ], [ %next, %joined ]
  %lowest = phi i64 [ %own.number, %entry ], [ %number.now, %joined ]
  %status = phi i32 [ %own.status, %entry ], [ %status.now, %joined ]
  %total = phi i64 [ %peak, %entry ], [ %sum, %joined ]
  %more = icmp slt i64 %index, %workers
  br i1 %more, label %one, label %done
one:
  %next = add i64 %index, 1
  %own = getelementptr [{MOST_WORKERS} x %worker], ptr @workers, i64 0, i64 %index
  %worker.peak.at = getelementptr i8, ptr %own, i64 {OFFSETS["peak"]}
  %worker.peak = load i64, ptr %worker.peak.at
  %sum = add i64 %total, %worker.peak
  %number.at = getelementptr %worker, ptr %own, i64 0, i32 2
  %status.at = getelementptr %worker, ptr %own, i64 0, i32 3
  %number = load i64, ptr %number.at
  %worker.status = load i32, ptr %status.at
  %lower = icmp ult i64 %number, %lowest ; -1 is above all
  br i1 %lower, label %report, label %joined
report:
  call void @llvm.memcpy.p0.p0.i64(ptr %context, ptr %own, i64 {_REPORT_BYTES}, i1 false)
  %wanted.own.at = getelementptr i8, ptr %own, i64 {OFFSETS["wanted"]}
  %wanted.own = load i64, ptr %wanted.own.at
  %threads = add i64 %workers, 1
  %wanted.all = mul i64 %wanted.own, %threads
  %held.at = getelementptr i8, ptr %context, i64 {OFFSETS["held"]}
  %held = load i64, ptr %held.at
  %wanted = add i64 %held, %wanted.all
  %wanted.at = getelementptr i8, ptr %context, i64 {OFFSETS["wanted"]}
  store i64 %wanted, ptr %wanted.at
  br label %joined
joined:
  %number.now = phi i64 [ %number, %report ], [ %lowest, %one ]
  %status.now = phi i32 [ %worker.status, %report ], [ %status, %one ]
  br label %head
done:
  store i64 %total, ptr %peak.at
  ret i32 %status
}}
"""
