"""Wiring by replay: what difflogic drew when a network was made, drawn again from its seed.

``replay:seed=0,prelude=60000,mode=unique,device=cuda`` says

``seed``     what ``torch.manual_seed`` was given
``prelude``  what was drawn from torch's CPU generator between that and the first layer:
             ``none``, or with ``+`` between them, in their order: ``60000``, a permutation of so
             many (`random_split` of a training set draws one), ``normals:640``, so many numbers of
             `randn`, ``words:2``, so many raw words
``mode``     the ``connections`` of the layers: ``unique`` or ``random``
``device``   where they were made: on ``cpu`` each layer draws its weights before its wiring; on
             ``cuda`` these come from another generator
``check``    optional: the fingerprint of weights and wiring that `lgc inspect --try-replay` prints

A wrong replay gives a network that guesses, and nothing in the file tells. So without a fingerprint
it warns, and with one that does not fit it is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.description import REPLAY
from lgc.errors import InputError, UsageError

from .generator import Generator

Pair = tuple[NDArray[np.int64], NDArray[np.int64]]

MODES = ("unique", "random")
DEVICES = ("cpu", "cuda")
_EXAMPLE = f"{REPLAY}seed=0,prelude=60000,mode=unique,device=cuda"
_KEYS = ("seed", "prelude", "mode", "device")
_KINDS = ("permutation", "normals", "words")
_MOST = 1 << 27
"""Numbers drawn at once; more could not be meant."""
_DIGITS = 16


@dataclass(frozen=True)
class Draw:
    """One draw of the prelude: a permutation, normal numbers, or raw words."""

    kind: str
    count: int

    def __str__(self) -> str:
        return f"{self.count}" if self.kind == "permutation" else f"{self.kind}:{self.count}"

    def skip(self, generator: Generator) -> None:
        """Draw it."""
        if self.kind == "permutation":
            generator.skip_permutation(self.count)
        elif self.kind == "normals":
            generator.skip_normals(self.count)
        else:
            generator.skip(self.count)


@dataclass(frozen=True)
class Replay:
    """How to compute a wiring; see above."""

    seed: int
    prelude: tuple[Draw, ...]
    mode: str
    device: str
    check: str | None = None

    def __str__(self) -> str:
        prelude = "+".join(map(str, self.prelude)) or "none"
        text = f"{REPLAY}seed={self.seed},prelude={prelude},mode={self.mode},device={self.device}"
        return text if self.check is None else f"{text},check={self.check}"

    def pairs(self, inputs: int, shapes: Sequence[tuple[int, int]], where: str) -> list[Pair]:
        """The wiring of all layers.

        Args:
            inputs: bits that enter the first.
            shapes: of the weights of each layer, gates and columns.

        Raises:
            InputError: difflogic could not have made such a layer.
        """
        generator = Generator(self.seed)
        for draw in self.prelude:
            draw.skip(generator)
        found: list[Pair] = []
        for number, (gates, columns) in enumerate(shapes, 1):
            if 2 * gates < inputs:
                raise InputError(
                    f"{gates} gates cannot read {inputs} nets, so no replay makes layer {number}",
                    where=where,
                    hint="is --inputs right?",
                )
            if self.device == "cpu":
                generator.skip_normals(gates * columns)
            if self.mode == "random":
                found.append(_random(generator, inputs, gates))
            else:
                found.append(_unique(generator, inputs, gates, f"{where}: layer {number}"))
            inputs = gates
        return found


def _random(generator: Generator, inputs: int, gates: int) -> Pair:
    chosen = generator.permutation(2 * gates) % inputs
    chosen = generator.permutation(inputs)[chosen]
    return chosen[:gates], chosen[gates:]


def _unique(generator: Generator, inputs: int, gates: int, where: str) -> Pair:
    first = pair_list(inputs, gates)
    if len(first[0]) < gates:
        raise InputError(
            f"difflogic finds {len(first[0])} unique pairs of {inputs} nets for {gates} gates",
            where=where,
            hint="was it wired with mode=random, or is --inputs wrong?",
        )
    order = generator.permutation(gates)
    return first[0][order], first[1][order]


def pair_list(inputs: int, gates: int) -> Pair:
    """difflogic's unique pairs before they are shuffled, as many as it finds up to ``gates``."""
    net = np.arange(inputs)
    a, b = net[::2], net[1::2]
    a = a[: len(b)]
    if len(a) < gates:
        a, b = np.concatenate([a, net[1::2]]), np.concatenate([b, net[2::2]])
        a = a[: len(b)]
    offset = 2
    parts, count = [(a, b)], len(a)
    while gates > count > offset:
        parts.append((net[:-offset], net[offset:]))
        count += len(parts[-1][0])
        offset += 1
    a, b = (np.concatenate(sides)[:gates] for sides in zip(*parts))
    return a, b


