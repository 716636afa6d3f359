"""Gate lists: CSV with a line a neuron, and the JSON beside it, as EI-DDLGN and its kin write."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import parse_encoding
from lgc.errors import InputError, LgcWarning
from lgc.exchange.circuit import check_ports
from lgc.exchange.gate_list import GateList as Gates
from lgc.exchange.gate_list import is_gate_list, read_gate_list
from lgc.exchange.metadata import Metadata, metadata_path, read_metadata
from lgc.interchange import head, inspection_of, module_of_layers, read_file
from lgc.reading import Frontend, Inspection, LoadOptions


class GateList(Frontend):
    """``--description`` names the JSON; options that are given win over what it says."""

    name = "gate-list"

    def recognises(self, path: Path) -> bool:
        return is_gate_list(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        gates = read_gate_list(data, path.name)
        options, known, _ = _completed(path, gates, options)
        bits = _bits(gates, options, known)
        if options.inputs is None and known.bits is None:
            levels, kept = parse_encoding(options.input or "bool").each, options.state or 0
            least = (bits - kept) // levels
            warnings.warn(
                f"{path.name}: the input width is not in the file; {least} is the least "
                "that the wiring allows, --inputs states it",
                LgcWarning,
                stacklevel=2,
            )
        return module_of_layers(
            gates.netlists(bits), options, path, data, self.name, known.beta or 0.0
        )

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        gates = read_gate_list(read_file(path), path.name)
        options, known, where = _completed(path, gates, options)
        rows = [("metadata", where or "none beside it")]
        rows += [(f"layer {n}", f"{size:,} gates") for n, size in enumerate(gates.sizes, 1)]
        if options.classes is not None:
            rows.append(("classes", f"{options.classes}"))
        rows += [
            (key, f"{value}")
            for key, value in (("tau", options.tau), ("input", options.input))
            if value is not None
        ]
        layers = gates.netlists(_bits(gates, options, known))
        return inspection_of("gate list", layers, options, rows)


def _completed(path: Path, gates: Gates, options: LoadOptions) -> tuple[LoadOptions, Metadata, str]:
    """Options with what the JSON says, where they were not given; the JSON, and its name."""
    known, where = _metadata(path, options)
    if known.sizes is not None and list(known.sizes) != gates.sizes:
        raise InputError(
            f"the layers have {gates.sizes} neurons, {where} says {list(known.sizes)}",
            where=path.name,
            hint="do the two files belong together?",
        )
    stated = {name: getattr(options, name) for name in ("classes", "tau", "input")}
    stated = {name: value for name, value in stated.items() if value is not None}
    own = {"classes": known.classes, "tau": known.tau, "input": known.input}
    if options.head not in (None, "sums"):
        own = {"input": known.input}
    return dataclasses.replace(options, **{**own, **stated}), known, where


def _bits(gates: Gates, options: LoadOptions, known: Metadata) -> int:
    """Bits that enter the first layer: as stated, else the least that its wiring allows."""
    levels, kept = parse_encoding(options.input or "bool").each, options.state or 0
    if options.inputs is not None:
        bits = options.inputs * levels + kept
    elif known.bits is not None:
        bits = known.bits
    else:
        bits = max(-(-(gates.least - kept) // levels), 0) * levels + kept
    check_ports(bits, 1, gates.where)
    return bits


def _metadata(path: Path, options: LoadOptions) -> tuple[Metadata, str]:
    """What the JSON says, nothing where there is none, and its name."""
    if options.description is not None:
        file = Path(options.description)
    else:
        beside = (metadata_path(path), path.with_suffix(".json"))
        file = next((one for one in beside if one.is_file()), None)
    if file is None:
        return Metadata(), ""
    try:
        text = read_file(file).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("this is not text", where=str(file)) from None
    return read_metadata(text, file.name), file.name
