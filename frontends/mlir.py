"""IR text: a module of the logic dialect, as every dump and `lgc opt` writes it."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.chain import entry, provenance
from lgc.errors import InputError
from lgc.reading import Frontend, Inspection, LoadOptions
from lgc.text import parse_module

_STARTS = (b"builtin.module", b"module", b"func.func", b'"builtin.module"', b"//")
_VERILOG = (".v", ".sv")
"""Files that may begin with ``module`` or ``//`` as well."""


class Mlir(Frontend):
    """Parses and verifies; nothing is missing in the text, so options do not apply."""

    name = "mlir"

    def recognises(self, path: Path) -> bool:
        if path.suffix in _VERILOG:
            return False
        with path.open("rb") as file:
            return file.read(256).lstrip().startswith(_STARTS) or path.suffix == ".mlir"

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        return _parse(path)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        module = _parse(path)
        names = ", ".join(op.name for block in entry(module).body.blocks for op in block.ops)
        origin = ((f"lgc.{key}", value) for key, value in provenance(module).items())
        return Inspection("IR text", (("operations", names), *origin))


def _parse(path: Path) -> ModuleOp:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("this is not text", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    return parse_module(text, path.name)
