"""Vectors: what is played to a design, and what its model says should come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..chain import Chain
from ..data import read_data
from ..errors import InputError
from ..evaluation import unpack_planes
from ..hardware.checking import answered, expected, stimuli, wires
from ..hardware.datapath import Word
from ..hardware.formats import InputFormat
from ..hardware.grid import Pixels
from ..inputs import PackedBits, numbers, rows

SAMPLES = 1000
"""Of the data, at most."""

RANDOM = 256
"""Samples where there are no data."""

BATCH = 2048
"""Samples that the model sees at once."""

Answers = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Vectors:
    """Samples and answers.

    Attributes:
        port: what stands on the input port, bool ``(n, inputs)``.
        answers: numbers ``(n, count)`` by result.
        labels: int64 ``(n,)``, if they are known.
        origin: where the samples come from, in words.
    """

    port: NDArray[np.bool_]
    answers: Answers
    labels: NDArray[np.int64] | None
    origin: str

    def __len__(self) -> int:
        return len(self.port)

    @property
    def accuracy(self) -> float | None:
        """The share of the labels that the model hits."""
        found = self.answers.get("class_index")
        if found is None and "scores" in self.answers:
            found = self.answers["scores"].argmax(axis=1)[:, None]
        if self.labels is None or found is None or not len(self):
            return None
        return float((found[:, 0] == self.labels).mean())

    def lines(self, results: tuple[Word, ...]) -> NDArray[np.bool_]:
        """The answers as bits, bool ``(n, outputs)``."""
        return np.concatenate([word.write(self.answers[word.name]) for word in results], axis=1)


@dataclass(frozen=True, eq=False)
class Played:
    """What vectors are made for.

    Attributes:
        chain: the model that says what is right.
        given: how numbers stand on the input port.
        results: what comes out.
        pixels: that come in one after another; None where a sample comes at once.
    """

    chain: Chain
    given: InputFormat | None
    results: tuple[Word, ...]
    pixels: Pixels | None = None

    def of(self, x: Any, labels: Any = None, origin: str = "given arrays") -> Vectors:
        """Vectors of samples.

        Raises:
            InputError: the model does not read such samples, or the format does not hold them.
        """
        chain = self.chain
        if chain.state:
            return of_sequences(self, x, origin)
        batch = x if isinstance(x, PackedBits) else rows(x, chain.features)
        if isinstance(batch, PackedBits) and self.given is not None:
            raise InputError(
                "packed bits are what thresholds give, the hardware reads numbers",
                where=f"--input-format {self.given.text}",
            )
        known = None if labels is None else np.asarray(labels).astype(np.int64)
        if known is not None and known.shape != (len(batch),):
            raise InputError(f"{known.shape} labels for {len(batch)} samples", where="labels")
        ports: list[NDArray[np.bool_]] = []
        pieces: list[Answers] = []
        for part in _parts(batch):
            bits = unpack_planes(chain.encoding.planes(part), len(part))
            if self.given is None or isinstance(part, PackedBits):
                ports.append(bits)
            else:
                ports.append(wires(chain, self.given, part))
            pieces.append(expected(chain, self.results, bits))
        return Vectors(self._port(np.concatenate(ports)), _joined(pieces), known, origin)

    def random(self, count: int, seed: int = 0) -> Vectors:
        """Random vectors, half of the numbers near thresholds."""
        tried = stimuli(self.chain, self.given, count, seed)
        origin = f"random, near thresholds, seed {seed}"
        if self.chain.state:
            own = self.chain.own_bits
            wide = tried.port.shape[1] - self.chain.state
            long = -(-count // SEQUENCES)
            return of_bits(self, tried.port[:, :wide], tried.bits[:, :own], long, origin)
        answers = expected(self.chain, self.results, tried.bits)
        return Vectors(self._port(tried.port), answers, None, origin)

    def _port(self, bits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Bits of samples in the order in which they come in."""
        return bits if self.pixels is None else bits[:, self.pixels.order()]


SEQUENCES = 3
"""Random ones of a recurrent model; the first is longer than what is sent without a gap."""


def of_sequences(played: Played, x: Any, origin: str) -> Vectors:
    """Vectors of sequences ``(n, steps, …)``; a batch ``(steps, features)`` is one.

    Raises:
        InputError: the model does not read such samples, or the format does not hold them.
    """
    chain, array = played.chain, numbers(x)
    if array.ndim < 3:
        array = array[None]
    n, steps = array.shape[:2]
    each = rows(array.reshape(n * steps, int(np.prod(array.shape[2:]))), chain.features)
    bits = unpack_planes(chain.own_encoding.planes(each), len(each))
    port = bits if played.given is None else wires(chain, played.given, each)
    return of_bits(played, port, bits, steps, origin)


def of_bits(
    played: Played, port: NDArray[np.bool_], bits: NDArray[np.bool_], steps: int, origin: str
) -> Vectors:
    """Vectors of steps one after another, of which each ``steps`` are a sequence.

    Args:
        port, bits: of each step, on the input port and into the first stage.
    """
    chain = played.chain
    begins = np.arange(len(bits)) % steps == 0
    starts = np.flatnonzero(begins)
    state = np.tile(chain.initial, (len(starts), 1))
    answers: Answers = {}
    for step in range(steps):
        place = starts + step
        place = place[place < len(bits)]
        read = np.concatenate([bits[place], state[: len(place)]], axis=1)
        found, state = answered(chain, played.results, read)
        for name, values in found.items():
            kept = answers.setdefault(name, np.zeros((len(bits), values.shape[1]), np.int64))
            kept[place] = values
    lines = np.concatenate([port, begins[:, None]], axis=1)
    return Vectors(lines, answers, None, f"{origin}, {len(starts):,} sequences")


def given_vectors(played: Played, data: Any, labels: Any, samples: int | None) -> Vectors:
    """Vectors of a data file or of arrays, or random ones where ``data`` is None.

    Raises:
        InputError: the file cannot be read, or the samples are not those of the model.
    """
    if data is None:
        return played.random(RANDOM if samples is None else samples)
    origin = "given arrays"
    if isinstance(data, str | Path):
        path = Path(data)
        read = read_data(path)
        data, labels, origin = read.x, read.y if labels is None else labels, path.name
    most = SAMPLES if samples is None else samples
    if played.chain.state and getattr(data, "ndim", 0) > 2:  # whole sequences, or one of so many
        long = data.shape[1]
        labels, count = None, len(data) * long
        data = data[: max(most // max(long, 1), 1), :most]
        chosen = origin if most >= count else f"{data.size:,} steps of {count:,}: {origin}"
        return played.of(data, None, chosen)
    count = len(data)
    if isinstance(data, PackedBits):
        data = PackedBits(data.data[:most], data.width)
    else:
        data = data[:most]
    if not len(data):
        raise InputError("there are no samples", where=origin)
    chosen = origin if most >= count else f"the first {most:,} samples of {count:,}: {origin}"
    return played.of(data, None if labels is None else labels[:most], chosen)


def _parts(batch: NDArray[Any] | PackedBits) -> Iterator[NDArray[Any] | PackedBits]:
    for start in range(0, max(len(batch), 1), BATCH):
        part = slice(start, start + BATCH)
        if isinstance(batch, PackedBits):
            yield PackedBits(batch.data[part], batch.width)
        else:
            yield batch[part]


def _joined(pieces: list[Answers]) -> Answers:
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
