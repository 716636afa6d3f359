"""Structural Verilog-2001: a module for each part, pipelined if asked for, with an interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Chain, provenance, read_chain
from lgc.dialect import MapOp
from lgc.errors import UnsupportedError, UsageError
from lgc.hardware.checking import check
from lgc.hardware.datapath import Places
from lgc.hardware.datapath import datapath as parts
from lgc.hardware.design import Design, check_size, design, widths
from lgc.hardware.finishing import finish
from lgc.hardware.naming import names
from lgc.hardware.options import HardwareOptions, identifier
from lgc.hardware.sections import Sectioned, sectioned
from lgc.hardware.sources import Module, Sources
from lgc.hardware.streaming import Streamed, streamed
from lgc.interchange import write_pieces
from lgc.interfaces import Backend

from .blocks import Blocks
from .cells import cells
from .gates import Style
from .header import header
from .sections import sections
from .streams import streams
from .text import check_name
from .top import datapath, datapath_name, tops


class Verilog(Backend):
    """Options are those of `lgc.hardware.options`, by name, and ``source``, the module of the model
    before any pass, after whose layers and neurons wires are named.
    """

    name = "verilog"
    SUFFIXES: ClassVar[Mapping[str, str]] = {".v": "Verilog-2001, all modules in one file"}

    def pipeline(self, options: Mapping[str, Any]) -> str:
        return _options(options).pipeline

    def passes(self, options: Mapping[str, Any]) -> str:
        return _options(options).passes

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        made = self.sources(module, {"name": identifier(path.stem), **_given(options)})
        return write_pieces(path, (piece.encode() for piece in made.text()))

    def sources(self, module: ModuleOp, options: Mapping[str, Any]) -> Sources:
        """The Verilog of a model on which `passes` have run.

        Raises:
            LgcError: the options contradict one another or the model.
        """
        wanted = _options(options)
        check_name(wanted.name)
        chain = read_chain(module, recurrent=True)
        _check_steps(chain, wanted)
        made = _design(chain, wanted)
        check_size(made, wanted.max_luts)
        style = Style(wanted.kind, wanted.family)
        known: dict[int, str] = {}
        if isinstance(made, Streamed):
            modules = streams(made, wanted, style)
        elif isinstance(made, Sectioned):
            modules = [*sections(made, wanted, style), *tops(made, wanted)]
        else:
            source = options.get("source")
            known = {} if source is None else names(read_chain(source, recurrent=True), made)
            blocks = Blocks(made, wanted.name, style, wanted.max_lines, known)
            modules = [*_plain(blocks, wanted), *tops(made, wanted)]
        lines = (line for one in modules for line in one.lines)
        models = cells(style.cells, style.used(list(widths(made)), lines))
        checked = check(chain, made)
        notes = header(made, wanted, chain, provenance(module), checked, known)
        return Sources(made, wanted, tuple(modules), tuple(models), tuple(notes), checked)


def _check_steps(chain: Chain, wanted: HardwareOptions) -> None:
    """Refuse what a recurrent model cannot be.

    Raises:
        UsageError: a step would take several clock cycles, or there is nothing for a bus to carry.
    """
    if chain.state and wanted.staged:
        raise UsageError(
            "the model is recurrent: a step needs the state that the one before it leaves, so "
            "that no two can be under way",
            where="--stages" if wanted.stages else "--max-logic-depth",
            hint="leave it out: a step takes one clock cycle",
        )
    if not chain.features and wanted.interface == "axi":
        raise UsageError(
            "the model reads nothing but its state, so there are no samples for a bus",
            where="--interface axi",
            hint="plain has an enable, valid a handshake",
        )
    if chain.state and any(isinstance(stage, MapOp) for stage in chain.stages):
        raise UnsupportedError(
            "a convolution with a state is not written as it is",
            where="verilog",
            hint="-p unroll-map,O3 makes a circuit of it",
        )


def _plain(blocks: Blocks, wanted: HardwareOptions) -> list[Module]:
    found = [
        Module(f"{wanted.name}_{title}", blocks.module(block, title))
        for block, title in zip(blocks.all, blocks.titles)
    ]
    return [*found, Module(datapath_name(blocks.made, wanted), datapath(blocks, wanted))]


def _design(chain: Chain, wanted: HardwareOptions) -> Design | Sectioned | Streamed:
    path = parts(chain, wanted.outputs, wanted.given, finish(wanted), separate=wanted.separate)
    wide = max(part.net.k for part in path.parts)
    limit = wanted.max_logic_depth
    count = wanted.stages if limit is None else None
    if wanted.streamed:
        made = streamed(path, count=wanted.stages, limit=limit)
    elif any(isinstance(part, Places) for part in path.parts):
        made = sectioned(path, count=count, limit=limit)
    else:
        made = design(path, count=count, limit=limit)
    widest = max(widths(made), default=0)
    if wanted.kind == "lut" and wide > wanted.k and widest > wanted.k:
        raise UnsupportedError(
            f"a gate has {widest} fan-ins, a LUT of {wanted.family} has {wanted.k} inputs",
            where="--style lut",
            hint=f"end the pipeline with map-lut{{k={wanted.k}}}, or leave it to the target",
        )
    return made


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name for field in fields(HardwareOptions)}
    return {key: value for key, value in options.items() if key in known and value is not None}


def _options(options: Mapping[str, Any]) -> HardwareOptions:
    return HardwareOptions(**_given(options))


__all__ = ["Sources", "Verilog"]
