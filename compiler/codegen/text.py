"""What the functions of one LLVM module share: declarations, support, checks and metadata."""

from dataclasses import dataclass, field

from dpc.compiler.codegen import abi
from dpc.compiler.codegen.support import SUPPORT
from dpc.compiler.ir.types import Type

HEADER_METADATA = (
    '!0 = !{!"branch_weights", i32 1, i32 1048575}',
    '!1 = !{!"llvm.loop.mustprogress"}',
    '!2 = !{!"llvm.loop.vectorize.enable", i1 false}',
)
UNLIKELY = ", !prof !0"  # of a conditional branch: the first target is the rare one


@dataclass(frozen=True, slots=True)
class Check:
    """A place where a call can fail: what to raise and how to say it.

    `kind` is one of `cf.KINDS`, or "memory" for an allocation; `types` are those of the values
    that `message` formats, in LLVM's spelling (i64, i1, double).
    """

    kind: str
    message: str
    file: str
    line: int
    column: int
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a print shows: a `str.format` template and the types of its values."""

    template: str
    types: tuple[Type, ...]


@dataclass(slots=True)
class ModuleText:
    """Collects the parts of a module outside its functions.

    `integer_bits`: how wide the integers of BLAS and LAPACK are; `routines`: which are called.
    `kernels`: elementary functions are the own ones; `fuses`: the target has a fused multiply-add.
    """

    integer_bits: int = 64
    kernels: bool = False
    fuses: bool = True
    routines: dict[str, None] = field(default_factory=dict)
    declarations: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    support: dict[str, None] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)  # internal functions by symbol
    kept: dict[str, None] = field(default_factory=dict)  # as if called from elsewhere
    checks: list[Check] = field(default_factory=list)
    prints: list[Shown] = field(default_factory=list)
    externs: dict[str, tuple[str, str]] = field(default_factory=dict)  # file and name in it
    runs: dict[str, str] = field(default_factory=dict)  # functions that run a task, by name
    loops: int = 0
    metadata: list[str] = field(default_factory=lambda: list(HEADER_METADATA))

    def declare(self, name: str, text: str) -> None:
        """Declare an external function or intrinsic once."""
        self.declarations[name] = text

    def constant(self, text: str) -> str:
        """The name of a global constant, one for equal ones; `text`: its type and value."""
        return self.constants.setdefault(text, f"@constant.{len(self.constants)}")

    def need(self, name: str) -> None:
        """Ask for a support function and all that it needs."""
        if name in self.support:
            return
        routine = SUPPORT[name]
        for symbol, text in routine.declarations.items():
            self.declare(symbol, text)
        for other in routine.needs:
            self.need(other)
        self.support[name] = None
        if routine.kept:
            self.kept[name] = None

    def loop(self, vectorise: bool) -> str:
        """Metadata of a loop that ends: the suffix of its back edge."""
        self.loops += 1
        number = len(self.metadata)
        notes = "!1" if vectorise else "!1, !2"
        self.metadata.append(f"!{number} = distinct !{{!{number}, {notes}}}")
        return f", !llvm.loop !{number}"

    def parts(self) -> list[str]:
        """The text: support functions, constants, declarations, metadata."""
        return [
            *(SUPPORT[name].text for name in self.support),
            *self.definitions.values(),
            *self._used(),
            *(
                f"{name} = private unnamed_addr constant {text}, align {abi.ALIGNMENT}"
                for text, name in self.constants.items()
            ),
            *self.runs.values(),
            *self.declarations.values(),
            *self.metadata,
        ]

    def _used(self) -> list[str]:
        """What keeps functions as if they were called from elsewhere."""
        if not self.kept:
            return []
        listed = ", ".join(f"ptr @{symbol}" for symbol in self.kept)
        variable = f"appending global [{len(self.kept)} x ptr] [{listed}]"
        return [f'@llvm.compiler.used = {variable}, section "llvm.metadata"']
