"""Loops-level programs that exercise control flow, memory, checks and stacks."""

COLLATZ = """\
func.func @collatz(%start: i64, %limit: i64) -> (i64, i64) {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %two = arith.constant 2 : i64
  %three = arith.constant 3 : i64
  %last, %steps = scf.while (%x = %start, %n = %zero) : (i64, i64) -> (i64, i64) {
    %more = arith.cmpi sgt, %x, %one : i64
    %room = arith.cmpi slt, %n, %limit : i64
    %go = arith.andi %more, %room : i1
    scf.condition(%go) %x, %n : i64, i64
  } do {
  ^bb0(%x1: i64, %n1: i64):
    %rest = arith.floormodsi %x1, %two : i64
    %even = arith.cmpi eq, %rest, %zero : i64
    %next = scf.if %even -> (i64) {
      %half = arith.floordivsi %x1, %two : i64
      scf.yield %half : i64
    } else {
      %triple = arith.muli %x1, %three : i64
      %odd = arith.addi %triple, %one : i64
      scf.yield %odd : i64
    }
    %counted = arith.addi %n1, %one : i64
    scf.yield %next, %counted : i64, i64
  }
  func.return %last, %steps : i64, i64
}
"""

# Row sums of a times its transpose, through a temporary made anew in each iteration.
ROWS = """\
func.func @rows(%n: index {dp.dimension = "n"}, %m: index {dp.dimension = "m"}, \
%a: memref<?x?xf64> {dp.extents = ["n", "m"]}, \
%out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f64
  %ten = arith.constant 10.0 : f64
  %total = scf.for %i = %c0 to %n step %c1 iter_args(%t = %zero) -> (f64) {
    %row = memref.alloc(%m) : memref<?xf64>
    linalg.fill ins(%ten : f64) outs(%row : memref<?xf64>)
    %copy = memref.alloc(%m) : memref<?xf64>
    scf.for %j = %c0 to %m step %c1 {
      %x = memref.load %a[%i, %j] : memref<?x?xf64>
      %old = memref.load %row[%j] : memref<?xf64>
      %y = math.fma %x, %x, %old : f64
      memref.store %y, %row[%j] : memref<?xf64>
      scf.yield
    }
    memref.copy %row, %copy : memref<?xf64> to memref<?xf64>
    %sum = scf.for %j1 = %c0 to %m step %c1 iter_args(%s = %zero) -> (f64) {
      %z = memref.load %copy[%j1] : memref<?xf64>
      %s1 = arith.addf %s, %z : f64
      scf.yield %s1 : f64
    }
    memref.store %sum, %out[%i] : memref<?xf64>
    %t1 = arith.addf %t, %sum : f64
    scf.yield %t1 : f64
  }
  func.return %total : f64
}
"""

# out[n-1-i] = x[i] through a stack, with a flag for each element through another.
REVERSE = """\
func.func @reverse(%n: index {dp.dimension = "n"}, %x: memref<?xf64> {dp.extents = ["n"]}, \
%out: memref<?xf64> {dp.role = "output", dp.extents = ["n"]}) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %half = arith.constant 0.5 : f64
  %values = tape.stack : !tape.stack<f64>
  %flags = tape.stack : !tape.stack<i1>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %x[%i] : memref<?xf64>
    tape.push %v, %values : !tape.stack<f64>
    %large = arith.cmpf ogt, %v, %half : f64
    tape.push %large, %flags : !tape.stack<i1>
    scf.yield
  }
  %count = scf.for %j = %c0 to %n step %c1 iter_args(%c = %zero) -> (i64) {
    %w = tape.pop %values : !tape.stack<f64>
    memref.store %w, %out[%j] : memref<?xf64>
    %flag = tape.pop %flags : !tape.stack<i1>
    %more = arith.addi %c, %one : i64
    %next = arith.select %flag, %more, %c : i64
    scf.yield %next : i64
  }
  func.return %count : i64
}
"""

