"""A file of difflogic with all that is known of it: options, description, config, wiring."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lgc.checkpoint import Checkpoint, read_checkpoint
from lgc.description import describe, replay_text
from lgc.errors import InputError, LgcWarning, UsageError
from lgc.guards import is_dict
from lgc.reading import LoadOptions

from .config import Config, config_of
from .keys import Sides, state_of, weights_of, wirings_of
from .layers import Layer, Weights, layer_of
from .light import check_plain_sums
from .replay import Pair, Replay, fingerprint, parse_replay

_TIED = 16
"""Layers that may share their weights; more would be a small file that asks for a large model."""


@dataclass(frozen=True, eq=False)
class File:
    """What is known before the layers are made.

    Attributes:
        told: options as given, completed by the description.
        described: whether a description completed them.
        options: the same, completed by the file itself.
        weights: prefix and weights of each layer.
        beside: the wiring in the file itself, None for layers that have none there.
        replay: how to compute the wiring, where the options say so.
    """

    path: Path
    checkpoint: Checkpoint
    told: LoadOptions
    described: bool
    options: LoadOptions
    config: Config
    weights: list[tuple[str, Weights]]
    beside: list[Sides | None]
    replay: Replay | None

    @property
    def where(self) -> str:
        """Its name, for messages."""
        return self.path.name

    def layers(self, bits: int | None) -> list[Layer]:
        """All layers in order.

        Args:
            bits: that enter the first layer, None if nobody said; a replay has to know.

        Raises:
            InputError: shapes do not fit, or a replay is not that which was checked.
            UsageError: the wiring is missing, or the width that a replay needs.
        """
        for _, weights in self.weights:
            if len(weights) == 0:
                raise InputError("an empty network: a layer without gates", where=self.where)
        if self.replay is not None:
            return self.replayed(self.replay, bits)
        given = self.options.wiring
        sides = self.beside if given is None else self._given(read_checkpoint(given).data)
        layers: list[Layer] = []
        for (prefix, weights), pair in zip(self.weights, sides):
            if pair is None:
                raise UsageError(
                    f"the wiring of layer {prefix} is not in the file",
                    where=self.where,
                    hint="give the file that holds it with --wiring, or compute it: "
                    "lgc inspect --try-replay",
                )
            layers.append(layer_of(prefix, weights, pair, self.where))
        return layers

    def replayed(self, replay: Replay, bits: int | None) -> list[Layer]:
        """The same with a wiring that is computed; warns where nothing says that it is right."""
        if bits is None:
            raise UsageError(
                "a replay has to know how many numbers go in, which the file does not say",
                where=self.where,
                hint="give it with --inputs",
            )
        pairs = self.pairs(replay, bits)
        self._check(replay, pairs)
        return [
            Layer(prefix, weights, *pair) for (prefix, weights), pair in zip(self.weights, pairs)
        ]

    def pairs(self, replay: Replay, bits: int) -> list[Pair]:
        """The wiring that a replay computes for these layers."""
        shapes = [(len(weights), weights.shape[1]) for _, weights in self.weights]
        return replay.pairs(bits, shapes, self.where)

    def fingerprint(self, pairs: list[Pair]) -> str:
        """What ``check=`` of a replay has to be."""
        return fingerprint((weights, pair) for (_, weights), pair in zip(self.weights, pairs))

    def _check(self, replay: Replay, pairs: list[Pair]) -> None:
        if replay.check is None:
            warnings.warn(
                f"{self.where}: the wiring is computed by {replay}, and nothing says that it is "
                "right: a wrong one gives a network that guesses. Check it with labelled data: "
                f"lgc inspect {self.where} --try-replay --data FILE.npz",
                LgcWarning,
                stacklevel=2,
            )
        elif replay.check != (found := self.fingerprint(pairs)):
            raise InputError(
                f"weights and replayed wiring have the fingerprint {found}, not {replay.check}",
                where=self.where,
                hint="the replay was checked with another file, --inputs or --input",
            )

    def _given(self, data: Any) -> list[Sides | None]:
        found = wirings_of(data, [prefix for prefix, _ in self.weights])
        for (prefix, _), pair in zip(self.weights, found):
            if pair is None:
                raise InputError(
                    f"no wiring for layer {prefix}",
                    where=str(self.options.wiring),
                    hint=f"a key {prefix}.indices is expected; there are {_some(data)}",
                )
        return found


def open_file(path: Path, options: LoadOptions, frontend: str, *, partly: bool = False) -> File:
    """Read a checkpoint and what stands beside it.

    Args:
        partly: a replay may say a part of what it has to, and is not read.

    Raises:
        LgcError: either is damaged, or the replay is not well said.
    """
    checkpoint = read_checkpoint(path)
    described, _ = describe(path, options, frontend)
    config = config_of(checkpoint.data)
    completed = config.complete(described)
    state = state_of(checkpoint.data)
    check_plain_sums(state, path.name)
    weights = list(weights_of(state))
    if len(weights) > _TIED * len({id(one) for _, one in weights}):
        raise InputError("far too many layers have the same weights", where=path.name)
    text = replay_text(completed.wiring)
    return File(
        path,
        checkpoint,
        described,
        described is not options,
        completed,
        config,
        weights,
        wirings_of(checkpoint.data, [prefix for prefix, _ in weights]),
        None if text is None or partly else parse_replay(text),
    )


def _some(data: Any) -> str:
    names = list(state_of(data)) if is_dict(data) else []
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "") if names else "none"
