"""difflogic's CPU compiler, ``CompiledLogicNet``: Python writes C, gcc compiles it.

difflogic 0.1.0 comes as a source distribution that wants CUDA, but its CPU path needs only its
Python files, so an unpacked folder will do (see `fetch`). gcc takes minutes for 48,000 gates; a
cache keeps the shared object, built with ``-march=native`` and so good for one kind of machine
only, and beside it a ``.json`` with the net's fingerprint and the seconds that compiling took.

What difflogic 0.1.0 gets wrong is refused here before difflogic sees it. Padding takes its zero
rows from the batch itself, so a batch below half a word stays too short and the C code reads and
writes past its ends. With one logic layer the C code names variables that it never declares. It
also ignores tau, which changes no prediction.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import io
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from ..chain import Chain, read_chain
from ..errors import InputError, UnsupportedError, UsageError
from ..netlist import Netlist
from . import Options, Peer, circuits, one_thread

WORDS = (8, 16, 32, 64)
WHERE = "peer difflogic"
EACH = (1e-4, 3e-3, 4e-3, 5e-3)
"""Seconds that gcc takes for each of 48,000 gates, by level; fewer gates take less each."""


def make(module: ModuleOp, options: Options) -> Peer:
    """Compile a model as it was trained, or load what an earlier run compiled.

    Raises:
        UnsupportedError: difflogic, torch or a C compiler is missing, or difflogic cannot compile
            this model.
        UsageError: an option is out of range.
    """
    if options.word not in WORDS:
        raise UsageError(f"difflogic has words of 8, 16, 32 and 64 bits, not {options.word}")
    if shutil.which(options.compiler) is None:
        raise UnsupportedError(f"no {options.compiler} on the search path", where=WHERE)
    package = load(options.source)
    chain = read_chain(module)
    nets = layers(chain)
    assert chain.group_sum is not None
    model = build(package, nets, chain.group_sum.classes)
    net, seconds, cached = _compiled(package, model, options)

    def predict(x: NDArray[np.bool_]) -> NDArray[np.int64]:
        with one_thread():
            return net(x).argmax(1).numpy()

    title = f"difflogic 0.1.0, {options.compiler} -O{options.level}, {options.word} bits"
    return Peer(title, predict, options.word, seconds, cached)


def load(source: Path | None = None) -> ModuleType:
    """difflogic, installed or from the unpacked source distribution in ``source``.

    ``difflogic_cuda``, where it is missing, becomes an empty module: the CPU path only imports it.

    Raises:
        UnsupportedError: it is not installed and no source is given, or torch is missing.
        InputError: the folder does not hold it.
    """
    if importlib.util.find_spec("torch") is None:
        raise UnsupportedError(
            "torch, which difflogic needs, is not installed",
            where=WHERE,
            hint="pip install 'lgc[torch]'",
        )
    known = sys.modules.get("difflogic")
    if known is not None:
        return known
    places = [] if source is None else [str(_root(source))]
    if source is None and importlib.util.find_spec("difflogic") is None:
        raise UnsupportedError(
            "difflogic is not installed",
            where=WHERE,
            hint="--difflogic FOLDER --fetch downloads its source, which needs no CUDA, there",
        )
    if importlib.util.find_spec("difflogic_cuda") is None:
        sys.modules["difflogic_cuda"] = ModuleType("difflogic_cuda")
    sys.path[:0] = places
    try:
        return importlib.import_module("difflogic")
    finally:
        for place in places:
            sys.path.remove(place)


def _root(source: Path) -> Path:
    for root in (source, *sorted(source.glob("difflogic-*"))):
        if (root / "difflogic" / "compiled_model.py").is_file():
            return root.resolve()
    raise InputError(
        "the folder holds no difflogic/compiled_model.py",
        where=str(source),
        hint="--fetch downloads difflogic's source there",
    )


def layers(chain: Chain) -> list[Netlist]:
    """The layers of a model that difflogic could have trained.

    Raises:
        UnsupportedError: it is no stack of layers of two-input gates with plain class sums.
    """
    nets = circuits(chain)
    sums = chain.group_sum
    assert sums is not None
    plain = [
        net.k == 2
        and np.array_equal(net.outputs, np.arange(net.inputs, net.nets))
        and net.fanin.max(initial=0) < net.inputs
        for net in nets
    ]
    even = chain.outputs % sums.classes == 0 and np.array_equal(
        sums.groups(), np.repeat(np.arange(sums.classes), chain.outputs // sums.classes)
    )
    if not all(plain) or not even or (sums.weights() != 1).any() or sums.offsets().any():
        raise UnsupportedError(
            "difflogic runs a model only as it was trained: layers of two-input gates, plain sums",
            where=WHERE,
            hint="give the checkpoint, not a kernel or an optimised model",
        )
    if len(nets) < 2:
        raise UnsupportedError(
            "difflogic's C code for a net of one logic layer does not compile", where=WHERE
        )
    for number, net in enumerate(nets, 1):
        if 2 * net.gates < net.inputs:
            raise UnsupportedError(
                f"layer {number} has {net.gates} gates for {net.inputs} inputs",
                where=WHERE,
                hint="difflogic refuses layers with fewer gates than half their inputs",
            )
    return nets


def build(package: ModuleType, nets: Sequence[Netlist], classes: int) -> Any:
    """A difflogic model, ``Sequential``, in evaluation mode; logits are 1 for the gate there is."""
    import torch

    parts: list[Any] = []
    for net in nets:
        layer = package.LogicLayer(net.inputs, net.gates, device="cpu", implementation="python")
        layer.weights.data = torch.eye(16)[torch.as_tensor(net.table.astype(np.int64))]
        layer.indices = tuple(torch.as_tensor(net.fanin[:, i].astype(np.int64)) for i in (0, 1))
        parts.append(layer)
    return torch.nn.Sequential(*parts, package.GroupSum(classes, 1.0, device="cpu")).eval()


def _compiled(package: ModuleType, model: Any, options: Options) -> tuple[Any, float, bool]:
    """``CompiledLogicNet``, the seconds it took, and whether those are of an earlier run."""
    compiler = package.CompiledLogicNet
    gates = sum(layer.out_dim for layer in list(model)[:-1])
    facts = [model[0].in_dim, model[-1].k, options.word, options.level, options.compiler]
    mark = _fingerprint(model, facts)
    kept = None if options.cache is None else options.cache / f"difflogic-{mark[:32]}.so"
    record = None if kept is None else kept.with_suffix(".so.json")
    if kept is not None and record is not None and kept.exists() and record.exists():
        known = json.loads(record.read_text())
        if known["fingerprint"] == mark:
            net = compiler.load(str(kept.resolve()), num_classes=model[-1].k, num_bits=options.word)
            return net, known["wall_seconds"], True
    if options.say is not None:
        options.say(
            f"difflogic: {options.compiler} -O{options.level} compiles {gates:,} gates, "
            f"up to {max(gates * EACH[options.level], 1):.0f} s"
        )
    net = compiler(model, device="cpu", num_bits=options.word, cpu_compiler=options.compiler)
    partial = None if kept is None else kept.with_suffix(".partial")
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its own seconds
        net.compile(
            opt_level=options.level, save_lib_path=None if partial is None else str(partial)
        )
    wall = time.perf_counter() - start
    if kept is not None and partial is not None and record is not None:
        partial.replace(kept)
        record.write_text(json.dumps({"fingerprint": mark, "wall_seconds": wall}, indent=1) + "\n")
    return net, wall, False


def _fingerprint(model: Any, options: Sequence[object]) -> str:
    digest = hashlib.sha256(repr(options).encode())
    for layer in list(model)[:-1]:
        digest.update(f"{layer.out_dim};".encode())
        for part in (*layer.indices, layer.weights.argmax(1)):
            digest.update(part.numpy().astype("<i8").tobytes())
    return digest.hexdigest()
