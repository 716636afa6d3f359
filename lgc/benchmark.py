"""Measures a kernel: where time goes, its share of the limits, and its peers beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from .chain import Chain, read_chain
from .inputs import PackedBits
from .interfaces import Kernel, KernelBackend
from .limits import Limits, Share, Traffic, share
from .peers import Peer, reading_bits
from .timing import alternate, median, ratio

Batch = NDArray[Any] | PackedBits

PATIENCE = 5.0
"""Seconds beyond which a slow peer is called less often; three times at least."""


@dataclass(frozen=True)
class Duel:
    """A kernel and a peer that took turns on the same bool rows, and agreed on all of them.

    Attributes:
        seconds: what making the peer ready took.
        cached: in an earlier run.
        own, other: seconds of a call, medians.
        ratio: of the times, the median over turns.
    """

    title: str
    rows: int
    turns: int
    seconds: float
    cached: bool
    own: float
    other: float
    ratio: float


@dataclass(frozen=True)
class Measured:
    """What `lgc bench` prints.

    Attributes:
        phases: seconds for the batch on one thread: packing, gates, class sums, unpacking. Class
            sums run among the gates; theirs is what the program takes longer than one without
            them, which writes the last layer to memory instead.
        total: seconds of all phases in one go, on one thread.
        call: seconds of a call from Python.
        plane: seconds of the gates and class sums of one plane.
        row_bytes: bytes of all rows, which packing has to read once.
        batches: seconds of a call by rows.
    """

    name: str
    rows: int
    dtype: str
    threads: int
    phases: Mapping[str, float]
    total: float
    call: float
    plane: float
    row_bytes: int
    traffic: Traffic
    limits: Limits
    share: Share
    info: Mapping[str, Any]
    batches: Mapping[int, float]
    duels: Sequence[Duel]

    @property
    def rate(self) -> float:
        """Images a second, whole calls."""
        return self.rows / self.call

    @property
    def plane_bytes(self) -> int:
        """Bytes of all planes of the program."""
        return self.info["slots"] * self.info["plane_bits"] // 8

    @property
    def levels(self) -> list[str]:
        """Caches up to the first that holds all planes: those whose bandwidth can be a limit."""
        names = list(self.limits.caches)
        return names[: names.index(self._holding(self.plane_bytes)) + 1]

    @property
    def reading(self) -> tuple[str, float, float]:
        """Rows while they are packed: the first cache that holds them all (or memory), bytes a
        second, and the share of what loads get from there."""
        level = self._holding(self.row_bytes)
        rate = self.row_bytes / max(self.phases["packing"], 1e-9)
        return level, rate, rate / self.limits.bandwidth[level]

    def _holding(self, size: int) -> str:
        """The first cache that is large enough, or memory."""
        fits = [name for name, held in self.limits.caches.items() if held >= size]
        return fits[0] if fits else list(self.limits.caches)[-1]

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return {
            "rows": self.rows,
            "dtype": self.dtype,
            "threads": self.threads,
            "row_bytes": self.row_bytes,
            "seconds": {**self.phases, "total": self.total, "call": self.call},
            "images_per_second": self.rate,
            "traffic": asdict(self.traffic),
            "limits": asdict(self.limits),
            "share": asdict(self.share),
            "batches": {str(rows): spent for rows, spent in self.batches.items()},
            "against": [asdict(duel) for duel in self.duels],
            "kernel": self.info,
        }


def random_rows(chain: Chain, rows: int, seed: int = 0) -> NDArray[np.uint8]:
    """Rows of bytes around the thresholds of a model, so that its bits differ from row to row.

    One number of each one-hot group is above its threshold.
    """
    random = np.random.default_rng(seed)
    level = chain.encoding.thresholds
    if level is None:
        return random.integers(0, 256, (rows, chain.features), np.uint8)
    low = max(int(np.floor(level.min(initial=0))), 0)
    high = min(int(np.ceil(level.max(initial=0))) + 1, 255)
    x = random.integers(low, high + 1, (rows, chain.features), np.uint8)
    for number in np.unique(chain.one_hot[chain.one_hot >= 0]).tolist():
        members = np.flatnonzero(chain.one_hot == number)
        hot = random.integers(0, len(members), rows)[:, None] == np.arange(len(members))
        x[:, members] = np.where(hot, high, low)
    return x


def measure(
    name: str,
    kernel: Kernel,
    backend: KernelBackend,
    x: Batch,
    *,
    threads: int = 1,
    repeat: int = 21,
    batches: Sequence[int] = (),
    duels: Sequence[Duel] = (),
) -> Measured:
    """Measure a kernel on a batch.

    Args:
        name: of the model, for titles.
        backend: the one that made the kernel.
        threads: of whole calls; phases run on one.
        repeat: runs of which the median counts.
        batches: sizes of further batches to time.
        duels: what to report beside it.
    """
    traffic, limits = backend.traffic(kernel), backend.limits(kernel)
    seconds = kernel.profile(x, repeat, apart=kernel.classes > 0)
    plane = seconds["gates"] / -(-len(x) // traffic.plane_bits)
    sums = max(seconds["gates"] - seconds.get("bare", seconds["gates"]), 0.0)
    phases = {
        "packing": seconds["packing"],
        "gates": seconds["gates"] - sums,
        "class sums": sums,
        "unpacking": seconds["unpacking"],
    }
    return Measured(
        name,
        len(x),
        "packed bits" if isinstance(x, PackedBits) else x.dtype.name,
        threads,
        phases,
        seconds["total"],
        _call(kernel, x, threads, repeat),
        plane,
        x.data.nbytes if isinstance(x, PackedBits) else x.nbytes,
        traffic,
        limits,
        share(traffic, limits, plane),
        kernel.info,
        {rows: _call(kernel, _sized(x, rows), threads, repeat) for rows in batches},
        tuple(duels),
    )


def _call(kernel: Kernel, x: Batch, threads: int, repeat: int) -> float:
    run = kernel.predict if kernel.classes else kernel.bits
    return median(lambda: run(x, threads=threads), repeat)


def _sized(x: Batch, rows: int) -> Batch:
    """A batch of that many rows, repeated in order."""
    place = np.arange(rows) % len(x)
    return PackedBits(x.data[place], x.width) if isinstance(x, PackedBits) else x[place]


def bits_of(chain: Chain, x: Batch) -> NDArray[np.bool_]:
    """Bool rows of the bits that enter the first layer."""
    if isinstance(x, PackedBits):
        return x.unpack()
    return np.ascontiguousarray(chain.encoding.rows(x))


def kernel_on_bits(kernel: Kernel, backend: KernelBackend) -> Kernel:
    """The kernel, or one of its model from the first bits on (see `peers.reading_bits`)."""
    module: ModuleOp = reading_bits(kernel.module)
    if module is kernel.module:
        return kernel
    return backend.kernel(module, engine=kernel.info["engine"])


def duel(
    kernel: Kernel, peer: Peer, x: NDArray[np.bool_], *, threads: int = 1, repeat: int = 21
) -> Duel:
    """Let a kernel and a peer take turns on bool rows, once they have agreed on them.

    Raises:
        AssertionError: they do not agree.
    """
    if len(x) < peer.least:
        place = np.arange(peer.least) % len(x)
        x = x[place]
    differ = np.flatnonzero(kernel.predict(x, threads=threads) != peer.predict(x))
    if len(differ):
        raise AssertionError(
            f"the kernel and {peer.title} disagree on {len(differ)} of {len(x)} rows, "
            f"first on row {differ[0]}"
        )
    spent = median(lambda: peer.predict(x), 1)
    turns = int(np.clip(PATIENCE / spent, 3, max(repeat, 3)))
    times = alternate([lambda: kernel.predict(x, threads=threads), lambda: peer.predict(x)], turns)
    own, other = np.median(times, axis=0).tolist()
    return Duel(
        peer.title, len(x), turns, peer.seconds, peer.cached, own, other, ratio(times, 1, 0)
    )


def chain_of(kernel: Kernel) -> Chain:
    """The model of a kernel as a chain."""
    return read_chain(kernel.module)
