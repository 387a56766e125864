"""All families."""

from tests.generator.families.arranging import ARRANGING
from tests.generator.families.callables import CALLABLES
from tests.generator.families.gather import GATHER
from tests.generator.families.records import RECORDS
from tests.generator.families.slices import SLICES
from tests.generator.family import Family

FAMILIES: tuple[Family, ...] = (ARRANGING, CALLABLES, GATHER, RECORDS, SLICES)
