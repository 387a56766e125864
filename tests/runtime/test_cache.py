"""Machine code kept between processes: used when all is the same, never when something is not."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.compiler.signature import Signature
from dpc.dsl.types import F64
from dpc.runtime import cache, recall, stages
from dpc.runtime.cache import Entry
from dpc.runtime.plain import NotPlainError, from_plain, to_plain

SOURCE = """
class Pair:
    a: f64[n]
    b: f64

def loss(x: f64[n], k: f64 = 2.0) -> f64:
    return sum(exp(x) * k) / norm(x)

def pair(p: Pair) -> (Pair, i64):
    return Pair(2.0 * p.a, p.b + 1.0), 3

def picked(x: f64[n], i: i64) -> f64:
    return x[i]

def said(x: f64) -> f64:
    print("x is", x)
    return x * x

def grown(k: i64) -> f64[k * k]:
    return zeros(k * k) + f64(k)

def factorial(n: i64) -> f64:
    if n <= 1:
        return 1.0
    return f64(n) * factorial(n - 1)

def shared(x: f64[n]) -> f64:
    total = 0.0
    for i in parallel(range(n)):
        total += sin(x[i])
    return total
"""
X = np.array([1.0, -2.0, 0.5])
CALLS: dict[str, Callable[[dpc.Module], Any]] = {
    "value": lambda m: m.loss(X),
    "gradient": lambda m: dpc.grad(m.loss)(X),
    "gradient by two": lambda m: dpc.grad(m.loss, wrt=("x", "k"))(X, 3.0),
    "gradient at an honest zero": lambda m: dpc.grad(m.loss)(np.zeros(3)),
    "Hessian": lambda m: dpc.hessian(m.loss)(X),
    "Jacobian by reverse mode": lambda m: dpc.jacobian(m.loss, mode="reverse")(X),
    "batch": lambda m: dpc.vmap(m.loss, in_axes=(0, None))(np.stack([X, X]), 2.0),
    "gradient of a batch": lambda m: dpc.jacobian(dpc.vmap(m.loss, in_axes=(0, None)))(
        np.stack([X, X]), 2.0
    ),
    "strict": lambda m: m.loss.options(math="strict")(X),
    "record": lambda m: (m.pair(m.Pair(X, 2.0))[0].a, m.pair(m.Pair(X, 2.0))[1]),
    "extent known later": lambda m: m.grown(3),
    "recursion": lambda m: m.factorial(5),
    "threads": lambda m: m.shared.options(threads=2)(X),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "kept"
    monkeypatch.delenv("DPC_CACHE", raising=False)
    monkeypatch.setenv("DPC_CACHE_DIR", str(place))
    recall._LOADED.clear()
    return place


@pytest.fixture
def compile_nothing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on compiling is an error, as if in a new process."""

    def forbid() -> None:
        def native(*_: Any, **__: Any) -> Any:
            raise AssertionError("compiled")

        recall._LOADED.clear()
        monkeypatch.setattr(stages, "native", native)

    return forbid


def same(left: Any, right: Any) -> bool:
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, np.ndarray):
        return np.array_equal(left, right, equal_nan=True) and left.dtype == right.dtype
    return bool(left == right)


def functions(folder: Path) -> list[Path]:
    """The files that hold machine code."""
    return [p for p in folder.glob("*.dpc") if not p.name.startswith((cache.MODULE, cache.SUPPORT))]


def count(folder: Path) -> int:
    return len(functions(folder))


@pytest.mark.parametrize("name", CALLS)
def test_the_second_process_compiles_nothing(
    name: str, folder: Path, compile_nothing: Callable[[], None]
) -> None:
    first = CALLS[name](dpc.compile(SOURCE))
    assert count(folder) >= 1
    compile_nothing()
    assert same(CALLS[name](dpc.compile(SOURCE)), first)


def test_errors_and_prints_come_from_the_cache_too(
    compile_nothing: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    first = dpc.compile(SOURCE)
    first.said(2.0)
    with pytest.raises(dpc.RuntimeError) as expected:
        first.picked(X, 7)
    compile_nothing()
    second = dpc.compile(SOURCE)
    capfd.readouterr()
    second.said(2.0)
    assert capfd.readouterr().out == "x is 2.0\n"
    with pytest.raises(dpc.RuntimeError) as found:
        second.picked(X, 7)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda: dpc.compile(SOURCE + "\n").loss(X),
        lambda: dpc.compile(SOURCE, name="other").loss(X),
        lambda: dpc.compile(SOURCE, math="strict").loss(X),
        lambda: dpc.compile(SOURCE).loss.options(checks=False)(X),
        lambda: dpc.grad(dpc.compile(SOURCE).loss)(X),
    ],
)
def test_what_differs_is_kept_apart(change: Callable[[], Any], folder: Path) -> None:
    dpc.compile(SOURCE).loss(X)
    assert count(folder) == 1
    change()
    assert count(folder) == 2


