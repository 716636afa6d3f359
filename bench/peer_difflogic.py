"""Runs difflogic's CPU compiler, ``CompiledLogicNet``, on a trained net: the yardstick for lgc.

difflogic 0.1.0 comes as a source distribution that wants CUDA, but its CPU path (Python writes C,
gcc compiles it) needs only its Python files, so an unpacked folder will do::

    python bench/peer_difflogic.py --fetch SOURCE
    python bench/peer_difflogic.py --difflogic SOURCE --model DIR --cache FILE.so

The first run of gcc takes minutes for 48,000 gates. ``--cache`` keeps the shared object, built
with ``-march=native`` and so good for one kind of machine only, and beside it a ``.json`` with
the net's fingerprint and the seconds the compilation took.

What difflogic 0.1.0 gets wrong is refused here before difflogic sees it. Padding takes its zero
rows from the batch itself, so a batch below half a word stays too short and the C code reads and
writes past its ends. With one logic layer the C code names variables that it never declares. The
row width is not checked, nor that the classes divide the outputs. It also ignores tau, which
changes no prediction. This file needs NumPy and torch, and nothing of lgc.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Wiring = tuple[NDArray[np.int64], NDArray[np.int64]]

RELEASE = "difflogic==0.1.0"
WORDS = (8, 16, 32, 64)
# setup.py asks torch for a CUDA extension, which fails where CUDA is missing; reading the
# metadata needs no more of it than two names.
METADATA_STAND_IN = """\
from setuptools import Extension as CUDAExtension
from setuptools.command.build_ext import build_ext as BuildExtension
"""


class PeerError(Exception):
    """The peer cannot be run on this input; the text says why and what to do now."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\n  hint: {hint}")


@dataclass(frozen=True)
class Compiled:
    """A compiled net: ``handle(x)`` takes bool ``(rows, inputs)``, gives int32 class counts."""

    net: Any
    inputs: int
    classes: int
    bits: int
    wall_seconds: float
    """All of ``CompiledLogicNet.compile``: C text, compiler, loading."""
    cpu_seconds: float
    """What the C compiler alone used, which a loaded machine distorts less."""
    cached: bool
    """The seconds are those of an earlier run."""

    def __call__(self, x: NDArray[np.bool_]) -> torch.Tensor:
        return self.net(x)


def fetch_peer(folder: Path) -> None:
    """Downloads the source distribution with pip and unpacks it into ``folder``."""
    if importlib.util.find_spec("setuptools") is None:
        raise PeerError("pip needs setuptools to read difflogic's metadata", "install setuptools")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch) / "torch"
        (package / "utils").mkdir(parents=True)
        (package / "__init__.py").touch()  # a folder without it yields to an installed torch
        (package / "utils" / "__init__.py").touch()
        (package / "utils" / "cpp_extension.py").write_text(METADATA_STAND_IN)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-binary",
            ":all:",
        ]
        run = subprocess.run(
            [*pip, "--no-build-isolation", "--dest", scratch, RELEASE],
            env={**os.environ, "PYTHONPATH": scratch},
            stdout=sys.stderr,
            check=False,
        )
        archives = sorted(Path(scratch).glob("difflogic-*.tar.gz"))
        if run.returncode or not archives:
            raise PeerError(f"pip could not download {RELEASE}", "its messages stand above")
        with tarfile.open(archives[0]) as archive:
            archive.extractall(folder, filter="data")


def load_peer(source: Path | None = None) -> ModuleType:
    """Imports difflogic, installed or from the unpacked source distribution in ``source``.

    ``difflogic_cuda``, where it is missing, becomes an empty module: the CPU path only imports it.
    """
    if "difflogic" in sys.modules:
        return sys.modules["difflogic"]
    places = [] if source is None else [str(_package_root(source))]
    if source is None and importlib.util.find_spec("difflogic") is None:
        raise PeerError(
            "difflogic is not installed",
            "without CUDA, `python bench/peer_difflogic.py --fetch DIR` downloads its source "
            f"with pip ({RELEASE}); then pass `--difflogic DIR`",
        )
    if importlib.util.find_spec("difflogic_cuda") is None:
        sys.modules["difflogic_cuda"] = ModuleType("difflogic_cuda")
    sys.path[:0] = places
    try:
        return importlib.import_module("difflogic")
    finally:
        for place in places:
            sys.path.remove(place)


