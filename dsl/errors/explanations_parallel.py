"""E0601 to E0609: what `dpc explain` says about parallel loops."""

from dpc.dsl.errors.explanation import Explanation

PARALLEL = {
    "E0601": Explanation(
        "The iterations of `for i in parallel(range(...))` may run in any order, so what one "
        "stores no other may read or store. `+=` is the exception: sums commute, where the loop "
        "does not read what it adds to.",
        "def f(x: f64[n]) -> f64[n]:\n"
        "    for i in parallel(range(1, n)):\n"
        "        x[i] = x[i - 1] * 0.5\n"
        "    return x\n",
        (
            "Store to a second array, so that nothing read is stored.",
            "Where each iteration needs the one before it, loop over `range(...)` alone.",
        ),
    ),
    "E0602": Explanation(
        "The compiler has to see that no two iterations store at one place: some axis must be "
        "indexed by a constant times the loop's variable plus what is the same in every iteration.",
        "def f(x: f64[n], k: i64[n]) -> f64[n]:\n"
        "    for i in parallel(range(n)):\n"
        "        x[k[i]] = 1.0\n"
        "    return x\n",
        (
            "Index an axis by the loop's variable.",
            "Accumulate with `+=`: repeated indices do no harm there.",
            "Loop over `range(...)` alone.",
        ),
    ),
    "E0603": Explanation(
        "No iteration of a parallel loop is the last, so none can end the loop.",
        "def f(x: f64[n]) -> f64:\n"
        "    s = 0.0\n"
        "    for i in parallel(range(n)):\n"
        "        if x[i] < 0.0:\n"
        "            break\n"
        "        s += x[i]\n"
        "    return s\n",
        ("Skip iterations with `continue`.", "Loop over `range(...)` alone."),
    ),
}
