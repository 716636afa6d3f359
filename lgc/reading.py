"""What a frontend is, what it is told, and what it says about a file; `frontends` implements it."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from xdsl.dialects.builtin import ModuleOp

from .errors import UnsupportedError
from .trials import Samples, Search, Tick


@dataclass(frozen=True)
class LoadOptions:
    """What a model file may lack; every field is a flag of the same name.

    Attributes:
        wiring: file with the connections, or ``replay:…``, how to compute them.
        classes: number of classes, GroupSum's k.
        tau: GroupSum's divisor.
        inputs: numbers in one sample.
        input: binarisation: ``bool``, ``round``, ``>0.5``, ``thermometer:1,2,3``,
            ``one-hot:3,3,2``; ``bits:8`` for circuits that read the bits of numbers.
        head: what the outputs of a circuit mean: ``sums``, ``one-hot``, ``index``, ``index,msb`` or
            ``bits``.
        parametrisation: what the weights of a gate are: of four of difflogic ``sigmoid``,
            ``linear`` or ``sin``, of torchlogix's ``warp`` or ``light``; sixteen weights of a gate
            of two inputs need no word, they are logits of the sixteen gates. For binary neurons,
            what bits of the first layer are: ``signs`` (−1 and +1) or ``bits``.
        description: JSON file that holds any of these.
        sample_shape: shape of one sample, ``3,32,32`` or numbers, where the model does not know it.
        quantise: how finely real weights become integers: bits, ``8``, or the largest error of a
            score, ``error=0.01``; then ``,data=FILE`` to hear how many predictions that changes.
        state: bits of a state: so many of the last inputs are fed by as many of the last outputs.
        initial: what registers start with where the file does not say: a 0 or 1 for all of them, or
            one for each bit of the state.
    """

    wiring: str | os.PathLike[str] | None = None
    classes: int | None = None
    tau: float | None = None
    inputs: int | None = None
    input: str | None = None
    head: str | None = None
    parametrisation: str | None = None
    description: str | os.PathLike[str] | None = None
    sample_shape: str | Sequence[int] | None = None
    quantise: str | None = None
    state: int | None = None
    initial: str | None = None


@dataclass(frozen=True)
class Missing:
    """What a file does not say and a user has to.

    Attributes:
        option: field of `LoadOptions` that gives it.
        why: what it is and why it matters, one line.
        choices: what it could be, where that is known.
    """

    option: str
    why: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inspection:
    """What `lgc inspect` says about a file.

    Attributes:
        kind: what the file is, in a few words: ``difflogic state dict``.
        holds: what is in it, rows of a table: what, and how much or of which kind.
        missing: what is not, with the options that give it; without them it cannot be loaded.
        assumed: what is not either, but is taken for granted unless an option says otherwise;
            ``why`` says what is assumed.
    """

    kind: str
    holds: tuple[tuple[str, str], ...] = ()
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Missing, ...] = ()


class Frontend(ABC):
    """Turns a file, or a live object, into a module."""

    name: ClassVar[str]

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether the file is of this kind, by its content; reads little."""

    @abstractmethod
    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        """Read the file.

        Raises:
            LgcError: the file is broken, or lacks something no option gave.
        """

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        """What the file is, holds and lacks, apart from what the options give.

        Its size and hash are told anyway.

        Raises:
            LgcError: the file is broken.
        """
        return Inspection(f"{self.name} file")

    def search(
        self, path: Path, options: LoadOptions, samples: Samples, tick: Tick | None = None
    ) -> Search:
        """Find by labelled rows what a file lacks and can be computed.

        Raises:
            UnsupportedError: files of this kind lack nothing of the sort.
        """
        raise UnsupportedError(
            f"a {self.name} file lacks no wiring that could be computed", where=path.name
        )

    def recognises_object(self, model: object) -> bool:
        """Whether a live object is of this kind."""
        return False

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        """Read a live object that `recognises_object`."""
        raise AssertionError(f"{self.name} reads no live objects")
