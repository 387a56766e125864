"""How far a reverse pass is, told while it runs."""

import io
import pickle
import threading
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime import progress
from dpc.runtime.schedule import Schedule

CHAIN = """
def chain(x: f64, n: i64) -> f64:
    y = x
    for t in checkpoint(range(n), slots=SLOTS):
        y = sin(y) * 1.2 + 0.3 * y * exp(-y)
    return y

def two(x: f64, n: i64) -> f64:
    return chain(chain(x, n), 2 * n)

def plain(x: f64[n]) -> f64:
    return sum(sin(x))
"""


class Listener:
    """Keeps what it is told, and by which thread."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int]] = []
        self.threads: list[int] = []

    def __call__(self, done: int, total: int) -> None:
        self.heard.append((done, total))
        self.threads.append(threading.get_ident())


@pytest.fixture(scope="module")
def module() -> dpc.Module:
    return dpc.compile(CHAIN.replace("SLOTS", "3"))


def test_the_last_report_is_the_whole(module: dpc.Module) -> None:
    for n in (1, 2, 7, 100, 1000):
        listener = Listener()
        dpc.grad(module.chain, progress=listener)(0.7, n)
        done, total = listener.heard[-1]
        assert done == total
        assert total == n + plain_executions(n)


def plain_executions(n: int) -> int:
    """Plain executions of the schedule with three slots and one frame."""
    return Schedule(n, min(3, n), 1).plain


def test_two_loops_add_up(module: dpc.Module) -> None:
    listener = Listener()
    dpc.value_and_grad(module.two).options(progress=listener)(0.7, 50)
    total = 50 + plain_executions(50) + 100 + plain_executions(100)
    assert listener.heard[-1] == (total, total)


def test_reports_come_while_it_runs(module: dpc.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.001)
    listener = Listener()
    plain = dpc.grad(module.chain)
    found = dpc.grad(module.chain, progress=listener)(0.7, 30_000)
    assert found == plain(0.7, 30_000)
    assert len(listener.heard) > 3
    done = [d for d, _ in listener.heard]
    assert done == sorted(done)
    assert all(d <= t for d, t in listener.heard)
    assert listener.threads[-1] == threading.get_ident()
    assert set(listener.threads) != {threading.get_ident()}


def test_what_the_callback_raises_ends_the_call(
    module: dpc.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.001)

    def fail(done: int, total: int) -> None:
        raise ValueError(f"{total} executions are too many")

    with pytest.raises(ValueError, match="too many"):
        dpc.grad(module.chain, progress=fail)(0.7, 30_000)


def test_a_loop_without_annotation_is_counted_too() -> None:
    listener = Listener()
    text = CHAIN.replace("checkpoint(range(n), slots=SLOTS)", "range(n)")
    module = dpc.compile(text)
    assert dpc.grad(module.chain, progress=listener)(0.7, 100) == dpc.grad(module.chain)(0.7, 100)
    assert listener.heard == [(100, 100)]  # the whole tape fits


def test_nothing_to_tell(module: dpc.Module) -> None:
    listener = Listener()
    np.testing.assert_array_equal(
        dpc.grad(module.plain, progress=listener)(np.zeros(3)), np.ones(3)
    )
    dpc.grad(module.chain, progress=listener)(0.7, 0)
    assert listener.heard == []


@pytest.mark.parametrize("value", [None, False])
def test_off(module: dpc.Module, value: Any) -> None:
    told = dpc.grad(module.chain, progress=Listener()).options(progress=value)
    assert told._options.progress is None
    assert told(0.7, 3) == dpc.grad(module.chain)(0.7, 3)


def test_misuse(module: dpc.Module) -> None:
    with pytest.raises(dpc.Error, match="progress is True, None, or a function of two numbers"):
        dpc.grad(module.chain, progress="yes")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_on_a_terminal(module: dpc.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, file = _Terminal(), io.StringIO()
    progress.shown(5, 40, terminal)
    assert terminal.getvalue() == "\rreverse pass:  12 % (5 of 40 executions of loop bodies)"
    progress.shown(40, 40, terminal)
    assert terminal.getvalue().endswith("100 % (40 of 40 executions of loop bodies)\n")
    progress.shown(5, 40, file)
    assert file.getvalue() == ""
    monkeypatch.setattr("sys.stderr", terminal)
    dpc.grad(module.chain, progress=True)(0.7, 50)
    assert terminal.getvalue().count("100 %") == 2


def test_functions_with_progress_travel(module: dpc.Module) -> None:
    told = dpc.grad(module.chain, progress=True)
    copy = pickle.loads(pickle.dumps(told))
    assert copy(0.7, 9) == told(0.7, 9)
