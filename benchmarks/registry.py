"""All workloads, in the order of the table."""

from benchmarks.workload import Workload
from benchmarks.workloads import (
    ba,
    brusselator,
    burgers,
    chain,
    gmm,
    helmholtz,
    logistic,
    lstm,
    nbody,
    recurrence,
)

WORKLOADS: tuple[Workload, ...] = (
    gmm.WORKLOAD,
    lstm.WORKLOAD,
    ba.WORKLOAD,
    logistic.WORKLOAD,
    burgers.WORKLOAD,
    brusselator.WORKLOAD,
    nbody.WORKLOAD,
    helmholtz.WORKLOAD,
    chain.WORKLOAD,
    recurrence.WORKLOAD,
)


def workload(name: str) -> Workload:
    """A workload by name."""
    return next(each for each in WORKLOADS if each.name == name)
