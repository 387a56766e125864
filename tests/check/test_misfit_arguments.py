"""Arguments of functions that take functions, of another rank than their parameters."""

from tests.check.programs import diagnose


def test_a_scalar_where_an_array_tells_the_dimension() -> None:
    text = """
def step(g: Callable[[f64, f64[n]], f64[n]], y: f64[n], h: f64) -> f64[n]:
    return y + h * g(h, y)

def f(y: f64[n]) -> f64:
    return sum(step(lambda t, s: -s, 0.5, 1.0))
"""
    errors = [d for d in diagnose(text)[1] if d.level == "error"]
    assert [(d.code, d.span.text) for d in errors] == [("E0302", "0.5")]
    assert "argument `y` of `step`" in errors[0].message
