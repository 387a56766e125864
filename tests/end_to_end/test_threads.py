"""Threads: the same bits for any number of them, errors of the lowest iteration, shared pools."""

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.codegen.support_threads import LITTLE_WORK

SOURCE = """
def loss(x: f64[n, d], w: f64[d], k: i64[n]) -> (f64, f64[8]):
    s = 1.0
    h = zeros(8)
    for i in parallel(range(n)):
        t = 0.0
        for j in range(d):
            t += x[i, j] * w[j]
        if t > 0.3:
            continue
        s += exp(-t * t)
        h[k[i]] += tanh(t)
    return s, h

def scaled(x: f64[n], a: f64) -> f64[n]:
    y = zeros(n)
    for i in parallel(range(n - 1, -1, -1)):
        part = zeros(4)
        for j in range(40):
            part[j % 4] += sin(a * x[i] + j)
        y[i] = part[0] * part[1] + part[2] * part[3]
    return y

def counted(x: f64[n]) -> (i64, f64):
    above = 0
    total = 0.0
    for step in range(3):
        for i in parallel(range(n)):
            if x[i] > 0.0:
                above += 1
                total += x[i] * step
    return above, total

def power(x: f64, p: i64) -> f64:
    if p == 0:
        return 1.0
    return x * power(x, p - 1)

def powers(x: f64[n]) -> f64:
    s = 0.0
    for i in parallel(range(n)):
        s += power(x[i], 30)
    return s

def member(x: f64[d]) -> f64:
    s = 0.0
    for r in range(2000):
        s += sin(x[r % d] + r)
    return s
"""
RANDOM = np.random.default_rng(11)
ROWS = RANDOM.normal(size=(5000, 7))
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "loss": (ROWS, RANDOM.normal(size=7), RANDOM.integers(0, 8, 5000)),
    "scaled": (RANDOM.normal(size=3000), 0.7),
    "counted": (RANDOM.normal(size=100_000),),
    "powers": (RANDOM.uniform(0.9, 1.1, 3000),),
}
MODULE = dpc.compile(SOURCE)


def flat(value: Any) -> list[bytes]:
    """Every bit of a result."""
    if isinstance(value, tuple):
        return [part for item in value for part in flat(item)]
    return [np.asarray(value).tobytes()]


@pytest.mark.parametrize("math", ["fast", "strict"])
@pytest.mark.parametrize("name", ["loss", "scaled", "counted", "powers"])
def test_values_and_gradients_are_the_same_bits(name: str, math: str) -> None:
    arguments = ARGUMENTS[name]
    function = getattr(MODULE, name).options(math=math)
    alone = function(*arguments)
    derivative = dpc.vjp(function)
    cotangent = tuple(map(np.ones_like, alone)) if isinstance(alone, tuple) else np.ones_like(alone)
    reverse = derivative(*arguments, cotangent)
    for threads in (2, 3, 16, 64):
        assert flat(function.options(threads=threads)(*arguments)) == flat(alone)
        shared = derivative.options(threads=threads)
        assert flat(shared(*arguments, cotangent)) == flat(reverse)


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 1000])
def test_ranges_of_any_length(count: int) -> None:
    x, w, k = ARGUMENTS["loss"]
    alone = MODULE.loss(x[:count], w, k[:count])
    assert flat(MODULE.loss.options(threads=2)(x[:count], w, k[:count])) == flat(alone)
    t = x[:count] @ w
    kept = t <= 0.3
    assert alone[0] == pytest.approx(1.0 + np.sum(np.exp(-(t[kept] ** 2))))
    np.testing.assert_allclose(
        alone[1], np.bincount(k[:count][kept], np.tanh(t[kept]), 8), atol=1e-12
    )


def test_derivatives_of_a_shared_loop_are_right() -> None:
    x, w, k = ARGUMENTS["loss"]
    report = dpc.check_grad(MODULE.loss.options(threads=2), x[:300], w, k[:300])
    assert report.ok, str(report)


def test_the_members_of_vmap_and_jacobian_are_shared() -> None:
    alone = dpc.vmap(MODULE.member)
    np.testing.assert_array_equal(alone.options(threads=2)(ROWS[:64]), alone(ROWS[:64]))
    jacobian = dpc.jacobian(MODULE.scaled, wrt="x")
    x = ARGUMENTS["scaled"][0][:50]
    np.testing.assert_array_equal(jacobian.options(threads=2)(x, 0.3), jacobian(x, 0.3))


@pytest.mark.parametrize("places", [(4000,), (10, 4000), (4999, 321, 4500), range(5000)])
def test_the_error_is_that_of_the_first_iteration(places: tuple[int, ...]) -> None:
    x, w, k = ARGUMENTS["loss"]
    wrong = k.copy()
    for place in places:
        wrong[place] = 1000 + place
    w = 0.0 * w
    first = min(places)
    for threads in (1, 2, 5):
        for _ in range(5):
            with pytest.raises(dpc.RuntimeError) as caught:
                MODULE.loss.options(threads=threads)(x, w, wrong)
            assert f"index {1000 + first} is out of bounds" in str(caught.value)
            assert caught.value.line == 12


HUNGRY = """
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in parallel(range(n)):
        part = zeros(100_000)
        for r in range(4):
            part[(7 * i + r) % 100_000] += x[i]
        s += sum(part)
    return s
"""


def test_the_memory_of_all_threads_counts() -> None:
    x = np.ones(64)
    function = dpc.compile(HUNGRY).f.options(threads=2)
    assert function.options(memory="3MiB")(x) == 256.0
    with pytest.raises(dpc.MemoryBudgetError):
        function.options(memory="1MB")(x)
    assert function.options(memory="1MB", threads=1)(x) == 256.0


def test_calls_at_the_same_time_share_one_pool() -> None:
    x, w, k = ARGUMENTS["loss"]
    expected = flat(MODULE.loss(x, w, k))
    shared = MODULE.loss.options(threads=2)
    shared(x, w, k)
    found: list[list[bytes]] = []

    def call() -> None:
        for _ in range(20):
            found.append(flat(shared(x, w, k)))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 80
    assert all(each == expected for each in found)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_threads_of_its_own() -> None:
    x, w, k = ARGUMENTS["loss"]
    shared = MODULE.loss.options(threads=2)
    expected = flat(shared(x, w, k))
    child = os.fork()
    if child == 0:
        same = flat(shared(x, w, k)) == expected and flat(shared(x, w, k)) == expected
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


INTERRUPTED = """
import numpy as np, dpc
m = dpc.compile('''
def f(x: f64[n]) -> f64:
    s = 0.0
    for i in parallel(range(n)):
        for r in range(1000000):
            for q in range(100):
                s += sin(x[i] + r * q)
    return s
''')
f = m.f.options(threads=2)
f(np.ones(0))
print("ready", flush=True)
try:
    f(np.ones(4000))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Ctrl-C ends native code on Linux")
def test_an_interrupt_ends_all_threads() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    threading.Timer(1.0, process.send_signal, (signal.SIGINT,)).start()
    out, _ = process.communicate(timeout=60)
    assert out == "stopped\n"


@pytest.mark.parametrize("threads", [0, -1, 65, 2.0, "2", True, None])
def test_wrong_numbers_are_refused(threads: Any) -> None:
    with pytest.raises(dpc.Error, match="option threads is a number from 1 to 64"):
        MODULE.loss.options(threads=threads)


def test_the_loops_here_are_worth_a_second_thread() -> None:
    x = ARGUMENTS["powers"][0]
    assert len(x) * 30 > LITTLE_WORK
