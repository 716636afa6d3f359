"""Pipelines: pass text to passes, run one after another, each checked before the next.

Text: ``fuse-layers,fixpoint(fold,strash),dce`` or the name of a named pipeline; options follow a
pass in braces, ``unpack{limit=100}``. After every pass the module is verified and compared, as a
function, with what it was before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.utils.arg_spec import parse_spec
from xdsl.utils.exceptions import ArgSpecParseError, VerifyException

from . import registry
from .chain import Chain, annotate, provenance, read_chain
from .equivalence import (
    Mode,
    Observation,
    Result,
    Vectors,
    choose_vectors,
    compare_observations,
    subject,
)
from .errors import CheckError, UndecidedError, UnsupportedError, UsageError
from .interfaces import Instrument, LogicPass
from .netlist import NetlistError
from .proving import LIMITS, prove_chains
from .text import context, reason

ROUNDS = 100
"""A fixed-point group that still changes after so many rounds is a bug."""


@dataclass(frozen=True)
class Step:
    """One pass of a pipeline, and why it stands where it stands."""

    text: str
    why: str


_SHARED = (
    Step("fuse-layers", "the passes below see across layers only in one circuit"),
    Step("dce", "a layer has outputs nobody reads: cheap, and less work for the rest"),
    Step(
        "fixpoint(narrow,strash,dce)",
        "strash folds and merges twins, dce drops what nobody reads since; what that says of "
        "bits between stages, narrow tells the next stage, where it may fold more",
    ),
)


def _small(*rewriting: Step) -> tuple[Step, ...]:
    return (
        *_SHARED,
        Step("dont-care", "what cannot occur or is not seen makes gates simpler, and nets equal"),
        Step("dedupe", "nets that are equal for any other reason, proved; less to search below"),
        *rewriting,
        Step("sum-dedupe", "late: it changes the outputs, which all passes above keep"),
        Step("dce", "gates that only merged or dropped outputs read are dead now"),
    )


_SMALL = _small(
    Step("rewrite", "small parts by the smallest circuits known, where no proof could merge")
)

NAMED: dict[str, tuple[Step, ...]] = {
    "O0": (Step("fuse-layers", "backends read one circuit"),),
    "O1": (
        Step("fuse-layers", "the passes below see across layers only in one circuit"),
        Step("dce", "a layer has outputs nobody reads: cheap, and less work for the rest"),
        Step(
            "fold",
            "constants and pass-through gates vanish, inverters join their readers",
        ),
        Step("dce", "gates whose readers were folded away are dead now"),
    ),
    "O2": _SHARED,
    "O3": _SMALL,
    "Os": _small(
        Step("restructure", "rewrites, then leaves its optimum for one nearby; takes its time"),
        Step("dedupe", "what was built anew may equal what was there"),
    ),
    "Ocpu": _SMALL,
    "Ofpga": (
        *_SMALL,
        Step("lower-sums", "sums and comparisons are two thirds of the fabric"),
        Step("lower-sums{to=class}", "by itself, since sums alone are proved by their equations"),
        Step("map-lut{k=6 rounds=200}", "LUTs of six inputs, and the adders may share them"),
    ),
}
"""Named pipelines; every one preserves the function, though not always the bits of the last layer:
those of `O3` and above keep the scores, `Ofpga` the class."""

UNFINISHED = ("O2", "O3", "Os", "Ocpu")
"""What a backend's own passes follow: native code covers with the gates its machine has."""


@dataclass(frozen=True)
class Fixpoint:
    """Passes repeated in turn until a round changes nothing."""

    passes: tuple[LogicPass, ...]


@dataclass(frozen=True)
class PassStats:
    """What one run of a pass did."""

    name: str
    seconds: float
    check_seconds: float
    gates_before: int
    gates_after: int
    changed: bool
    checked: str
    remarks: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Pipeline:
    """A parsed pipeline."""

    items: tuple[LogicPass | Fixpoint, ...]

    def __str__(self) -> str:
        return ",".join(
            f"fixpoint({','.join(spelling(p) for p in item.passes)})"
            if isinstance(item, Fixpoint)
            else spelling(item)
            for item in self.items
        )

    def run(
        self,
        module: ModuleOp,
        *,
        check: Mode = "fast",
        seed: int = 0,
        instruments: Sequence[Instrument] = (),
    ) -> list[PassStats]:
        """Run all passes on ``module``, in place.

        Args:
            check: ``off``, ``fast`` (random vectors), ``exhaustive`` or ``proof``.
            seed: of the random vectors.

        Raises:
            CheckError: a pass changed the function. The module is left as that pass left it.
        """
        runner = _Runner(module, check, seed, instruments)
        for item in self.items:
            if isinstance(item, LogicPass):
                runner.step(item)
                continue
            for _ in range(ROUNDS):
                changed = [runner.step(step) for step in item.passes]
                if not any(changed):
                    break
            else:
                raise AssertionError(f"fixpoint group has no fixed point: {self}")
        return runner.stats


def spelling(step: LogicPass) -> str:
    """A pass as pipeline text."""
    return str(step.spec())


def parse_pipeline(text: str) -> Pipeline:
    """Read pipeline text.

    Raises:
        UsageError: an unknown pass, option or value, or unbalanced brackets.
    """
    return Pipeline(tuple(_items(text)))


