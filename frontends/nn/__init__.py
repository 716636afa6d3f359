"""Networks of lgc.nn: state dicts that say what their modules are, and live modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp

from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.reading import Frontend, Inspection, LoadOptions
from lgc.states import is_described, is_own, modules_of, state_of

from .building import build
from .modules import Part, notes_of, parts_of


class Nn(Frontend):
    """Reads what `lgc.nn.save` writes, as torch, safetensors or npz."""

    name = "nn"

    def recognises(self, path: Path) -> bool:
        return is_checkpoint(path) and is_described(state_of(read_checkpoint(path).data))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        checkpoint = read_checkpoint(path)
        told = {"source": path.name, "sha256": checkpoint.sha256, "frontend": self.name}
        return build(parts_of(state_of(checkpoint.data), path.name), options, path.name, told)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        state = state_of(read_checkpoint(path).data)
        rows = [_row(part) for part in parts_of(state, path.name)]
        return Inspection("state dict of lgc.nn", (*rows, *notes_of(state)))

    def recognises_object(self, model: object) -> bool:
        return any(is_own(module) for module in modules_of(model))

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        where, live = type(model).__name__, cast(Any, model)
        parts = parts_of(live.state_dict(), where)
        return build(parts, options, where, {"source": where, "frontend": self.name})


def _row(part: Part) -> tuple[str, str]:
    told = ", ".join(f"{key} {value}" for key, value in part.told.items())
    return f"{part.name} {part.kind}".strip(), told