def _package_root(source: Path) -> Path:
    for root in (source, *sorted(source.glob("difflogic-*"))):
        if (root / "difflogic" / "compiled_model.py").is_file():
            return root.resolve()
    raise PeerError(
        f"{source} holds no difflogic/compiled_model.py",
        f"`python bench/peer_difflogic.py --fetch {source}` downloads it with pip ({RELEASE})",
    )


def build(
    weights: Sequence[NDArray[np.float32]],
    wiring: Sequence[Wiring],
    inputs: int,
    classes: int,
    tau: float,
) -> torch.nn.Sequential:
    """A difflogic model in evaluation mode.

    Args:
        weights: per layer, ``(out, 16)`` logits.
        wiring: per layer, the two fan-ins of each gate, ``(out,)`` each, of the layer before.
        inputs: bits of a row.
    """
    peer = load_peer()
    if len(weights) != len(wiring):
        raise PeerError(f"{len(weights)} layers have weights, {len(wiring)} have wiring")
    layers: list[torch.nn.Module] = []
    width = inputs
    for number, (logits, pair) in enumerate(zip(weights, wiring, strict=True), start=1):
        out = len(logits)
        if 2 * out < width:
            raise PeerError(
                f"layer {number} has {out} gates for {width} inputs",
                "difflogic refuses layers with fewer gates than half their inputs",
            )
        layer: Any = peer.LogicLayer(width, out, device="cpu", implementation="python")
        layer.weights.data = torch.as_tensor(np.ascontiguousarray(logits))
        first, second = (torch.as_tensor(np.asarray(side, dtype=np.int64)) for side in pair)
        layer.indices = (first, second)
        layers.append(layer)
        width = out
    if width % classes:
        raise PeerError(f"{classes} classes do not divide {width} outputs")
    return torch.nn.Sequential(*layers, peer.GroupSum(classes, tau, device="cpu")).eval()


def compile(
    model: torch.nn.Sequential,
    num_bits: int = 64,
    opt: int = 1,
    compiler: str = "gcc",
    cache: Path | None = None,
) -> Compiled:
    """Compiles a model of `build`, or loads ``cache`` where it was made from the same model."""
    if num_bits not in WORDS:
        raise PeerError(f"words of {num_bits} bits", f"difflogic has {WORDS}")
    if len(model) < 3:
        raise PeerError("difflogic's C code for a net of one logic layer does not compile")
    if shutil.which(compiler) is None:
        raise PeerError(f"no {compiler} on the search path")
    first: Any = model[0]
    last: Any = model[-1]
    shape = (first.in_dim, last.k, num_bits)
    mark = _fingerprint(model, [*shape, opt, compiler])
    record = None if cache is None else cache.with_name(cache.name + ".json")
    peer = load_peer().CompiledLogicNet

    if cache is not None and record is not None and cache.exists() and record.exists():
        known = json.loads(record.read_text())
        if known["fingerprint"] != mark:
            raise PeerError(
                f"{cache} was compiled from another net or with other options",
                "name another file, or delete this one",
            )
        net = peer.load(str(cache.resolve()), num_classes=last.k, num_bits=num_bits)
        return Compiled(net, *shape, known["wall_seconds"], known["cpu_seconds"], True)

    net = peer(model, device="cpu", num_bits=num_bits, cpu_compiler=compiler)
    partial = None if cache is None else cache.with_name(cache.name + ".partial")
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
    used, started = _children_seconds(), time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):  # difflogic prints its progress to stdout
        net.compile(opt_level=opt, save_lib_path=None if partial is None else str(partial))
    wall, cpu = time.perf_counter() - started, _children_seconds() - used
    if cache is not None and partial is not None and record is not None:
        partial.replace(cache)
        facts = {"fingerprint": mark, "wall_seconds": wall, "cpu_seconds": cpu}
        record.write_text(json.dumps(facts, indent=1) + "\n")
    return Compiled(net, *shape, wall, cpu, False)


