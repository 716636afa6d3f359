"""The public functions: load, optimise, compile, check; paths, models and live objects alike."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from xdsl.dialects.builtin import ModuleOp

from . import registry
from .chain import provenance, read_chain
from .equivalence import Mode
from .errors import InputError, UsageError
from .finding import frontend_of
from .interfaces import (
    DEFAULT_PIPELINE,
    Backend,
    EngineName,
    Instrument,
    Kernel,
    KernelBackend,
    Progress,
    Version,
)
from .lazy import LazyKernel
from .model import Model
from .pipeline import UNFINISHED, parse_pipeline, record
from .reading import Frontend, LoadOptions

PathLike = str | os.PathLike[str]
KERNEL_SUFFIX = ".lgk"


def load(
    path: PathLike,
    *,
    wiring: PathLike | None = None,
    classes: int | None = None,
    tau: float | None = None,
    inputs: int | None = None,
    input: str | None = None,
    head: str | None = None,
    parametrisation: str | None = None,
    description: PathLike | None = None,
    sample_shape: str | Sequence[int] | None = None,
    quantise: str | None = None,
    state: int | None = None,
    initial: str | None = None,
    frontend: str | None = None,
) -> Model:
    """Read a trained model from a file.

    Args:
        path: a torch, npz or safetensors checkpoint, a model of XGBoost or LightGBM, IR text, or a
            circuit file of another tool (``.aig``, ``.blif``, ``.bench``, ``.csv``, ``.v``, Yosys's
            ``.json``, ``.pla``, ``.truth``); told apart by content.
        wiring: file with the connections, where the checkpoint lacks them, or how to compute them:
            ``replay:seed=0,prelude=60000,mode=unique,device=cuda``.
        classes: number of classes, GroupSum's k.
        tau: GroupSum's divisor.
        inputs: numbers in one sample.
        input: binarisation: ``bool`` (the default, x > 0), ``round``, ``>0.5``,
            ``thermometer:1,2,3``, ``thermometer-by-feature:1,2,3`` or ``one-hot:3,3,2`` (sizes of
            groups of which exactly one number is set); for circuits also ``bits:8``, the bits of
            numbers, the least significant first, or ``bits:8,msb``.
        head: what the outputs of a circuit mean: ``sums`` of so many groups as there are classes,
            ``one-hot``, ``index`` (a binary number, or ``index,msb``) or ``bits``.
        parametrisation: what the weights of a gate are: ``sigmoid``, ``linear`` or ``sin`` for
            difflogic's four, ``warp`` or ``light`` for torchlogix's, ``signs`` or
            ``bits`` for binary neurons.
        description: JSON file with any of these; by default the one of the same stem.
        sample_shape: shape of one sample, ``(3, 32, 32)`` or ``3,32,32``, for convolutions.
        quantise: how finely real weights become integers: bits (``8``) or the largest error of a
            score (``error=0.01``), then ``,data=FILE`` to hear how many predictions that changes.
        state: of a recurrent model: so many of the last bits it reads are fed by as many of the
            last bits it gives.
        initial: what a state starts with: ``0`` or ``1`` for all bits, or one for each; by default
            what the file says, or 0 with ``state``.
        frontend: name of the frontend, to skip the search.

    Raises:
        LgcError: the file is broken or lacks something; the message names the option.
    """
    file = Path(path)
    options = LoadOptions(
        wiring=wiring,
        classes=classes,
        tau=tau,
        inputs=inputs,
        input=input,
        head=head,
        parametrisation=parametrisation,
        description=description,
        sample_shape=sample_shape,
        quantise=quantise,
        state=state,
        initial=initial,
    )
    return Model(_read(frontend_of(file, frontend), file, options))


def _read(frontend: Frontend, file: Path, options: LoadOptions) -> ModuleOp:
    """What the frontend reads; an option of recurrent models that it does not know is refused."""
    module = frontend.read(file, options)
    for name in ("state", "initial"):
        if getattr(options, name) is not None and not read_chain(module, recurrent=True).state:
            raise UsageError(
                f"{frontend.name} files become no recurrent models",
                where=f"--{name}",
                hint="docs/recurrent.md says which do",
            )
    return module


def from_torch(
    model: object,
    *,
    inputs: int | None = None,
    input: str | None = None,
    parametrisation: str | None = None,
    sample_shape: Sequence[int] | None = None,
    description: PathLike | None = None,
    quantise: str | None = None,
) -> Model:
    """Read a live torch module, such as ``Sequential(Flatten, LogicLayer, …, GroupSum)``.

    Args:
        inputs: numbers in one sample, where the module does not know.
        input, parametrisation, description, quantise: see `load`.
        sample_shape: shape of one sample, where the module does not know.

    Raises:
        UnsupportedError: it holds a module lgc does not know.
        InputError: no frontend knows it.
    """
    options = LoadOptions(
        inputs=inputs,
        input=input,
        parametrisation=parametrisation,
        description=description,
        sample_shape=sample_shape,
        quantise=quantise,
    )
    return from_object(model, options)


def from_sklearn(estimator: object, *, quantise: str | None = None) -> Model:
    """Read a fitted scikit-learn, XGBoost or LightGBM classifier of decision trees.

    Args:
        quantise: see `load`.

    Raises:
        UnsupportedError: it is a regressor, or has parts that have no gates.
        InputError: no frontend knows it.
    """
    return from_object(estimator, LoadOptions(quantise=quantise))


def from_object(model: object, options: LoadOptions) -> Model:
    """Read a live object of any kind that a frontend knows."""
    for entry in registry.entries("frontends").values():
        frontend: Frontend = entry.load()()
        if frontend.recognises_object(model):
            return Model(frontend.read_object(model, options))
    raise InputError(
        f"no frontend knows a {type(model).__name__}",
        hint="lgc.from_torch takes Sequential(Flatten, LogicLayer, …, GroupSum)",
    )


def optimize(
    model: Model | PathLike | object,
    pipeline: str = DEFAULT_PIPELINE,
    *,
    check: Mode = "fast",
    seed: int = 0,
    instruments: Sequence[Instrument] = (),
) -> Model:
    """Run a pipeline on a copy of a model.

    Args:
        pipeline: a named pipeline (``O0`` to ``O3``, ``Os``, ``Ocpu``, ``Ofpga``) or pass text.
        check: how every pass is checked: ``off``, ``fast``, ``exhaustive`` or ``proof``.
        seed: of the random vectors.
        instruments: watch the run (see `lgc.instruments`).
    """
    source = as_model(model)
    parsed = parse_pipeline(pipeline)
    module = source.module.clone()
    stats = parsed.run(module, check=check, seed=seed, instruments=instruments)
    record(module, parsed, stats)
    return Model(module, source.stats + tuple(stats))


def compile(
    model: Model | PathLike | object,
    *,
    pipeline: str | None = None,
    check: Mode = "fast",
    cpu: str | None = None,
    engine: EngineName = "auto",
    plane_bits: int | None = None,
    tune: bool = False,
    lazy: bool = False,
    progress: Progress | None = None,
) -> Kernel:
    """Compile a model to a native kernel.

    Args:
        model: a model, a path (see `load`), or a live torch module.
        pipeline: passes to run first, and no others; by default ``O2`` for a model that no
            pipeline has seen, then those that suit the machine.
        cpu: ``native`` or the name of a machine, such as ``x86-64-v3``; several with commas between
            them make a kernel that carries a version for each.
        engine: ``straight`` is code made for the model, ``table`` interprets its gates: ready
            sooner, takes 1.5 to 4 times as long; ``auto`` is straight unless that takes a minute.
        plane_bits: samples computed at once: 64, 128, 256 or 512, by default what suits the machine
            and the engine.
        tune: measure on random rows which engine and width are fastest here, and remember it;
            ``kernel.info["tuned"]`` says what was measured.
        lazy: return a `LazyKernel` at once, which interprets the model as it is until the kernel
            asked for has been made on a thread.
        progress: called with (pieces generated, pieces in all).
    """
    backend = _llvm()
    if lazy:
        model = as_model(model)
        parse_pipeline(pipeline or DEFAULT_PIPELINE)  # what is wrong with these is told now
        backend.versions({"cpu": cpu, "engine": engine, "plane_bits": plane_bits})
        first = backend.kernel(model.module, cpu=cpu, engine="table", hurry=True)
        return LazyKernel(
            first,
            lambda: compile(
                model, pipeline=pipeline, check=check, cpu=cpu, engine=engine,
                plane_bits=plane_bits, tune=tune, progress=progress,
            ),
        )  # fmt: skip
    options = {
        "cpu": cpu, "engine": engine, "plane_bits": plane_bits, "tune": tune, "progress": progress,
    }  # fmt: skip
    return backend.kernel_of(ready(as_model(model), backend, options, pipeline, check))


def ready(
    model: Model,
    backend: Backend,
    options: Mapping[str, Any],
    pipeline: str | None,
    check: Mode = "fast",
    instruments: Sequence[Instrument] = (),
) -> list[Version]:
    """The model as a backend should get it, once for each version that its output holds."""
    wanted = backend.versions(options)
    targets = [backend.passes(one) for one in wanted]
    if pipeline not in (None, *UNFINISHED):
        targets = [""] * len(wanted)  # that pipeline is all that runs
    if pipeline is None and "pipeline" not in provenance(model.module):
        pipeline = backend.pipeline(wanted[0])
    if len(set(targets)) > 1:  # what they have in common runs once
        model, pipeline = optimized(model, pipeline, check, instruments), None
    made = {
        target: optimized(model, pipeline, check, instruments, target)
        for target in dict.fromkeys(targets)
    }
    return [Version(made[target].module, one) for target, one in zip(targets, wanted)]


def optimized(
    model: Model,
    pipeline: str | None,
    check: Mode = "fast",
    instruments: Sequence[Instrument] = (),
    target: str = "",
) -> Model:
    """The model as a backend should get it.

    A ``pipeline`` that is given is all that runs, unless it is in `UNFINISHED`. By default it is
    ``O2``, unless a pipeline has run on the model already. After those come the passes that suit
    the target, unless they have run.
    """
    seen = provenance(model.module).get("pipeline", "")
    wanted = [DEFAULT_PIPELINE] if pipeline is None and not seen else []
    if pipeline is not None:
        wanted = [pipeline]
    if pipeline in (None, *UNFINISHED) and target and not seen.endswith(_spelt(target)):
        wanted.append(target)
    if not wanted:
        return model
    return optimize(model, ",".join(wanted), check=check, instruments=instruments)


def _spelt(pipeline: str) -> str:
    return str(parse_pipeline(pipeline))


def load_kernel(path: PathLike) -> Kernel:
    """Load a kernel file.

    Raises:
        InputError: it is missing, damaged, or built for another processor.
    """
    return _llvm().load(Path(path))


def _llvm() -> KernelBackend:
    return registry.find("backends", "llvm")()


def as_model(source: Model | PathLike | object) -> Model:
    """A model from whatever names or is one."""
    if isinstance(source, Model):
        return source
    if _is_path(source):
        return load(source)
    return from_object(source, LoadOptions())


def _is_path(source: object) -> TypeGuard[PathLike]:
    return isinstance(source, str | os.PathLike)


def opened(source: Model | Kernel | PathLike | object) -> Model | Kernel:
    """A kernel as it is, a model from whatever else names or is one."""
    if _is_path(source) and Path(source).suffix == KERNEL_SUFFIX:
        return load_kernel(source)
    return source if isinstance(source, Kernel) else as_model(source)
