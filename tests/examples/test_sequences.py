"""The examples that march in time: gradients of all, and what each promises."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import dpc
from examples.arenstorf import arenstorf
from examples.burgers import burgers
from examples.lorenz import lorenz
from examples.nbody import nbody
from examples.seismic import seismic
from tests.examples.sequences import EXAMPLES, SEQUENCES, Sequence

COMPLEX = 1e-30


def load(name: str) -> dpc.Module:
    return dpc.load(EXAMPLES / name / f"{name}.dp")


@pytest.mark.parametrize("each", SEQUENCES.values(), ids=SEQUENCES)
def test_gradients(each: Sequence) -> None:
    function = getattr(dpc.load(each.model), each.function)
    report = dpc.check_grad(function, wrt=each.wrt, **each.arguments)
    assert report, str(report)


def burgers_misfit(u0: Any, seen: Any, steps: int, c: float, d: float, smooth: float) -> Any:
    u = np.array(u0)
    for _ in range(steps):
        middle = u[1:-1] + d * (u[2:] - 2 * u[1:-1] + u[:-2]) - c * (u[2:] ** 2 - u[:-2] ** 2)
        u = np.concatenate([u[:1], middle, u[-1:]])
    return np.mean((u - seen) ** 2) + smooth * np.sum(np.diff(u0) ** 2)


def recorded(c: Any, damping: Any, source: int, depth: int, frequency: float, steps: int) -> Any:
    before, now, traces = np.zeros_like(c), np.zeros_like(c), []
    for t in range(steps):
        after = np.zeros_like(c)
        middle = now[1:-1, 1:-1]
        around = now[:-2, 1:-1] + now[2:, 1:-1] + now[1:-1, :-2] + now[1:-1, 2:]
        pull = c[1:-1, 1:-1] ** 2 * (around - 4.0 * middle)
        after[1:-1, 1:-1] = middle + damping[1:-1, 1:-1] * (middle - before[1:-1, 1:-1] + pull)
        s = (np.pi * (frequency * t - 1.0)) ** 2
        after[depth, source] += (1.0 - 2.0 * s) * np.exp(-s)
        before, now = now, after
        traces.append(now[depth])
    return np.array(traces)


def seismic_misfit(
    c: Any, damping: Any, sources: Any, depth: int, frequency: float, heard: Any
) -> Any:
    return sum(
        0.5 * np.sum((recorded(c, damping, s, depth, frequency, len(h)) - h) ** 2)
        for s, h in zip(sources, heard, strict=True)
    )


@pytest.mark.parametrize(
    ("name", "reference"), [("burgers", burgers_misfit), ("seismic", seismic_misfit)]
)
def test_against_numpy(name: str, reference: Any) -> None:
    each = SEQUENCES[name]
    value_and_grad = dpc.value_and_grad(getattr(load(name), each.function), wrt=each.wrt[0])
    value, gradient = value_and_grad(**each.arguments)
    assert value == pytest.approx(reference(**each.arguments), rel=1e-12)
    direction = np.random.default_rng(1).standard_normal(gradient.shape)
    moved = each.arguments[each.wrt[0]] + 1j * COMPLEX * direction
    expected = reference(**{**each.arguments, each.wrt[0]: moved}).imag / COMPLEX
    assert np.vdot(gradient, direction) == pytest.approx(expected, rel=1e-10)


def test_burgers_finds_its_start() -> None:
    model = load("burgers")
    given = burgers.problem(model, points=128, steps=400)
    found = burgers.recovered(dpc.value_and_grad(model.misfit), given, iterations=40).x
    assert np.linalg.norm(found - given.truth) < 0.2 * np.linalg.norm(given.truth)


def test_leapfrog_keeps_momentum_and_energy_and_runs_backwards() -> None:
    model = load("nbody")
    x0, v0, masses = (SEQUENCES["nbody"].arguments[name] for name in ("x0", "v0", "masses"))
    x, v = model.moved(x0, v0, masses, 1.0, 4000, 0.1)
    np.testing.assert_allclose(masses @ v, masses @ v0, rtol=0, atol=1e-13)
    energies = model.energy(x, v, masses, 0.1), model.energy(x0, v0, masses, 0.1)
    assert energies[0] == pytest.approx(energies[1], rel=1e-5)
    np.testing.assert_allclose(model.moved(x, -v, masses, 1.0, 4000, 0.1)[0], x0, rtol=1e-9)


def test_three_bodies_find_the_eight() -> None:
    model = load("nbody")
    x, v = nbody.EIGHT, nbody.VELOCITIES
    assert model.open_orbit(x, v, nbody.MASSES, nbody.PERIOD, 4000) < 1e-8
    assert model.energy(x, v, nbody.MASSES) == pytest.approx(-1.287142, abs=1e-5)
    result = nbody.closed(
        dpc.value_and_grad(model.open_orbit, wrt=nbody.WRT), *nbody.guess(), steps=600
    )
    assert result.fun < 1e-18


def test_lorenz_against_scipy_and_its_parameters() -> None:
    model = load("lorenz")
    states = model.path(lorenz.TRUTH, lorenz.START, 1e-3, 100, 10)
    sigma, rho, beta = lorenz.TRUTH

    def slope(_: float, s: Any) -> list[float]:
        return [sigma * (s[1] - s[0]), s[0] * (rho - s[2]) - s[1], s[0] * s[1] - beta * s[2]]

    exact = solve_ivp(slope, (0.0, 1.0), lorenz.START, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(states[-1], exact.y[:, -1], rtol=1e-7)
    value_and_grad = dpc.value_and_grad(model.misfit, wrt=lorenz.WRT)
    parameters, _, _ = lorenz.estimated(value_and_grad, lorenz.observed(model, 150))
    np.testing.assert_allclose(parameters, lorenz.TRUTH, rtol=0.02)


def test_seismic_waves_show_the_ground() -> None:
    model = load("seismic")
    given = seismic.survey(model, depth=24, width=40, steps=160, shots=3)
    before = model.misfit(given.start, *given.rest)
    result = seismic.inverted(dpc.value_and_grad(model.misfit), given, iterations=20)
    assert result.fun < 0.02 * before
    found = result.x.reshape(given.start.shape)
    assert np.linalg.norm(found - given.truth) < 0.8 * np.linalg.norm(given.start - given.truth)


def test_arenstorfs_orbit_closes() -> None:
    model = load("arenstorf")
    published = model.gap(arenstorf.X, arenstorf.SPEED, arenstorf.PERIOD, 1e-12)
    assert np.max(np.abs(published)) < 1e-6
    result = arenstorf.closed(model)
    assert result.x == pytest.approx([arenstorf.SPEED, arenstorf.PERIOD], rel=1e-9)


def test_pictures(tmp_path: Path) -> None:
    given = np.zeros(8)
    burgers.save_plot(burgers.Problem(given, given, 1, 0.1, 0.1), given, tmp_path / "burgers.png")
    path = np.zeros((2, 3, 3))
    nbody.save_plot(path, path, tmp_path / "nbody.png")
    lorenz.save_plot(path[0], path[0], tmp_path / "lorenz.png")
    survey = seismic.survey(load("seismic"), 12, 16, 10, 1)
    seismic.save_plot(survey, survey.start, tmp_path / "seismic.png")
    arenstorf.save_plot(load("arenstorf"), tmp_path / "arenstorf.png", *arenstorf.GUESS)
    for name in SEQUENCES:
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
