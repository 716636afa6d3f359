"""convlogic models: trees of gates slid over an image, pooled, and layers of gates behind them.

A state dict says which gates there are and what they read; how large the image, its windows and
their padding are, a description has to say (`lgc.geometry`), and thresholds, classes and tau.
"""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.convolving import build
from lgc.description import describe
from lgc.geometry import KINDS, geometry_of
from lgc.reading import Frontend, Inspection, LoadOptions

from .inspecting import inspection
from .layers import find_layers, has_selection, known_of
from .live import is_convlogic, walk


class Convlogic(Frontend):
    """Reads what convlogic saves."""

    name = "convlogic"

    def recognises(self, path: Path) -> bool:
        return is_checkpoint(path) and has_selection(read_checkpoint(path).data)

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        checkpoint = read_checkpoint(path)
        options, described = describe(path, options, self.name, KINDS)
        found = find_layers(checkpoint.data, path.name)
        known = known_of(found, described, path.name)
        geometry = geometry_of(known, len(found.trees), path.name, {"stride": 1})
        return build(
            found.layers,
            geometry,
            options,
            path.name,
            {"source": path.name, "sha256": checkpoint.sha256, "frontend": self.name},
        )

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        checkpoint = read_checkpoint(path)
        options, described = describe(path, options, self.name, KINDS)
        return inspection(find_layers(checkpoint.data, path.name), described, options)

    def recognises_object(self, model: object) -> bool:
        return is_convlogic(model)

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        live = walk(model)
        options = live.complete(options)
        return build(
            live.layers,
            live.geometry(options),
            options,
            live.name,
            {"source": live.name, "frontend": self.name},
        )
