"""What a pass, a frontend and a backend are; the folders of that name implement these."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from .batches import BatchFunction, batch_function
from .dialect import ArgmaxOp, GroupSumOp
from .dialect.changing import facts_of, replace_netlists
from .errors import UnsupportedError
from .extras import extra
from .facts import Facts
from .limits import Limits, Traffic
from .netlist import Netlist
from .recurrence import Steps
from .streams import What, predict_iter
from .summed import Summed, summed
from .sums.terms import Weights

if TYPE_CHECKING:
    from .kernel_module import KernelModule


class LogicPass(ModulePass):
    """A pass over a module of the `logic` dialect.

    ``DECLINES`` names the laws a pass does not keep, each with its reason: ``same-function``,
    ``deterministic``, ``idempotent``, ``never-larger``.
    """

    DECLINES: ClassVar[Mapping[str, str]] = {}

    def apply_remarked(self, ctx: Context, op: ModuleOp) -> list[str]:
        """Apply the pass; what it has to remark, such as a limit that it reached."""
        self.apply(ctx, op)
        return []


@dataclass(frozen=True)
class NetlistPass(LogicPass, ABC):
    """A pass that rewrites every netlist of the module on its own."""

    @abstractmethod
    def rewrite(self, net: Netlist) -> Netlist:
        """A netlist with the same inputs and outputs; the argument is not changed."""

    def rewrite_remarked(self, net: Netlist) -> tuple[Netlist, list[str]]:
        """The same, with remarks."""
        return self.rewrite(net), []

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        self.apply_remarked(ctx, op)

    def apply_remarked(self, ctx: Context, op: ModuleOp) -> list[str]:
        return replace_netlists(op, lambda inner: self.rewrite_remarked(inner.net.data))


@dataclass(frozen=True)
class InformedPass(LogicPass, ABC):
    """A pass that rewrites netlists, told what is known about the bits they read.

    Its result need agree with what it was given only on vectors that can occur.
    """

    @abstractmethod
    def rewrite(self, net: Netlist, facts: Facts) -> Netlist:
        """A netlist with the same inputs and outputs; the argument is not changed."""

    def rewrite_remarked(self, net: Netlist, facts: Facts) -> tuple[Netlist, list[str]]:
        """The same, with remarks."""
        return self.rewrite(net, facts), []

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        self.apply_remarked(ctx, op)

    def apply_remarked(self, ctx: Context, op: ModuleOp) -> list[str]:
        return replace_netlists(
            op, lambda inner: self.rewrite_remarked(inner.net.data, facts_of(inner))
        )


@dataclass(frozen=True)
class SumPass(LogicPass, ABC):
    """A pass that rewrites the last circuit together with the class sums over its outputs.

    Where a model gives only the class, what the offsets of all classes have in common goes too.
    """

    @abstractmethod
    def rewrite(self, net: Netlist, sums: Weights) -> tuple[Netlist, Weights]:
        """A netlist with the same inputs and sums that give the same scores."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for sums in [inner for inner in op.walk() if isinstance(inner, GroupSumOp)]:
            if (found := summed(sums.bits)) is not None:
                self._replace(found, sums)

    def _replace(self, found: Summed, sums: GroupSumOp) -> None:
        old = sums.weighted()
        net, new = self.rewrite(found.net, old)
        offset = new.offset
        if all(isinstance(use.operation, ArgmaxOp) for use in sums.result.uses):
            offset = offset - offset.min()
        whole = found.joined(net)
        if whole == found.circuit.net.data and all(
            np.array_equal(one, other)
            for one, other in (
                (new.group, old.group),
                (new.weight, old.weight),
                (offset, old.offset),
            )
        ):
            return
        made = found.operations(whole)
        total = GroupSumOp(
            made[-1].results[0],
            sums.classes,
            tau=sums.tau.value.data,
            beta=sums.shift,
            group=new.group,
            weight=None if (new.weight == 1).all() else new.weight,
            offset=offset if offset.any() else None,
        )
        Rewriter.replace_op(sums, [*made, total], [total.result])
        found.erase()


@dataclass(frozen=True)
class Version:
    """A model made ready for one machine, and what the backend is to make of it.

    Attributes:
        module: the model after all passes.
        options: of the backend, by name.
    """

    module: ModuleOp
    options: Mapping[str, Any]


DEFAULT_PIPELINE = "O2"


