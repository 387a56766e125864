"""Arrays are values: no two names share memory, the right side is complete before the store."""

from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from dpc.compiler.dialects.memref import Alloc, Copy
from dpc.compiler.ir.core import Module, Op
from tests.lowering.harness import Program, agree

X = np.array([1.0, 2.0, 4.0, 8.0])
A = np.arange(9.0).reshape(3, 3) + 1.0

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "overlapping_slices": (
        """
        def f(x: f64[n]) -> f64[n]:
            a = x * 1.0
            a[1:] += a[:-1]
            return a
        """,
        {"x": X},
    ),
    "overlapping_rows": (
        """
        def f(x: f64[n, n]) -> f64[n, n]:
            a = x
            a[1:] = a[:-1] * 2.0
            a[:, 0] = a[0]
            return a
        """,
        {"x": A},
    ),
    "row_swap": (
        """
        def f(x: f64[n, m], i: i64, j: i64) -> f64[n, m]:
            a = x
            a[i], a[j] = a[j], a[i]
            return a
        """,
        {"x": A, "i": 0, "j": 2},
    ),
    "element_swap": (
        """
        def f(x: f64[n]) -> f64[n]:
            a = x
            for i in range(n // 2):
                a[i], a[n - 1 - i] = a[n - 1 - i], a[i]
            return a
        """,
        {"x": X},
    ),
    "copy_then_change": (
        """
        def f(x: f64[n]) -> (f64[n], f64[n]):
            a = x * 2.0
            b = a
            a[0] = 1.0
            c = a
            b[1] = 5.0
            a[2] = c[0] + b[1]
            return a, b + c
        """,
        {"x": X},
    ),
    "row_copy_then_change": (
        """
        def f(x: f64[n, m]) -> f64[n, m]:
            a = x
            row = a[0]
            a[0] = a[1]
            a[1] = row
            return a
        """,
        {"x": A},
    ),
    "self_transpose": (
        """
        def f(x: f64[n, n]) -> f64[n, n]:
            a = x * 1.0
            a = a.T
            a = a.T + a
            return a
        """,
        {"x": A},
    ),
    "self_product": (
        """
        def f(x: f64[n, n]) -> f64[n, n]:
            a = x * 0.1
            for k in range(3):
                a = a @ a + x
            return a
        """,
        {"x": A},
    ),
    "time_steps": (
        """
        def slope(u: f64[n]) -> f64[n]:
            return -u * u + u[::-1]

        def f(u: f64[n], steps: i64) -> f64[n]:
            for t in range(steps):
                u = u + 0.1 * slope(u)
            return u
        """,
        {"u": X, "steps": 3},
    ),
    "two_arrays_in_turn": (
        """
        def f(u: f64[n], steps: i64) -> (f64[n], f64[n]):
            v = zeros(n)
            for t in range(steps):
                u, v = v + 1.0, u * 0.5
            return u, v
        """,
        {"u": X, "steps": 3},
    ),
    "one_array_twice": (
        """
        def g(a: f64[n], b: f64[n]) -> f64:
            a[0] = 10.0
            b[1] = a[0] + b[0]
            return sum(a * b)

        def f(w: f64[n]) -> (f64, f64[n]):
            return g(w, w), w
        """,
        {"w": X},
    ),
    "callee_changes_its_copy": (
        """
        def g(a: f64[n]) -> f64[n]:
            a[0] = 10.0
            return a

        def f(w: f64[n]) -> f64[n]:
            a = w * 1.0
            b = g(a)
            a[1] = 7.0
            return a + b
        """,
        {"w": X},
    ),
    "parameter_returned": (
        """
        def f(w: f64[n]) -> (f64[n], f64[n]):
            return w, w
        """,
        {"w": X},
    ),
    "assigned_in_branches": (
        """
        def f(x: f64[n], c: f64) -> f64[n]:
            a = x * 1.0
            if c > 0.0:
                b = a
                a = a + 1.0
                a[0] = b[0]
            else:
                b = a * 2.0
            a[1] = b[1] * 3.0
            return a - b
        """,
        {"x": X, "c": 1.0},
    ),
    "element_read_before_store": (
        """
        def f(x: f64[n]) -> f64[n]:
            a = x
            for i in range(1, n):
                old = a[i]
                a[i] = a[i - 1] + 1.0
                a[i - 1] = old
            return a
        """,
        {"x": X},
    ),
    "record_copies": (
        """
        class M:
            w: f64[n]
            b: f64

        def f(m: M(n)) -> (f64[n], f64[n], f64, f64):
            c = m
            m.w[0] = 9.0
            c.w[1] += m.w[0]
            m.b = 4.0
            d = c
            c.b = m.b + d.b
            return m.w, c.w + d.w, m.b, c.b + d.b
        """,
        {"m": {"w": X, "b": 2.0}},
    ),
    "element_loop_reads_the_value_at_entry": (
        """
        def f(x: f64[n]) -> f64[n]:
            a = x
            i = 0
            for v in a:
                a[n - 1 - i] = v * 10.0
                i += 1
            return a
        """,
        {"x": X},
    ),
    "row_variable_assigned": (
        """
        def f(x: f64[n, m]) -> (f64, f64[n, m]):
            s = 0.0
            for row in x:
                row[0] = 0.0
                s += sum(row)
            return s, x
        """,
        {"x": A},
    ),
    "reduced_then_changed": (
        """
        def f(x: f64[n]) -> f64[n]:
            a = x
            a = a / sum(a)
            a -= a[0]
            a[0] = max(a)
            return a
        """,
        {"x": X},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_arrays_are_values(name: str) -> None:
    text, arguments = CASES[name]
    agree(dedent(text).lstrip(), arguments)


def _ops(module: Module, kind: type[Op]) -> list[Op]:
    return [op for op in module.function("f").body.walk() if isinstance(op, kind)]


def _loops(text: str) -> Module:
    return Program(dedent(text).lstrip()).loops


def test_augmented_slice_needs_no_temporary() -> None:
    module = _loops(
        """
        def f(x: f64[n, m], i: i64, e: f64[m]) -> f64[n, m]:
            a = x
            a[i, :] += e
            a *= 2.0
            return a
        """
    )
    assert len(_ops(module, Alloc)) == 1


def test_result_is_filled_directly() -> None:
    module = _loops(
        """
        def f(x: f64[n]) -> f64[n]:
            return exp(x) + 1.0
        """
    )
    assert not _ops(module, Alloc)
    assert not _ops(module, Copy)


def test_overlap_needs_a_temporary() -> None:
    module = _loops(
        """
        def f(x: f64[n]) -> f64[n]:
            a = x
            a[1:] += a[:-1]
            return a
        """
    )
    assert len(_ops(module, Alloc)) == 2


def test_reduction_allocates_nothing() -> None:
    module = _loops(
        """
        def f(x: f64[n], m: f64) -> f64:
            return sum(exp(x - m)) + sum(x[i] * x[i] for i in range(n))
        """
    )
    assert not _ops(module, Alloc)