# Small arrays of constant size, i1 elements, nested branches with different buffers.
SMALL = """\
func.func @small(%k: index, %flag: i1, %x: memref<3xf64> {dp.extents = [3]}) -> (f64, i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f64
  %true = arith.constant true
  %bits = memref.alloc() : memref<8xi1>
  linalg.fill ins(%true : i1) outs(%bits : memref<8xi1>)
  memref.store %flag, %bits[%k] : memref<8xi1>
  %local = memref.alloc() : memref<3xf64>
  linalg.fill ins(%zero : f64) outs(%local : memref<3xf64>)
  %all = scf.for %i = %c0 to %c8 step %c1 iter_args(%a = %true) -> (i1) {
    %bit = memref.load %bits[%i] : memref<8xi1>
    %b = arith.andi %a, %bit : i1
    scf.yield %b : i1
  }
  %sum = scf.for %j = %c0 to %c3 step %c1 iter_args(%s = %zero) -> (f64) {
    %v = memref.load %x[%j] : memref<3xf64>
    %w = scf.if %all -> (f64) {
      %pair = memref.alloc() : memref<2xf64>
      memref.store %v, %pair[%c1] : memref<2xf64>
      %p = memref.load %pair[%c1] : memref<2xf64>
      %q = arith.addf %p, %p : f64
      scf.yield %q : f64
    } else {
      memref.store %v, %local[%j] : memref<3xf64>
      %r = memref.load %local[%c0] : memref<3xf64>
      scf.yield %r : f64
    }
    %s1 = arith.addf %s, %w : f64
    scf.yield %s1 : f64
  }
  func.return %sum, %all : f64, i1
}
"""

TYPES = """\
func.func @types(%a: f32, %b: i32, %c: i64, %d: i1, %e: index) -> (f32, i32, i64, i1, index) {
  %f = arith.addf %a, %a : f32
  %one = arith.constant 1 : i32
  %g = arith.addi %b, %one : i32
  %wide = arith.index_cast %b : i32 to index
  %h = arith.index_cast %wide : index to i64
  %i = arith.muli %c, %h : i64
  %true = arith.constant true
  %j = arith.xori %d, %true : i1
  %k = arith.index_cast %c : i64 to index
  %l = arith.addi %k, %e : index
  func.return %f, %g, %i, %j, %l : f32, i32, i64, i1, index
}
"""

# Fails in iteration `bad` with all kinds of values, having allocated and pushed.
CHECK = """\
func.func @check(%n: index {dp.dimension = "n"}, %bad: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %half = arith.constant 0.5 : f64
  %stack = tape.stack : !tape.stack<f64>
  %total = scf.for %i = %c0 to %n step %c1 iter_args(%t = %half) -> (f64) {
    %room = memref.alloc(%n) : memref<?xf64>
    memref.store %t, %room[%i] : memref<?xf64>
    tape.push %t, %stack : !tape.stack<f64>
    %good = arith.cmpi ne, %i, %bad : index
    cf.assert %good, "index {} is bad: {} {}"(%i, %t, %good : index, f64, i1) {kind = "KIND"}
    %x = memref.load %room[%i] : memref<?xf64>
    %s = arith.addf %x, %half : f64
    scf.yield %s : f64
  }
  func.return %total : f64
}
"""

# Allocates n x m doubles, keeps a temporary too.
ALLOCATE = """\
func.func @allocate(%n: index, %m: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %half = arith.constant 0.5 : f64
  %first = memref.alloc(%c9) : memref<?xf64>
  memref.store %half, %first[%c0] : memref<?xf64>
  %big = memref.alloc(%n, %m) : memref<?x?xf64>
  memref.store %half, %big[%c0, %c0] : memref<?x?xf64>
  %x = memref.load %first[%c0] : memref<?xf64>
  %y = memref.load %big[%c0, %c0] : memref<?x?xf64>
  %z = arith.addf %x, %y : f64
  func.return %z : f64
}
"""