def fingerprint(layers: Iterable[tuple[NDArray[np.generic], Pair]]) -> str:
    """Of the weights and wiring of all layers: sixteen hexadecimal digits."""
    digest = hashlib.sha256()
    for weights, (a, b) in layers:
        digest.update(repr((weights.shape, weights.dtype.str)).encode())
        for part in (weights, a.astype("<i8"), b.astype("<i8")):
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:_DIGITS]


def parse_replay(text: str) -> Replay:
    """Read the text.

    Raises:
        UsageError: a part is missing, unknown, or has a value that it cannot have.
    """
    given = parts_of(text)
    for key in _KEYS:
        if key not in given:
            raise _wrong(f"{text!r} does not say the {key}")
    for key, choices in (("mode", MODES), ("device", DEVICES)):
        if given[key] not in choices:
            raise _wrong(f"the {key} of a replay is {' or '.join(choices)}, not {given[key]!r}")
    if (seed := number_of(given["seed"])) is None:
        raise _wrong(
            f"the seed of a replay is a number of up to 64 bits, not {given['seed'][:30]!r}"
        )
    check = given.get("check")
    if check is not None and (len(check) != _DIGITS or set(check) - set("0123456789abcdef")):
        raise _wrong(f"the check of a replay is {_DIGITS} hexadecimal digits, not {check[:30]!r}")
    return Replay(seed, parse_prelude(given["prelude"]), given["mode"], given["device"], check)


def parts_of(text: str) -> dict[str, str]:
    """What a replay says, part by part; some may be left out.

    Raises:
        UsageError: a part is unknown, empty or there twice.
    """
    parts = [part.partition("=") for part in text.removeprefix(REPLAY).split(",")]
    given = {key.strip(): value.strip() for key, _, value in parts}
    for key, value in given.items():
        if key not in (*_KEYS, "check") or not value:
            raise _wrong(f"{text!r} has a part {key!r}" + ("" if value else " without a value"))
    if len(given) < len(parts):
        raise _wrong(f"{text!r} says something twice")
    return given


def parse_prelude(text: str) -> tuple[Draw, ...]:
    """Read ``none`` or ``60000+normals:640+words:2``.

    Raises:
        UsageError: it is neither.
    """
    if text == "none":
        return ()
    draws: list[Draw] = []
    for part in text.split("+"):
        kind, named, count = part.rpartition(":")
        known = not named or kind in _KINDS
        if not (known and count.isascii() and count.isdecimal() and int(count[:12]) <= _MOST):
            raise _wrong(
                f"the prelude of a replay is none, 60000, normals:640, words:2 or some of these "
                f"with + between, not {text[:40]!r}"
            )
        draws.append(Draw(kind or _KINDS[0], int(count)))
    return tuple(draws)


def number_of(text: str) -> int | None:
    """A seed, or None where the text is none."""
    plain = text.isascii() and text.isdecimal() and len(text) <= 20
    return int(text) if plain and int(text) < 1 << 64 else None


def _wrong(message: str) -> UsageError:
    return UsageError(message, where="--wiring", hint=f"for example {_EXAMPLE}")