def _fingerprint(model: torch.nn.Sequential, options: Sequence[object]) -> str:
    digest = hashlib.sha256(repr(options).encode())
    layer: Any
    for layer in list(model)[:-1]:
        digest.update(f"{layer.out_dim};".encode())
        for part in (*layer.indices, layer.weights.argmax(1)):
            digest.update(part.numpy().astype("<i8").tobytes())
    return digest.hexdigest()


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def predict_time(
    handle: Compiled, x: NDArray[np.bool_], runs: int = 21
) -> tuple[float, NDArray[np.int64]]:
    """Images per second, the median of ``runs`` after a warm-up, and the predicted classes.

    A run is the whole call, bool rows to class counts (packing and GroupSum included), and the
    argmax, of which the first maximum wins. A batch must fill a word.
    """
    rows, width = x.shape
    if width != handle.inputs:
        raise PeerError(f"rows of {width} bits, the net reads {handle.inputs}")
    if rows < handle.bits:
        raise PeerError(
            f"a batch of {rows} rows does not fill a word of {handle.bits} bits",
            "below half a word difflogic writes out of bounds; pass more rows",
        )
    classes = handle(x).argmax(1)
    seconds: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        classes = handle(x).argmax(1)
        seconds.append(time.perf_counter() - started)
    return rows / statistics.median(seconds), classes.numpy()


def read_layers(folder: Path) -> tuple[list[NDArray[np.float32]], list[Wiring]]:
    """Weights and wiring of ``state_dict.pt`` and ``indices.pt``, by layer number."""
    state: dict[str, torch.Tensor] = torch.load(folder / "state_dict.pt", weights_only=True)
    pairs: dict[str, Sequence[torch.Tensor]] = torch.load(folder / "indices.pt", weights_only=True)
    prefixes = sorted((key.removesuffix(".weights") for key in state), key=int)
    weights = [state[f"{prefix}.weights"].float().numpy() for prefix in prefixes]
    sides = [pairs[f"{prefix}.indices"] for prefix in prefixes]
    return weights, [(first.numpy(), second.numpy()) for first, second in sides]


def read_test_rows(folder: Path, rows: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Test bits and golden classes, repeated in order until there are ``rows``."""
    with np.load(folder / "testset.npz") as file:
        bits = np.unpackbits(file["X"], axis=1, count=int(file["n_bits"])).astype(np.bool_)
    with np.load(folder / "golden.npz") as file:
        golden = file["pred"].astype(np.int64)
    order = np.arange(rows) % len(bits)
    return bits[order], golden[order]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="folder of state_dict.pt, indices.pt and data")
    parser.add_argument("--difflogic", type=Path, help="unpacked source distribution")
    parser.add_argument("--fetch", type=Path, metavar="DIR", help="download and unpack it there")
    parser.add_argument("--cache", type=Path, help="keep the compiled .so in this file")
    parser.add_argument("--opt", type=int, default=1, choices=range(4), help="the compiler's -O")
    parser.add_argument("--bits", type=int, default=64, choices=WORDS, help="bits of a word")
    parser.add_argument("--compiler", default="gcc", choices=("gcc", "clang"))
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--tau", type=float, default=1.0, help="difflogic's C code ignores it")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of a call")
    parser.add_argument("--runs", type=int, default=21, help="calls the median is taken of")
    options = parser.parse_args()
    if options.model is None and options.fetch is None:
        parser.error("--model or --fetch is required")
    return options


def main() -> None:
    options = _arguments()
    if options.fetch is not None:
        fetch_peer(options.fetch)
    if options.model is None:
        return
    torch.set_num_threads(1)
    load_peer(options.difflogic or options.fetch)
    weights, wiring = read_layers(options.model)
    x, golden = read_test_rows(options.model, options.rows)
    model = build(weights, wiring, x.shape[1], options.classes, options.tau)
    handle = compile(model, options.bits, options.opt, options.compiler, options.cache)
    speed, classes = predict_time(handle, x, options.runs)
    same = int((classes == golden).sum())
    gates = sum(len(logits) for logits in weights)
    print(f"net        {options.model.name}, {gates:,} gates, {handle.inputs} bits a row")
    print(f"compiler   {options.compiler} -O{options.opt}, words of {options.bits} bits")
    origin = ", measured when the cache was made" if handle.cached else ""
    print(f"compile    {handle.wall_seconds:.1f} s, {handle.cpu_seconds:.1f} s CPU{origin}")
    print(f"speed      {speed:,.0f} images/s, median of {options.runs} calls of {options.rows}")
    print(f"agreement  {same:,} of {options.rows:,} rows have the golden class")


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        sys.exit(f"error: {error}")
