"""Modules of functions alone are not parsed again before something needs it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dpc
from dpc.runtime import cache, module, recall

SOURCE = '''"""A model."""

from stats import normal_lpdf

SCALE = 2.5
COUNT = 3


def loss(x: f64[n], k: f64 = 2.0) -> f64:
    """How far off it is."""
    return sum(x * x) * k


def both(x: f64[n]) -> (f64[n], f64):
    return 2.0 * x, normal_lpdf(x[0], 0.0, 1.0)
'''
X = np.array([1.0, -2.0, 0.5])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DPC_CACHE", raising=False)
    monkeypatch.setenv("DPC_CACHE_DIR", str(tmp_path / "kept"))
    recall._LOADED.clear()
    return tmp_path / "kept"


@pytest.fixture
def check_nothing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on checking a module is an error."""

    def forbid() -> None:
        def refuse(*_: Any) -> Any:
            raise AssertionError("checked")

        recall._LOADED.clear()
        monkeypatch.setattr(module, "checked", refuse)
        monkeypatch.setattr(module, "front", refuse)

    return forbid


def test_calls_need_no_text(check_nothing: Callable[[], None]) -> None:
    first = dpc.compile(SOURCE)
    expected = first.loss(X), dpc.grad(first.loss)(X), first.both(X)
    check_nothing()
    second = dpc.compile(SOURCE)
    assert second.__doc__ == "A model."
    assert list(second.functions) == ["loss", "both"]
    assert dir(second) == dir(first)
    assert second.loss.__doc__ == "How far off it is."
    assert (second.SCALE, second.COUNT) == (2.5, 3)
    assert str(second.loss) == str(first.loss)
    assert second.loss.__signature__ == first.loss.__signature__
    assert second.loss(X) == expected[0]
    np.testing.assert_array_equal(dpc.grad(second.loss)(X), expected[1])
    np.testing.assert_array_equal(second.both(X)[0], expected[2][0])
    with pytest.raises(AttributeError, match="did you mean `loss`"):
        _ = second.los


def test_more_is_made_when_it_is_asked_for() -> None:
    first = dpc.compile(SOURCE)
    second = dpc.compile(SOURCE)
    assert second.content_key == first.content_key
    assert second.loss.ir() == first.loss.ir()
    assert dpc.hessian(second.loss)(X).shape == (3, 3)
    assert second.normal_lpdf(0.0, 0.0, 1.0) == first.normal_lpdf(0.0, 0.0, 1.0)


def test_warnings_are_shown_each_time() -> None:
    text = "def f(x: f64) -> f64:\n    y = 2.0\n    return x"
    for _ in range(2):
        with pytest.warns(dpc.CompileWarning, match="never read"):
            dpc.compile(text)


def test_errors_are_found_each_time(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(dpc.CompileError):
            dpc.compile("def f(x: f64) -> f64:\n    return y")
    assert not list(folder.glob("*.dpc"))


def test_a_file_beside_hides_the_library(tmp_path: Path) -> None:
    path = tmp_path / "model.dp"
    path.write_text(SOURCE)
    assert dpc.load(path).both(X)[1] != 7.0
    (tmp_path / "stats.dp").write_text(
        "def normal_lpdf(x: f64, m: f64, s: f64) -> f64:\n    return 7.0 * s + 0.0 * (x + m)\n"
    )
    assert dpc.load(path).both(X)[1] == 7.0


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    a: f64\n\ndef f(c: C) -> f64:\n    return c.a\n",
        "K = [2.0, 3.0]\n\ndef f(x: f64) -> f64:\n    return K[0] * x\n",
        "def f(x: T) -> T:\n    return x * x\n",
    ],
)
def test_other_modules_are_checked_each_time(text: str, folder: Path) -> None:
    names = [dir(dpc.compile(text)) for _ in range(2)]
    assert names[0] == names[1]
    assert not list(folder.glob(f"{cache.MODULE}*"))
