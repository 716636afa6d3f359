"""What a file is: the frontend that knows it, what it holds and lacks, and the model it makes."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import registry
from .data import Data
from .driver import KERNEL_SUFFIX, load, load_kernel
from .errors import InputError, LgcError, LgcWarning, UsageError
from .finding import check_file, frontend_of, recognised
from .glimpse import glimpse
from .inputs import PackedBits
from .model import Model
from .reading import Inspection, LoadOptions, Missing
from .trials import Samples, Search, Tick

Row = tuple[str, str, str]


@dataclass(frozen=True)
class Inspected:
    """What `inspect` found.

    Attributes:
        frontend: name of the frontend that reads it, ``kernel`` for lgc's own; None for a file
            that nothing knows.
        size: bytes.
        found: what the frontend says.
        model: what it makes, where nothing is missing and it can be loaded.
        refused: why it cannot be loaded, though nothing seems to be missing.
        warned: what loading assumes.
    """

    path: Path
    frontend: str | None
    size: int
    sha256: str
    found: Inspection
    model: Model | None = None
    refused: LgcError | None = None
    warned: tuple[str, ...] = ()

    def rows(self) -> Iterator[Row]:
        """A table for a person: part, what, and how much or why."""
        yield "file", "size", f"{self.size:,} bytes"
        yield "", "sha256", self.sha256
        yield from _part("holds", self.found.holds)
        yield from _part("missing", [_asked(one) for one in self.found.missing])
        assumed = [_asked(one) for one in self.found.assumed]
        yield from _part("assumed", assumed + [("", text) for text in self.warned])
        if self.model is not None:
            yield from _part("model", _sizes(self.model))
        if self.refused is not None:
            yield "refused", "", str(self.refused)
        if self.frontend is None:
            entries = registry.entries("frontends").values()
            yield from _part("formats", [(entry.name, entry.summary) for entry in entries])

    def describe(self) -> dict[str, Any]:
        """The same for programs: only numbers, text, lists and dictionaries."""
        return {
            "file": str(self.path),
            "frontend": self.frontend,
            "kind": self.found.kind,
            "bytes": self.size,
            "sha256": self.sha256,
            "holds": [list(row) for row in self.found.holds],
            "missing": [_described(one) for one in self.found.missing],
            "assumed": [_described(one) for one in self.found.assumed],
            "warnings": list(self.warned),
            "model": None if self.model is None else self.model.describe(),
            "refused": None if self.refused is None else str(self.refused),
        }


def inspect(
    path: str | os.PathLike[str], *, frontend: str | None = None, **given: Any
) -> Inspected:
    """Say what a file is, holds and lacks; when it lacks nothing, load it.

    Args:
        frontend: name of the frontend, to skip the search.
        given: what `lgc.load` takes, where the file lacks it.

    Raises:
        LgcError: there is no such file, or it is damaged.
    """
    file = Path(path)
    check_file(file)
    size, digest = _weigh(file)
    if file.suffix == KERNEL_SUFFIX:
        kernel = load_kernel(file)
        return Inspected(file, "kernel", size, digest, _kernel(kernel.info), Model(kernel.module))
    reader = recognised(file) if frontend is None else frontend_of(file, frontend)
    if reader is None:
        return Inspected(file, None, size, digest, glimpse(file))
    found = reader.inspect(file, LoadOptions(**given))
    if found.missing:
        return Inspected(file, reader.name, size, digest, found)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LgcWarning)
        try:
            model, refused = load(file, frontend=reader.name, **given), None
        except LgcError as error:
            model, refused = None, error
    warned = tuple(str(one.message) for one in caught if issubclass(one.category, LgcWarning))
    return Inspected(file, reader.name, size, digest, found, model, refused, warned)


def try_replay(
    path: str | os.PathLike[str],
    data: Data,
    *,
    frontend: str | None = None,
    tick: Tick | None = None,
    **given: Any,
) -> Search:
    """Find a wiring that is in no file by computing plausible ones: the accuracy tells.

    Args:
        data: labelled rows.
        tick: called with (tries done, tries in all).
        given: what `lgc.load` takes; ``wiring`` may be a part of a replay.

    Raises:
        LgcError: the data has no labels or other widths, or the file needs no wiring.
    """
    file = Path(path)
    if data.y is None:
        raise UsageError(
            "the data has no labels", where="--data", hint="--y names the array that holds them"
        )
    if not len(data.y) or data.y.min() < 0:
        raise InputError("labels count from 0, and there is at least one", where="--data")
    x = data.x.unpack() if isinstance(data.x, PackedBits) else data.x
    samples = Samples(x, data.y)
    return frontend_of(file, frontend).search(file, LoadOptions(**given), samples, tick)


def _weigh(file: Path) -> tuple[int, str]:
    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return file.stat().st_size, digest
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from None


def _kernel(info: dict[str, Any]) -> Inspection:
    shown = ("engine", "plane_bits", "gates", "versions")
    return Inspection("lgc kernel", tuple((key, _text(info[key])) for key in shown if key in info))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)  # type: ignore[reportUnknownArgumentType]


def _part(name: str, rows: Any) -> Iterator[Row]:
    for number, (what, value) in enumerate(rows):
        yield name if number == 0 else "", what, value


def flag(option: str) -> str:
    """The flag of a field of `LoadOptions`."""
    return f"--{option.replace('_', '-')}"


def _asked(one: Missing) -> tuple[str, str]:
    choices = f": {' or '.join(one.choices)}" if one.choices else ""
    return flag(one.option), one.why + choices


def _described(one: Missing) -> dict[str, Any]:
    return {**asdict(one), "choices": list(one.choices), "flag": flag(one.option)}


def _sizes(model: Model) -> Iterator[tuple[str, str]]:
    chain = model.chain
    yield "reads", f"{chain.features:,} numbers as {chain.bits:,} bits"
    yield "computes", f"{chain.gates:,} gates in {len(chain.stages)} {_layers(len(chain.stages))}"
    sums = chain.group_sum
    if sums is not None:
        yield (
            "gives",
            f"{sums.classes:,} classes from {chain.outputs:,} bits, tau {sums.tau.value.data:g}",
        )
    elif chain.index:
        yield "gives", f"a class, a number of {chain.outputs:,} bits"
    else:
        yield "gives", f"{chain.outputs:,} bits"


def _layers(count: int) -> str:
    return "layer" if count == 1 else "layers"