class Backend(ABC):
    """Turns a module into files."""

    name: ClassVar[str]
    SUFFIXES: ClassVar[Mapping[str, str]]
    """File name endings it writes, with what they hold."""

    def versions(self, options: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The options of each version that one output holds."""
        return [options]

    def pipeline(self, options: Mapping[str, Any]) -> str:
        """What runs first on a model that no pipeline has seen, where none is asked for."""
        return DEFAULT_PIPELINE

    def passes(self, options: Mapping[str, Any]) -> str:
        """Pipeline text of the passes that suit its target, to be run after all others."""
        return ""

    @abstractmethod
    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        """Write ``path`` (and files that belong to it); return what was written.

        Nothing is left behind when it fails.
        """

    def write_versions(self, versions: Sequence[Version], path: Path) -> list[Path]:
        """Write a file of one version or several.

        Raises:
            UnsupportedError: files of this kind hold one.
        """
        if len(versions) > 1:
            raise UnsupportedError(
                f"a {path.suffix} file holds code for one machine",
                where=path.name,
                hint="name one, or write a .lgk, which holds several",
            )
        return self.write(versions[0].module, path, versions[0].options)


class Kernel(Steps):
    """A compiled model, callable on batches.

    A batch ``x`` is a NumPy array or torch tensor ``(n, …)``, or `PackedBits`. ``threads`` is how
    many work on it: by default all processors for large batches, one for small (see
    `lgc.parallel`). Results do not depend on it.

    Attributes:
        features: numbers in one sample.
        classes: number of classes; 0 where the model has no class sums.
        gives_class: whether `predict` works: there are class sums, or the bits number the class.
        tau: divisor of the scores.
        beta: what is added to them before.
        info: what it was compiled for and from.
    """

    @property
    @abstractmethod
    def features(self) -> int: ...

    @property
    @abstractmethod
    def classes(self) -> int: ...

    @property
    @abstractmethod
    def gives_class(self) -> bool: ...

    @property
    @abstractmethod
    def tau(self) -> float: ...

    @property
    @abstractmethod
    def beta(self) -> float: ...

    @property
    @abstractmethod
    def info(self) -> dict[str, Any]: ...

    @property
    @abstractmethod
    def module(self) -> ModuleOp:
        """The model it was compiled from, after optimisation."""

    @abstractmethod
    def __call__(self, x: Any, *, threads: int | None = None) -> NDArray[np.float32]:
        """What the model gives in eval mode: (scores + beta) / tau, float32 ``(n, classes)``.

        Without class sums the last layer as 0.0 and 1.0, float32 ``(n, outputs)``.
        """

    @abstractmethod
    def counts(self, x: Any, *, threads: int | None = None) -> NDArray[np.int32]:
        """Scores, whole numbers before beta and tau, int32 ``(n, classes)``."""

    @abstractmethod
    def predict(self, x: Any, *, threads: int | None = None) -> NDArray[np.int64]:
        """The class with the largest score, int64 ``(n,)``; the first maximum wins."""

    @abstractmethod
    def bits(self, x: Any, *, threads: int | None = None) -> NDArray[np.bool_]:
        """The last layer, bool ``(n, outputs)``."""

    def predict_iter(
        self, batches: Iterable[Any], what: What = "predict", *, threads: int | None = None
    ) -> Iterator[NDArray[Any]]:
        """The results of each batch, in order; a batch is asked for when the one before is used up.

        Args:
            what: ``predict``, ``counts``, ``bits``, or ``scores`` for what a call gives.

        Raises:
            UsageError: ``what`` is none of these.
            InputError: a batch does not suit; the message gives its number, from 0.
        """
        return predict_iter(self, batches, what, threads)

    def batch_function(
        self,
        columns: str | Sequence[str] = (),
        *,
        what: What = "predict",
        name: str | None = None,
        keep: Sequence[str] | None = None,
    ) -> BatchFunction:
        """A function for Ray Data's ``map_batches`` and Spark's ``mapInPandas``, ``mapInArrow``.

        Args:
            columns: of the features in order, or the one that holds whole samples; by default as
                for ``lgc run``.
            what: which results, as in `predict_iter`.
            name: of the column of results; by default ``class``, else like ``what``.
            keep: columns to give back beside it; by default all.
        """
        return batch_function(self, columns, what=what, name=name, keep=keep)

    @abstractmethod
    def profile(self, x: Any, repeat: int = 7, *, apart: bool = False) -> dict[str, float]:
        """Seconds spent on a batch by phase: packing, gates, unpacking, total.

        Gates include class sums and argmax. ``bare``, with ``apart``, is the gates of a program
        without them, which writes the last layer to memory instead; the first call compiles it.
        Each is the median of ``repeat`` runs.
        """

    def as_module(self, *, threads: int | None = None) -> KernelModule:
        """The kernel as a ``torch.nn.Module``, which gives what a call gives as a tensor.

        Args:
            threads: as in a call.

        Raises:
            UnsupportedError: torch is not installed, or the kernel is recurrent.
        """
        extra("torch", "torch")
        from .kernel_module import KernelModule

        return KernelModule(self, threads)

    @abstractmethod
    def to_bytes(self) -> bytes:
        """The contents of a kernel file."""

    @abstractmethod
    def save(self, path: str | Path) -> None:
        """Write a kernel file, whole or not at all."""


Progress = Callable[[int, int], None]
"""Called with (pieces done, pieces in all)."""

EngineName = Literal["auto", "table", "straight"]
"""How a kernel runs: ``table`` interprets records, ``straight`` is code made for the model."""


class KernelBackend(Backend):
    """A backend whose artefacts can be called.

    Its options: ``cpu``, names of machines; ``engine``; ``plane_bits``; ``tune``, measure which of
    these are best; ``hurry``, spend no time on what makes a kernel fast; ``progress``; ``tell``,
    called with lines a person may want to read.
    """

    @abstractmethod
    def kernel_of(self, versions: Sequence[Version]) -> Kernel:
        """Compile to something callable: the version for the widest machine that is here.

        Raises:
            InputError: none of them runs here.
        """

    def kernel(self, module: ModuleOp, **options: Any) -> Kernel:
        """Compile a module as it stands."""
        return self.kernel_of([Version(module, one) for one in self.versions(options)])

    @abstractmethod
    def limits(self, kernel: Kernel) -> Limits:
        """Measure what this machine can do at most with planes as wide as those of a kernel."""

    @abstractmethod
    def traffic(self, kernel: Kernel) -> Traffic:
        """What a kernel does for one plane."""

    @abstractmethod
    def load(self, path: Path) -> Kernel:
        """Load a kernel file.

        Raises:
            InputError: it is missing, damaged, or built for another processor.
        """

    @abstractmethod
    def from_bytes(self, data: bytes, where: str) -> Kernel:
        """Load a kernel from the contents of a kernel file.

        Raises:
            InputError: it is damaged, or built for another processor.
        """


class Instrument(Protocol):
    """Something that watches a pipeline run."""

    def before(self, step: LogicPass, module: ModuleOp) -> None: ...

    def after(self, step: LogicPass, module: ModuleOp, seconds: float, changed: bool) -> None: ...
