"""CompactLogic models: layers and convolutions whose gates choose their wiring as well.

Each of G candidates of a neuron has a gate and what it reads; the largest of the G weights takes
both. Sizes of images and windows, thresholds, classes and tau come from a description, or from the
``meta_data.json`` that training writes beside its checkpoints.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp

from lgc.checkpoint import Checkpoint, is_checkpoint, read_checkpoint
from lgc.convolving import Convolution, build
from lgc.description import describe
from lgc.geometry import KINDS, geometry_of
from lgc.reading import Frontend, Inspection, LoadOptions

from .inspecting import inspection
from .layers import find_layers, has_candidates
from .live import is_compactlogic, walk
from .metadata import described_by_training


class Compactlogic(Frontend):
    """Reads what CompactLogic saves."""

    name = "compactlogic"

    def recognises(self, path: Path) -> bool:
        return is_checkpoint(path) and has_candidates(read_checkpoint(path).data)

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        checkpoint, options, described = self._described(path, options)
        layers = find_layers(checkpoint.data, path.name)
        count = sum(isinstance(layer, Convolution) for layer in layers)
        known = {"stride": 1, "pool": 1}
        return build(
            layers,
            geometry_of(described, count, path.name, known) if count else None,
            options,
            path.name,
            {"source": path.name, "sha256": checkpoint.sha256, "frontend": self.name},
        )

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        checkpoint, options, described = self._described(path, options)
        return inspection(find_layers(checkpoint.data, path.name), described, options)

    def _described(
        self, path: Path, options: LoadOptions
    ) -> tuple[Checkpoint, LoadOptions, dict[str, Any]]:
        """The file, and what stands beside it."""
        checkpoint = read_checkpoint(path)
        completed, described = describe(path, options, self.name, KINDS)
        if completed is options and options.description is None:
            completed, described = described_by_training(path, options)
        return checkpoint, completed, described

    def recognises_object(self, model: object) -> bool:
        return is_compactlogic(model)

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
