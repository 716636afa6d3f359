"""Gate lists: CSV with a line a neuron, layers that read the one before, and JSON with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import parse_binarisation
from lgc.chain import Chain, provenance, read_chain
from lgc.exchange.gate_list import as_layers, write_gate_list
from lgc.exchange.metadata import Metadata, metadata_path, write_metadata
from lgc.files import atomic_write, check_writable
from lgc.flattening import layers_of
from lgc.interchange import circuit_of
from lgc.interfaces import Backend


class GateList(Backend):
    """``net.csv`` and ``net_metadata.json``; class sums in equal groups are in the latter."""

    name = "gate-list"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".csv": "gate list, with JSON beside it"}

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        chain = read_chain(module)
        layers = as_layers(layers_of(chain))
        sums = chain.group_sum
        if sums is not None and any(p is not None for p in (sums.group, sums.weight, sums.offset)):
            sums = None  # the list holds plain sums of equal groups alone
        known = Metadata(
            chain.bits,
            tuple(net.gates for net in layers),
            None if sums is None else sums.classes,
            None if sums is None else sums.tau.value.data,
            None if sums is None else sums.shift,
            _binarisation(chain, provenance(module).get("input")),
        )
        text = write_metadata(known, _threshold(chain), circuit_of(module).comment.splitlines())
        beside = metadata_path(path)
        check_writable(beside)
        with atomic_write(beside) as json, atomic_write(path) as csv:
            json.write_text(text, encoding="utf-8")
            with csv.open("wb") as file:
                for piece in write_gate_list(layers):
                    file.write(piece)
        return [path, beside]


def _binarisation(chain: Chain, text: str | None) -> str | None:
    """The text that says what the thresholds are, if there is one."""
    for one in (text, "bool"):
        if one is not None:
            feature, level = parse_binarisation(one).thresholds(chain.features)
            if np.array_equal(feature, chain.feature) and np.array_equal(level, chain.level):
                return one
    return None


def _threshold(chain: Chain) -> float | None:
    single = np.array_equal(chain.feature, np.arange(chain.features))
    return float(chain.level[0]) if single and len(np.unique(chain.level)) == 1 else None