def _items(text: str) -> Iterator[LogicPass | Fixpoint]:
    for part in _split(text):
        if part in NAMED:
            yield from _items(",".join(step.text for step in NAMED[part]))
        elif part.startswith("fixpoint(") and part.endswith(")"):
            inner = tuple(_items(part[len("fixpoint(") : -1]))
            passes = tuple(item for item in inner if isinstance(item, LogicPass))
            if len(passes) != len(inner):
                raise UsageError("a fixpoint group holds passes only", where=f"pipeline {text!r}")
            yield Fixpoint(passes)
        else:
            yield _pass(part)


def _split(text: str) -> list[str]:
    """Split at commas outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "({") - (letter in ")}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    if depth:
        raise UsageError("brackets do not match", where=f"pipeline {text!r}")
    return [part.strip() for part in parts if part.strip()]


def _pass(text: str) -> LogicPass:
    try:
        spec = parse_spec(text)
    except ArgSpecParseError as error:
        raise UsageError(
            f"{text!r} is not a pass: {str(error).splitlines()[-1]}",
            where="pipeline",
            hint="name{option=value other=value}",
        ) from None
    step = registry.find("passes", spec.name)
    try:
        return step.from_spec(spec)
    except (ValueError, TypeError) as error:
        raise UsageError(str(error), where=f"pass {spec.name}") from None


def record(module: ModuleOp, done: Pipeline, stats: Sequence[PassStats]) -> None:
    """Keep in the module what ran on it, how that was checked, and what passes remarked."""
    from . import __version__

    before = provenance(module).get("pipeline")
    checked = sorted({one.checked for one in stats} - {"unchanged"}) or ["nothing changed"]
    annotate(module, "version", __version__)
    annotate(module, "pipeline", ",".join(part for part in (before, str(done)) if part))
    annotate(module, "checked", "; ".join(checked))
    remarks = [f"{one.name}: {remark}" for one in stats for remark in one.remarks]
    if remarks:
        annotate(module, "remarks", "; ".join(remarks))


class _Runner:
    """Runs steps on a module and keeps what the checker saw last."""

    def __init__(
        self,
        module: ModuleOp,
        check: Mode,
        seed: int,
        instruments: Sequence[Instrument],
    ) -> None:
        self.module, self.check, self.seed = module, check, seed
        self.instruments, self.context = instruments, context()
        self.stats: list[PassStats] = []
        self.chain = _chain(module)
        self.vectors: Vectors | None = None
        self.seen: Observation | None = None
        if check not in ("off", "proof") and self.chain is not None:
            start = subject(module)
            self.vectors = choose_vectors(start, start, check, seed)
            self.seen = start.observe(self.vectors.batch)

    def step(self, step: LogicPass) -> bool:
        before = _gates(self.chain)
        for instrument in self.instruments:
            instrument.before(step, self.module)
        old = self.module.clone()
        start = time.perf_counter()
        try:
            remarks = step.apply_remarked(self.context, self.module)
        except NetlistError as error:  # a netlist of the user's would not have come this far
            raise AssertionError(f"pass {step.name} built a broken netlist: {error}") from error
        seconds = time.perf_counter() - start
        changed = not self.module.is_structurally_equivalent(old)
        start = time.perf_counter()
        checked = self._verify(step, old) if changed else "unchanged"
        spent = time.perf_counter() - start
        self.stats.append(
            PassStats(
                spelling(step),
                seconds,
                spent,
                before,
                _gates(self.chain),
                changed,
                checked,
                tuple(remarks),
            )
        )
        for instrument in self.instruments:
            instrument.after(step, self.module, seconds, changed)
        return changed

    def _verify(self, step: LogicPass, old: ModuleOp) -> str:
        try:
            self.module.verify()
        except VerifyException as error:
            raise AssertionError(f"pass {step.name} broke the IR: {reason(error)}") from error
        self.chain = _chain(self.module)
        if self.check == "proof":
            return self._prove(step, old)
        if self.vectors is None or self.seen is None or self.chain is None:
            return "off"
        seen = subject(self.module).observe(self.vectors.batch)
        result = compare_observations(self.vectors, self.seen, seen)
        if not result and "same-function" not in step.DECLINES:
            raise PassChangedFunctionError(step, result)
        self.seen = seen
        return result.how if result else f"differs, as {step.name} may ({result.how})"

    def _prove(self, step: LogicPass, old: ModuleOp) -> str:
        before = _chain(old)
        if before is None or self.chain is None:
            return "off"
        if "same-function" in step.DECLINES:
            return "off: not meant to keep the function"
        try:
            result = prove_chains(before, self.chain, replace(LIMITS, seed=self.seed))
        except UndecidedError as error:
            raise UndecidedError(
                error.message,
                where=f"pass {spelling(step)}",
                hint="--check=fast tries random vectors; `lgc check --proof` has limits to raise",
            ) from None
        if not result:
            raise PassChangedFunctionError(step, result)
        return result.how


class PassChangedFunctionError(CheckError):
    """A pass gave another function: a bug in that pass."""

    def __init__(self, step: LogicPass, result: Result) -> None:
        super().__init__(
            f"the function changed: {result.counterexample}",
            where=f"pass {spelling(step)}",
            hint="this is a bug in the pass; `lgc reduce` makes its input small for a report",
        )
        self.step, self.result = step, result


def _chain(module: ModuleOp) -> Chain | None:
    if not any(isinstance(op, FuncOp) for op in module.ops):
        return None  # a pass has made a module of other dialects of it
    try:
        return read_chain(module, recurrent=True)
    except UnsupportedError:
        return None  # not a whole model, as in tests of single operations: nothing to simulate


def _gates(chain: Chain | None) -> int:
    return 0 if chain is None else chain.gates
