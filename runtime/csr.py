"""The structure of a sparse matrix without its elements, and matrices that have it."""

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dpc.runtime import errors
from dpc.runtime.arguments import describe

Arrays = Iterable[NDArray[Any]]
PLACES = 64  # at which the indices of a matrix known before are looked at


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """The columns of the elements and where each row begins, as in CSR.

    `made` remembers the index arrays of the matrices that are known to have it.
    """

    indices: NDArray[Any]
    pointers: NDArray[Any]
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    made: "weakref.WeakValueDictionary[int, Any]" = field(
        default_factory=weakref.WeakValueDictionary, repr=False
    )

    def matrix(self, data: NDArray[Any]) -> Any:
        """A `scipy.sparse.csr_array` with these elements."""
        made = scipy_sparse().csr_array(
            (data.astype(self.dtype, copy=False), self.indices.copy(), self.pointers.copy()),
            shape=self.shape,
        )
        # Row by row, columns ascending, each once: found without looking.
        made.has_sorted_indices = made.has_canonical_format = True
        self._remember(made)
        return made

    def require(self, matrix: Any, name: str) -> None:
        """`dpc.TypeError` or `dpc.ShapeError` unless it is a CSR matrix of this structure."""
        if getattr(matrix, "format", "") != "csr":
            raise errors.TypeError(
                f"out= of `{name}`: expected a CSR matrix, given {describe(matrix)}"
            )
        same = matrix.shape == self.shape and matrix.dtype == self.dtype
        if not same or not self._has_indices(matrix):
            raise errors.ShapeError(
                f"out= of `{name}` has another pattern: pass a result of the same extents and"
                " integers",
                kind="shape",
            )

    def _has_indices(self, matrix: Any) -> bool:
        """Compared whole once; of a matrix seen before, in places."""
        mine: Arrays = (self.indices, self.pointers)
        given: Arrays = (matrix.indices, matrix.indptr)
        if any(a.shape != b.shape for a, b in zip(mine, given, strict=True)):
            return False
        if all(self.made.get(id(array)) is array for array in given):
            mine, given = map(_sampled, mine), map(_sampled, given)
        if not all(np.array_equal(a, b) for a, b in zip(mine, given, strict=True)):
            return False
        self._remember(matrix)
        return True

    def _remember(self, matrix: Any) -> None:
        self.made.update((id(array), array) for array in (matrix.indices, matrix.indptr))


def structure(
    rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int], dtype: np.dtype[Any]
) -> Structure:
    """The structure of elements in the order of CSR."""
    counts = np.bincount(rows, minlength=shape[0]) if len(rows) else np.zeros(shape[0], np.int64)
    pointers = np.concatenate([[0], np.cumsum(counts)])
    return compact(columns, pointers, shape, dtype)


def compact(
    columns: NDArray[Any],
    pointers: NDArray[Any],
    shape: tuple[int, int],
    dtype: np.dtype[Any],
) -> Structure:
    """The structure with indices of the type that SciPy would convert to."""
    kind = np.int32 if max(*shape, len(columns)) < 2**31 else np.int64
    return Structure(columns.astype(kind), pointers.astype(kind), shape, dtype)


def _sampled(array: NDArray[Any]) -> NDArray[Any]:
    """Evenly spaced elements."""
    return array[:: max(1, len(array) // PLACES)]


def scipy_sparse() -> Any:
    """SciPy's sparse matrices: an optional dependency, loaded on first use."""
    try:
        import scipy.sparse
    except ImportError:
        raise errors.Error("sparse=True needs SciPy: pip install 'dp-compiler[sparse]'") from None
    return scipy.sparse