# Pushes for ever.
PUSH = """\
func.func @push(%n: index) -> i64 {
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %stack = tape.stack : !tape.stack<i64>
  %last = scf.while (%k = %zero) : (i64) -> i64 {
    %go = arith.cmpi sge, %k, %zero : i64
    scf.condition(%go) %k : i64
  } do {
  ^bb0(%k1: i64):
    tape.push %k1, %stack : !tape.stack<i64>
    %next = arith.addi %k1, %one : i64
    scf.yield %next : i64
  }
  func.return %last : i64
}
"""

# Loops for ever in the middle one of three loops.
SPIN = """\
func.func @spin(%n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %zero = arith.constant 0.0 : f64
  %half = arith.constant 0.5 : f64
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%a = %zero) -> (f64) {
    %s = scf.for %j = %c0 to %n step %c1 iter_args(%b = %a) -> (f64) {
      %t = scf.for %k = %c0 to %c9 step %c1 iter_args(%c = %b) -> (f64) {
        %d = math.fma %c, %half, %half : f64
        scf.yield %d : f64
      }
      scf.yield %t : f64
    }
    scf.yield %s : f64
  }
  func.return %r : f64
}
"""

# Buffers of an extent that changes from trip to trip, in a while, in branches, in a nested loop.
NESTED = """\
func.func @nested(%n: index {dp.dimension = "n"}, %x: memref<?xELEMENT> {dp.extents = ["n"]}, \
%out: memref<?xELEMENT> {dp.role = "output", dp.extents = ["n"]}) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %kept = memref.alloc(%n) : memref<?xELEMENT>
  memref.copy %x, %kept : memref<?xELEMENT> to memref<?xELEMENT>
  %end = scf.while (%k = %c0) : (index) -> index {
    %probe = memref.alloc(%n) : memref<?xindex>
    linalg.fill ins(%k : index) outs(%probe : memref<?xindex>)
    %last = arith.subi %n, %c1 : index
    %at = arith.maxsi %last, %c0 : index
    %some = arith.cmpi slt, %c0, %n : index
    %seen = scf.if %some -> (index) {
      %p = memref.load %probe[%at] : memref<?xindex>
      scf.yield %p : index
    } else {
      scf.yield %n : index
    }
    %go = arith.cmpi slt, %seen, %n : index
    scf.condition(%go) %k : index
  } do {
  ^bb0(%i: index):
    %size = arith.muli %i, %c2 : index
    %room = arith.addi %size, %c1 : index
    %value = memref.load %kept[%i] : memref<?xELEMENT>
    %even0 = arith.floormodsi %i, %c2 : index
    %even = arith.cmpi eq, %even0, %c0 : index
    %result = scf.if %even -> (ELEMENT) {
      %square = memref.alloc(%room, %room) : memref<?x?xELEMENT>
      linalg.fill ins(%value : ELEMENT) outs(%square : memref<?x?xELEMENT>)
      scf.for %j = %c0 to %room step %c1 {
        %line = memref.alloc(%room) : memref<?xELEMENT>
        %e = memref.load %square[%j, %i] : memref<?x?xELEMENT>
        linalg.fill ins(%e : ELEMENT) outs(%line : memref<?xELEMENT>)
        %f = memref.load %line[%size] : memref<?xELEMENT>
        memref.store %f, %square[%i, %j] : memref<?x?xELEMENT>
        scf.yield
      }
      %v = memref.load %square[%size, %size] : memref<?x?xELEMENT>
      scf.yield %v : ELEMENT
    } else {
      %line1 = memref.alloc(%room) : memref<?xELEMENT>
      memref.store %value, %line1[%i] : memref<?xELEMENT>
      %w = memref.load %line1[%i] : memref<?xELEMENT>
      scf.yield %w : ELEMENT
    }
    memref.store %result, %out[%i] : memref<?xELEMENT>
    %next = arith.addi %i, %c1 : index
    scf.yield %next : index
  }
  func.return %end : index
}
"""
