"""Heads: what the outputs of a circuit mean, from the short text of ``--head``.

``sums``       class sums of so many equal groups as there are classes, the default with --classes
``one-hot``    each output is a class; where several are 1, or none, the first of them is the class
``index``      the class as a binary number, the least significant bit first
``index,msb``  the same, the most significant bit first
``bits``       bits, and no class: the default without --classes
"""

from __future__ import annotations

import dataclasses
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .chain import Sums
from .dialect import IndexOp
from .errors import InputError, LgcWarning, UsageError
from .netlist import Netlist
from .reading import LoadOptions

SPELLINGS = "sums, one-hot, index, index,msb or bits"


@dataclass(frozen=True)
class Head:
    """What comes after the last layer.

    Attributes:
        sums: class sums, or None.
        index: the last layer is the class, as a binary number.
        descending: its most significant bit comes first.
    """

    sums: Sums | None
    index: bool = False
    descending: bool = False

    def after(self, net: Netlist, state: int = 0) -> tuple[Netlist, dict[str, Any]]:
        """The last layer as it has to be, and what `chain.build_module` is told besides.

        The last ``state`` outputs are not results but a next state.
        """
        if self.descending:
            own, state_bits = np.split(net.outputs, [len(net.outputs) - state])
            outputs = np.concatenate([own[::-1], state_bits])
            net = Netlist(net.inputs, net.table, net.fanin, outputs)
        return net, {"sums": self.sums, "index": self.index}


def head_of(
    options: LoadOptions,
    outputs: int,
    where: str,
    names: Sequence[str] | None = None,
    beta: float = 0.0,
) -> Head:
    """What ``--head``, ``--classes`` and ``--tau`` make of the outputs of a circuit.

    Args:
        names: of the outputs, where the file has them.
        beta: added to scores before tau.

    Raises:
        InputError: outputs and classes do not come out even.
        UsageError: the options contradict one another, or the names leave the order open.
    """
    given = (options.head or ("bits" if options.classes is None else "sums")).strip()
    if given not in ("sums", "one-hot", "bits", "index", "index,lsb", "index,msb"):
        raise UsageError(f"{given!r} is no head", where="--head", hint=f"one of {SPELLINGS}")
    if given in ("sums", "one-hot"):
        sums = _sums(options, outputs, where, names, given)
        return Head(dataclasses.replace(sums, beta=beta))
    if options.tau is not None:
        raise UsageError(
            f"with --head {given} there are no sums that could be divided",
            where="--tau",
            hint="leave it out",
        )
    if given == "bits":
        if options.classes is not None:
            raise UsageError(
                "with --head bits there are no classes",
                where="--classes",
                hint=f"leave it out, or --head says which outputs are a class: {SPELLINGS}",
            )
        return Head(None)
    _check_index(given, options.classes, outputs, where, names)
    return Head(None, index=True, descending=given == "index,msb")


def _sums(
    options: LoadOptions, outputs: int, where: str, names: Sequence[str] | None, given: str
) -> Sums:
    classes = options.classes
    if given == "one-hot":
        if classes not in (None, outputs):
            raise InputError(
                f"{outputs} outputs are {outputs} classes one-hot, not {classes}",
                where=where,
                hint="--head sums adds up groups of outputs",
            )
        classes = outputs
        if names is not None and falling(names):
            warnings.warn(
                f"{where}: the first output, {names[0]}, is class 0, as the file has it, though "
                "the names count down",
                LgcWarning,
                stacklevel=2,
            )
    if classes is None:
        raise UsageError(
            "how many classes the outputs are summed into is not in the file",
            where=where,
            hint="give it with --classes; --head one-hot makes each output a class",
        )
    if classes < 1 or outputs % classes:
        raise InputError(
            f"{outputs} outputs do not fall into {classes} equal groups",
            where=where,
            hint="is --classes right?",
        )
    tau = 1.0 if options.tau is None else float(options.tau)
    if not (np.isfinite(tau) and tau > 0):
        raise UsageError(f"tau must be a positive number, not {tau}", where="--tau")
    return Sums(classes, tau)


def _check_index(
    given: str, classes: int | None, outputs: int, where: str, names: Sequence[str] | None
) -> None:
    if outputs > IndexOp.MOST:
        raise InputError(
            f"{outputs} outputs are too many for a binary number, which has {IndexOp.MOST} bits",
            where=where,
            hint="--head one-hot makes each output a class",
        )
    if classes is not None and not 1 <= classes <= 1 << outputs:
        raise InputError(
            f"a binary number of {outputs} bits does not number {classes} classes",
            where=where,
            hint="is --classes right? it can be left out",
        )
    if given == "index" and names is not None and falling(names):
        raise UsageError(
            f"the outputs are named {names[0]} to {names[-1]}, so the first may be the most "
            "significant bit",
            where=where,
            hint="--head index,msb if it is, --head index,lsb if it is not",
        )


def falling(names: Sequence[str]) -> bool:
    """Whether names are those of one vector from its last bit to its first: y[3], y[2], …"""
    found = [re.fullmatch(r"(.*?)[\[(<_]?([0-9]+)[\])>_]?", name) for name in names]
    if len(names) < 2 or not all(found):
        return False
    parts = [(match[1], int(match[2])) for match in found if match is not None]
    stem, first = parts[0]
    return parts == [(stem, first - place) for place in range(len(parts))]
