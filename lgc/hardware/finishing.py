"""Finishing: a netlist in the gates of a style, for parts that are built here."""

from __future__ import annotations

from ..covering import cover
from ..netlist import Netlist
from ..synthesis.bases import parse_basis
from ..synthesis.rebasing import rebase
from .datapath import Finish
from .options import HardwareOptions

ROUNDS = 200
"""Of covering with LUTs."""

BASIS_ROUNDS = 32


def finish(options: HardwareOptions) -> Finish:
    """How encoder, class sums and argmax come into the style that the gates before them have."""

    def to_luts(net: Netlist) -> Netlist:
        return cover(net, options.k, ROUNDS)

    def to_basis(net: Netlist) -> Netlist:
        return rebase(net, parse_basis(options.basis), BASIS_ROUNDS)

    if options.kind == "lut":
        return to_luts
    return to_basis if options.kind == "primitives" else lambda net: net