def test_working_precisions_are_kept_apart(folder: Path) -> None:
    text = "def f(x: real) -> real:\n    return x * x"
    assert [type(dpc.compile(text, real=r).f(2.0)).__name__ for r in ("f64", "f32")] == [
        "float",
        "float32",
    ]
    assert count(folder) == 2


def test_what_is_imported_matters(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "part.dp").write_text("def g(x: f64) -> f64:\n    return 2.0 * x\n")
    (tmp_path / "whole.dp").write_text(
        "from part import g\n\ndef f(x: f64) -> f64:\n    return g(x)\n"
    )
    assert dpc.load(tmp_path / "whole.dp").f(3.0) == 6.0
    (tmp_path / "part.dp").write_text("def g(x: f64) -> f64:\n    return 5.0 * x\n")
    assert dpc.load(tmp_path / "whole.dp").f(3.0) == 15.0
    assert count(folder) == 2


@pytest.mark.parametrize("damage", ["short", "empty", "flipped", "no digest", "another class"])
def test_damaged_files_are_replaced(damage: str, folder: Path) -> None:
    expected = dpc.compile(SOURCE).loss(X)
    (path,) = functions(folder)
    whole = path.read_bytes()
    middle = len(whole) // 2
    if damage == "another class":
        entry = cache.read(path.stem)
        assert entry is not None
        head = {**entry.head, "function": [{"class": "os.system", "values": ["true"]}]}
        cache.write(path.stem, Entry(head, entry.body))
    else:
        path.write_bytes({
            "short": whole[:middle],
            "empty": b"",
            "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "no digest": whole.partition(b"\n")[2],
        }[damage])  # fmt: skip
    recall._LOADED.clear()
    assert dpc.compile(SOURCE).loss(X) == expected
    assert path.read_bytes() == whole


def test_without_a_cache_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPC_CACHE", "0")
    dpc.compile(SOURCE).loss(X)
    assert count(folder) == 0


def test_a_folder_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "file"
    place.write_text("")
    monkeypatch.setenv("DPC_CACHE_DIR", str(place))
    assert np.isfinite(dpc.compile(SOURCE).loss(X))


def test_the_longest_unused_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPC_CACHE_SIZE", "10kB")
    for number in range(4):
        cache.write(f"key{number}", Entry({}, bytes(2000)))
        os.utime(folder / f"key{number}.dpc", (number, number))
    assert cache.read("key0") is not None  # now used last
    cache.write("key4", Entry({}, bytes(2000)))
    assert count(folder) == 4
    assert cache.read("key1") is None
    assert sum(stat.st_size for _, stat in cache.files()) <= 10_000


def test_readers_see_whole_entries_while_others_write() -> None:
    entries = [Entry({"n": n}, bytes([n]) * 50_000) for n in range(2)]
    cache.write("key", entries[0])
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            for entry in entries:
                cache.write("key", entry)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    found = [cache.read("key") for _ in range(200)]
    done.set()
    for writer in writers:
        writer.join()
    assert all(entry in entries for entry in found)


def test_another_process_uses_it(folder: Path) -> None:
    program = (
        "import numpy as np, dpc\n"
        f"g = dpc.grad(dpc.compile({SOURCE!r}).loss)\n"
        "print(g(np.array([1.0, -2.0, 0.5])).tobytes().hex())\n"
    )
    made = []
    for _ in range(2):
        run = [sys.executable, "-c", program]
        made.append(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
        assert count(folder) == 1
    assert made[0] == made[1]


def test_plain_values_come_back() -> None:
    signature: Signature = dpc.grad(dpc.compile(SOURCE).loss).signature
    values = (signature, F64, 0.1, None, (True, -3, "text"))
    assert from_plain(to_plain(values)) == values


def test_only_known_classes_are_made() -> None:
    with pytest.raises(NotPlainError):
        to_plain(object())
    bads: list[Any] = [{"class": "builtins.eval", "values": ["1"]}, {"class": 1}, {"values": []}]
    for bad in bads:
        with pytest.raises(NotPlainError):
            from_plain(bad)
