"""Gate lists: CSV with a line a neuron, and the JSON beside it, as EI-DDLGN and its kin write."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import parse_binarisation
from lgc.errors import InputError, LgcWarning
from lgc.exchange.gate_list import is_gate_list, read_gate_list
from lgc.exchange.metadata import Metadata, metadata_path, read_metadata
from lgc.interchange import head, module_of_layers, read_file
from lgc.reading import Frontend, LoadOptions


class GateList(Frontend):
    """``--description`` names the JSON; options that are given win over what it says."""

    name = "gate-list"

    def recognises(self, path: Path) -> bool:
        return is_gate_list(head(path))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        data = read_file(path)
        gates = read_gate_list(data, path.name)
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
        options = dataclasses.replace(options, **{**own, **stated})
        levels = len(parse_binarisation(options.input or "bool").levels)
        if options.inputs is not None:
            bits = options.inputs * levels
        elif known.bits is not None:
            bits = known.bits
        else:
            bits = -(-gates.least // levels) * levels
            warnings.warn(
                f"{path.name}: the input width is not in the file; {bits // levels} is the least "
                "that the wiring allows, --inputs states it",
                LgcWarning,
                stacklevel=2,
            )
        return module_of_layers(gates.netlists(bits), options, path, data, self.name)


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
