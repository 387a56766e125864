"""All families."""

from tests.generator.families.aliasing import ALIASING
from tests.generator.families.arranging import ARRANGING
from tests.generator.families.callables import CALLABLES
from tests.generator.families.calls import CALLS
from tests.generator.families.extents import EXTENTS
from tests.generator.families.functions import ELEMENTWISE, GAMMAS, ORDER, RANDOM
from tests.generator.families.gather import GATHER
from tests.generator.families.imports import IMPORTS
from tests.generator.families.inside import DERIVATIVES, STOPPED
from tests.generator.families.library import LIBRARY
from tests.generator.families.lifted import GENERIC, LIFTED
from tests.generator.families.loops import CHECKPOINTS, PARALLEL, RECURRENCES
from tests.generator.families.matrices import LINEAR_ALGEBRA, PRODUCTS
from tests.generator.families.numbers import INTEGERS, SINGLE
from tests.generator.families.printing import PRINTING
from tests.generator.families.record_arrays import RECORD_ARRAYS
from tests.generator.families.records import RECORDS
from tests.generator.families.recursion import RECURSION
from tests.generator.families.reductions import REDUCTIONS
from tests.generator.families.rules import RULES
from tests.generator.families.slices import SLICES
from tests.generator.families.templates import TEMPLATES
from tests.generator.families.tuples import TUPLES
from tests.generator.family import Family

FAMILIES: tuple[Family, ...] = (
    ALIASING,
    ARRANGING,
    CALLABLES,
    CALLS,
    CHECKPOINTS,
    DERIVATIVES,
    ELEMENTWISE,
    EXTENTS,
    GAMMAS,
    GATHER,
    GENERIC,
    IMPORTS,
    INTEGERS,
    LIBRARY,
    LIFTED,
    LINEAR_ALGEBRA,
    ORDER,
    PARALLEL,
    PRINTING,
    PRODUCTS,
    RANDOM,
    RECORDS,
    RECORD_ARRAYS,
    RECURRENCES,
    RECURSION,
    REDUCTIONS,
    RULES,
    SINGLE,
    SLICES,
    STOPPED,
    TEMPLATES,
    TUPLES,
)
