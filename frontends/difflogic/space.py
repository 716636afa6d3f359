"""The replays to try: common seeds, splits of common data sets, both modes and devices.

``--wiring replay:…`` may fix parts of a replay, and take ranges of seeds:
``replay:seed=0-999+1234,mode=random``.
"""

from __future__ import annotations

import itertools
import os

from lgc.description import REPLAY, replay_text
from lgc.errors import UsageError

from .replay import DEVICES, MODES, Replay, number_of, parse_replay, parts_of

SEEDS = (
    *range(10), 42, 99, 100, 111, 123, 321, 666, 777, 1000, 1234, 1337, 2021, 2022, 2023, 2024,
    2025, 3407, 12345, 31415,
)  # fmt: skip
PRELUDES = (
    "none", "60000", "50000", "60000+60000", "50000+50000", "60000+10000", "50000+10000",
    "60000+50000", "70000", "words:2", "60000+words:2", "50000+words:2",
)  # fmt: skip
"""Splits of MNIST and CIFAR-10, twice, or with a look into a shuffled loader."""

_MOST = 100_000


def replays(wiring: str | os.PathLike[str] | None, rows: int) -> list[Replay]:
    """All that the option leaves open, the likeliest first.

    Args:
        rows: of the labelled data, which may be what was split.

    Raises:
        UsageError: a part is not well said, or the wiring is a file.
    """
    text = replay_text(wiring)
    if wiring is not None and text is None:
        raise UsageError(
            "the wiring is in a file, there is nothing to try",
            where="--wiring",
            hint="leave it out, or fix parts of a replay: replay:seed=0-999",
        )
    given = parts_of(text) if text is not None and text != REPLAY else {}
    seeds = _seeds(given["seed"]) if "seed" in given else list(SEEDS)
    preludes: list[str] = [given["prelude"]] if "prelude" in given else list(PRELUDES)
    if "prelude" not in given and f"{rows}" not in preludes:
        preludes.append(f"{rows}")
    modes = [given["mode"]] if "mode" in given else list(MODES)
    devices = [given["device"]] if "device" in given else list(DEVICES[::-1])
    return [
        parse_replay(f"{REPLAY}seed={seed},prelude={prelude},mode={mode},device={device}")
        for seed, prelude, mode, device in itertools.product(seeds, preludes, modes, devices)
    ]


def _seeds(text: str) -> list[int]:
    """``0-999+1234``."""
    found: list[int] = []
    for part in text.split("+"):
        first, dash, last = part.partition("-")
        start, end = number_of(first), number_of(last if dash else first)
        if start is None or end is None or not 0 <= end - start < _MOST - len(found):
            raise UsageError(
                f"{text[:40]!r} are no seeds to try",
                where="--wiring",
                hint=f"numbers and ranges of up to {_MOST} in all, such as replay:seed=0-999+1234",
            )
        found += range(start, end + 1)
    return found
