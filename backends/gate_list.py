"""Gate lists: CSV with a line a neuron, layers that read the one before, and JSON with the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import parse_encoding
from lgc.chain import Chain, provenance, read_chain
from lgc.encoding import Encoding
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
            said = parse_encoding(one).arguments(chain.features)
            encoding = Encoding(said["feature"], said.get("level"), said.get("place"))
            if encoding == chain.encoding:
                return one
    return None


def _threshold(chain: Chain) -> float | None:
    level = chain.encoding.thresholds
    if level is None or not np.array_equal(chain.feature, np.arange(chain.features)):
        return None
    return float(level[0]) if len(np.unique(level)) == 1 else None
