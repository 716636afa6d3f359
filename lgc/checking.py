"""Whether two models, kernels or files are the same function: by vectors, or proved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .chain import Chain, provenance
from .driver import PathLike, opened
from .equivalence import Batch, Mode, Observation, Result, Subject, subject
from .equivalence import compare as compare_subjects
from .errors import CheckError, UndecidedError, UnsupportedError, UsageError
from .hardware.formats import InputFormat
from .hardware.reading import encoded, format_of
from .inputs import PackedBits, packed
from .interfaces import Kernel, LogicPass
from .model import Model
from .pipeline import Fixpoint, parse_pipeline
from .proof.equality import Tick
from .proof.sweeping import Limits
from .proving import LIMITS, compare_proved

ADDERS = "lower-sums"
"""The pass whose result is hard to compare with anything but itself."""


def check(
    left: Model | Kernel | PathLike | object,
    right: Model | Kernel | PathLike | object,
    *,
    mode: Mode = "fast",
    seed: int = 0,
    conflicts: int = LIMITS.conflicts,
    seconds: float = LIMITS.seconds,
) -> Result:
    """Whether two models, kernels or files are the same function.

    Args:
        mode: ``fast`` (exhaustive up to 16 input bits, else random vectors), ``exhaustive`` or
            ``proof``.
        seed: of the random vectors.
        conflicts: of the SAT solver, after which a proof gives up a question; 0 for never.
        seconds: after which a proof gives up; 0 for never.

    Raises:
        UndecidedError: a proof reached its limits.
    """
    if mode == "off":
        raise UsageError("a check that is off checks nothing", where="mode")
    if mode == "proof":
        limits = replace(LIMITS, conflicts=conflicts, seconds=seconds, seed=seed)
        return prove(left, right, limits)
    return compare_subjects(*subjects(left, right), mode, seed=seed)


def prove(
    left: Model | Kernel | PathLike | object,
    right: Model | Kernel | PathLike | object,
    limits: Limits = LIMITS,
    *,
    tick: Tick | None = None,
) -> Result:
    """Prove two sources equal, or show where they differ.

    Where one adds up class sums by gates and says which passes made it, they run again on the
    other first, each proved: adders are then compared with themselves. Nothing that a file says is
    believed, it only shows a way.

    Raises:
        UndecidedError: the limits were reached.
        UnsupportedError: python-sat is not installed.
    """
    one, other = opened(left), opened(right)
    way = ""
    if isinstance(one, Model) and isinstance(other, Model):
        if (nearer := _on_the_way(one, other)) is not None:
            one, way = nearer
        elif (nearer := _on_the_way(other, one)) is not None:
            other, way = nearer
    result = compare_proved(*subjects(one, other), limits, tick=tick)
    return replace(result, how=f"{way}{result.how}")


def _on_the_way(source: Model, goal: Model) -> tuple[Model, str] | None:
    """The source after the passes that made the goal, and what proved these; None for no way."""
    ran, wanted = (provenance(one.module).get("pipeline", "") for one in (source, goal))
    if not wanted.startswith(ran) or ADDERS not in wanted[len(ran) :]:
        return None
    try:
        pipeline = parse_pipeline(wanted[len(ran) :].lstrip(","))
        for item in pipeline.items:
            steps: tuple[LogicPass, ...] = item.passes if isinstance(item, Fixpoint) else (item,)
            if any("same-function" in step.DECLINES for step in steps):
                return None
        module = source.module.clone()
        stats = pipeline.run(module, check="proof")
    except (UsageError, UndecidedError, CheckError):
        return None
    made = Model(module, tuple(stats))
    if any(one.checked.startswith("off") for one in stats):
        return None
    proved = sum(one.checked != "unchanged" for one in stats)
    return made, f"{proved} passes proved one by one, what they give "


def subjects(
    left: Model | Kernel | PathLike | object, right: Model | Kernel | PathLike | object
) -> tuple[Subject, Subject]:
    """The checker's view of two sources; where one reads the wires of numbers, so does the other.

    Raises:
        UnsupportedError: one reads the wires of numbers and the other is a kernel.
    """
    sources = opened(left), opened(right)
    formats = [None if isinstance(one, Kernel) else format_of(one.module) for one in sources]
    given = formats[0] or formats[1]
    one, other = (
        source if given is None or own is not None else _encoded(source, given)
        for source, own in zip(sources, formats)
    )
    return as_subject(one), as_subject(other)


def _encoded(source: Model | Kernel, given: InputFormat) -> Model:
    if isinstance(source, Kernel):
        raise UnsupportedError(
            f"a kernel reads numbers, not the wires of {given.text}",
            hint="compare with the model that it was made from",
        )
    return Model(encoded(source.module, given))


def as_subject(source: Model | Kernel) -> Subject:
    """The checker's view of a model or kernel."""
    return _kernel_subject(source) if isinstance(source, Kernel) else subject(source.module)


def _kernel_subject(kernel: Kernel) -> Subject:
    """A kernel is observed by running it, not by reading what it was made from."""
    chain = Model(kernel.module).step_chain

    def observe(batch: Batch) -> Observation:
        if chain.state:
            return _observe_step(kernel, chain, batch)
        if chain.group_sum is None:
            return Observation(chain, kernel.bits(batch))
        return Observation(chain, None, kernel.counts(batch))

    return Subject(chain, chain.gates, observe, packs=True)


def _observe_step(kernel: Kernel, chain: Chain, batch: Batch) -> Observation:
    """A step from samples behind which their state stands."""
    if isinstance(batch, PackedBits):
        x, state = np.split(batch.unpack(), [chain.own_bits], axis=1)
        x = packed(x)
    else:
        x, state = np.split(batch, [chain.features], axis=1)
        state = state > 0
    if chain.group_sum is None:
        bits, state = kernel.step(x, state, what="bits")
        return Observation(chain, bits, None, state)
    counts, state = kernel.step(x, state, what="counts")
    return Observation(chain, None, counts, state)
