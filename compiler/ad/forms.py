"""All closed forms in one table."""

from dpc.compiler.ad import eigen, linear_algebra, linear_systems, orthogonal, singular_values
from dpc.compiler.ad.linear_algebra import Forms
from dpc.compiler.ir.core import Op

FORMS: dict[type[Op], Forms] = {
    **linear_algebra.FORMS,
    **linear_systems.FORMS,
    **eigen.FORMS,
    **orthogonal.FORMS,
    **singular_values.FORMS,
}
