"""Kernel: a compiled model, callable on batches from Python, any number of threads at once."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc import cache
from lgc.chain import Chain, provenance, read_chain
from lgc.errors import InputError, UnsupportedError
from lgc.files import atomic_write
from lgc.forks import whole
from lgc.inputs import PackedBits, rows
from lgc.interfaces import Kernel, Progress
from lgc.parallel import spread
from lgc.streams import What
from lgc.text import parse_module, print_module

from .artefact import Artefact, by_demands, join, read_artefact, read_versions, widest
from .codegen import (
    PREFIX,
    Engine,
    choose_engine,
    generator,
    objects,
    program_texts,
    runtime_object,
)
from .encodings import encoded_as, encoding_of, readable
from .linking import Linked
from .lowering import Kind, main_kind
from .machine import Machine
from .packing_plan import reads_bytes
from .runtime import GATES, PACK, UNPACK
from .stepping import bits_of, run_steps

ALL = PACK | GATES | UNPACK
_SOURCE_OF_DTYPE = {"bool": "u8", "uint8": "u8", "float32": "f32"}
_AT_ONCE = 1 << 24
"""Bits of rows of other dtypes that NumPy makes at once."""


class NativeKernel(Kernel):
    """A model as machine code.

    bool, uint8 and float32 batches and packed bits are read in place, at any distance of rows;
    other dtypes are binarised by NumPy first. Calls release the GIL and may overlap.
    """

    def __init__(self, artefact: Artefact, others: Sequence[Artefact] = ()) -> None:
        """Of the version that runs, and others that travel with it."""
        facts = artefact.facts
        self._artefact, self._others = artefact, others
        self._programs: dict[Kind, Linked] = {}
        self._module: ModuleOp | None = None
        self._info: dict[str, Any] = {key: facts[key] for key in _SHOWN if key in facts}
        self._info["machine"] = artefact.machine
        self._info["versions"] = [one.machine for one in by_demands([artefact, *others])]
        main = main_kind(facts["classes"])
        self._info |= {name: facts.get(f"{main}.{fact}", 0) for name, fact in _COUNTED.items()}
        parts = [blob for name, blob in artefact.blobs.items() if name.startswith(f"{main}.")]
        self._info["program_bytes"] = sum(map(len, parts))  # code, or records
        self._outputs: int = facts["outputs"]
        self._encoding = encoding_of(artefact.blobs)
        self._program(main_kind(self.classes))

    @property
    def features(self) -> int:
        return self._artefact.facts["features"]

    @property
    def classes(self) -> int:
        return self._artefact.facts["classes"]

    @property
    def gives_class(self) -> bool:
        return self.classes > 0 or bool(self._artefact.facts.get("index", False))

    @property
    def tau(self) -> float:
        return self._artefact.facts["tau"]

    @property
    def beta(self) -> float:
        return self._artefact.facts.get("beta", 0.0)

    @property
    def info(self) -> dict[str, Any]:
        return self._info

    @property
    def initial(self) -> NDArray[np.bool_]:
        return np.frombuffer(self._artefact.blobs.get("initial", b""), np.bool_)

    @property
    def own_bits(self) -> int:
        return len(self._encoding.feature)

    @property
    def machine(self) -> Machine:
        """What it was compiled for."""
        return Machine(**self._artefact.facts["machine"])

    @property
    def module(self) -> ModuleOp:
        if self._module is None:
            try:
                text = zlib.decompress(self._artefact.blobs["module"]).decode()
            except (zlib.error, UnicodeDecodeError):
                raise InputError("the model inside is damaged", where="<kernel>") from None
            self._module = parse_module(text, "<kernel>")
        return self._module

    def __repr__(self) -> str:
        return (
            f"<Kernel {self.features} features, {self.classes} classes, "
            f"{self.info['gates']} gates, {self.info['plane_bits']}-bit planes{self._which()}>"
        )

    def _which(self) -> str:
        versions: list[str] = self.info["versions"]
        others = [name for name in versions if name != self.info["machine"]]
        return f", {self.info['machine']} (also {', '.join(others)})" if others else ""

    def __call__(self, x: Any, *, threads: int | None = None) -> NDArray[np.float32]:
        if not self.classes:
            return self.bits(x, threads=threads).astype(np.float32)
        scores = self.counts(x, threads=threads).astype(np.float32)
        return (scores + np.float32(self.beta)) / np.float32(self.tau)

    def counts(self, x: Any, *, threads: int | None = None) -> NDArray[np.int32]:
        self.need_no_state()
        self._need_sums()
        return self._run("scores", "counts", x, (self.classes,), np.int32, threads)

    def predict(self, x: Any, *, threads: int | None = None) -> NDArray[np.int64]:
        self.need_no_state()
        if self.gives_class and not self.classes:  # at most 32 bits, the lowest first: a word
            words = self._run("bits", "outputs", x, (1,), np.uint64, threads)
            return (words[:, 0] & np.uint64((1 << self._outputs) - 1)).astype(np.int64)
        self._need_sums()
        return self._run("scores", "classes", x, (), np.int64, threads)

    def bits(self, x: Any, *, threads: int | None = None) -> NDArray[np.bool_]:
        """The last layer, bool ``(n, outputs)``. The first call compiles it, if there are sums."""
        wide = -(-self._outputs // 64)
        words = self._run("bits", "outputs", x, (wide,), np.uint64, threads)
        return bits_of(words, self._outputs)

    def run_steps(
        self,
        x: NDArray[Any],
        packed: bool,
        state: NDArray[np.uint8],
        what: What,
        threads: int | None,
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        if what != "bits":
            self._need_sums('kernel.step(x, state, what="bits")')
        source = "bits" if packed else _SOURCE_OF_DTYPE.get(x.dtype.name, "")
        source = source if packed or self._encoding.place is None else ""
        if not source or not x.dtype.isnative:
            bits = self._encoding.rows(x.reshape(-1, x.shape[2]))
            x, source = np.packbits(bits.reshape(*x.shape[:2], self.own_bits), axis=2), "bits"
        program = self._program("bits" if what == "bits" else "scores")
        sizes, grain = (self.classes, self._outputs, len(self.initial)), self.info["plane_bits"]
        values, after = run_steps(program, source, x, state, what, sizes, grain, threads)
        if what == "scores":
            values = (values.astype(np.float32) + np.float32(self.beta)) / np.float32(self.tau)
        return values, after

    def profile(self, x: Any, repeat: int = 7, *, apart: bool = False) -> dict[str, float]:
        kind = main_kind(self.classes)
        result = "classes" if self.classes else "outputs"
        self.need_no_state()
        batch, source = self._batch(x)
        out = np.empty((len(batch), -(-self._outputs // 64) + 1), np.uint64)
        runs = {
            "packing": (self._program(kind), result, PACK),
            "gates": (self._program(kind), result, GATES),
            "unpacking": (self._program(kind), result, UNPACK),
            "total": (self._program(kind), result, ALL),
        }
        if apart:
            runs["bare"] = (self._program("bits"), "outputs", GATES)

        def seconds(program: Linked, result: str, phases: int) -> float:
            times: list[float] = []
            for _ in range(repeat):
                start = time.perf_counter()
                program.run(source, result, batch, out, phases)
                times.append(time.perf_counter() - start)
            return float(np.median(times))

        return {name: seconds(*run) for name, run in runs.items()}

    def to_bytes(self) -> bytes:
        return join([self._artefact, *self._others])

    def save(self, path: str | Path) -> None:
        with atomic_write(Path(path)) as temporary:
            temporary.write_bytes(self.to_bytes())

    def __reduce__(self) -> tuple[Callable[[bytes], NativeKernel], tuple[bytes]]:
        return kernel_from_bytes, (self.to_bytes(),)

    def _need_sums(self, instead: str = "kernel.bits(x)") -> None:
        if not self.classes:
            raise UnsupportedError("the model has no class sums, it gives bits only", hint=instead)

    def _run(
        self,
        kind: Kind,
        result: str,
        x: Any,
        shape: tuple[int, ...],
        dtype: type[np.generic],
        threads: int | None,
    ) -> NDArray[Any]:
        self.need_no_state()
        batch, source = self._batch(x)
        out = np.empty((len(batch), *shape), dtype)
        program = self._program(kind)

        def work(start: int, stop: int) -> None:
            program.run(source, result, batch[start:stop], out[start:stop], ALL)

        spread(work, len(batch), self.info["plane_bits"], threads)
        return out

    def _batch(self, x: Any) -> tuple[NDArray[Any], str]:
        """Rows that compiled code can read, and which kind of source they are."""
        bits = len(self._encoding.feature)
        if isinstance(x, PackedBits):
            if x.width != bits:
                raise InputError(f"packed rows hold {x.width} bits, the model reads {bits}")
            return readable(x.data), "bits"
        batch = rows(x, self.features)
        if self._encoding.place is None:
            source = _SOURCE_OF_DTYPE.get(batch.dtype.name)
            if source is not None and batch.dtype.isnative:
                return readable(batch), source
        elif self._bytes and batch.dtype.itemsize == 1:
            return readable(batch.view(np.uint8)), "bytes"
        packed = np.empty((len(batch), -(-bits // 8)), np.uint8)
        step = max(_AT_ONCE // bits, 1)
        for start in range(0, len(batch), step):
            part = slice(start, start + step)
            packed[part] = np.packbits(self._encoding.rows(batch[part]), axis=1)
        return packed, "bits"

    @property
    def _bytes(self) -> bool:
        """Whether it reads the bits of bytes."""
        place = self._encoding.place
        return place is not None and reads_bytes(place)

    def _program(self, kind: Kind) -> Linked:
        if kind in self._programs:
            return self._programs[kind]
        with whole:
            if kind not in self._programs:
                blobs = self._artefact.blobs
                if f"{kind}.0" not in blobs:
                    facts = self._artefact.facts
                    target = Machine(**facts["machine"])  # not this machine: that of the runtime
                    chain = read_chain(self.module, recurrent=True)
                    made = program_blobs(chain, kind, target, facts["engine"])
                    blobs = {**blobs, **made.blobs}
                    self._artefact = Artefact({**facts, **made.facts}, blobs)
                count = sum(name.startswith(f"{kind}.") for name in blobs)
                parts = [blobs[f"{kind}.{i}"] for i in range(count)]
                scratch = self._artefact.facts[f"{kind}.scratch_bytes"]
                parts.append(blobs["runtime"])
                kept = len(self.initial) > 0
                self._programs[kind] = Linked(kind, parts, scratch, self._bytes, kept)
            return self._programs[kind]


_SHOWN = (
    "lgc", "triple", "cpu", "plane_bits", "engine", "gates", "slots", "scratch_bytes", "provenance",
    "tuned",
)  # fmt: skip

_COUNTED = {"program_gates": "gates", "loads": "loads", "stores": "stores"}
"""Facts of the program, for a plane."""


def kernel_from_bytes(data: bytes, where: str = "<bytes>") -> NativeKernel:
    """Load a kernel from the contents of a kernel file."""
    return kernel_of_versions(read_versions(data, where), where)


def kernel_of_versions(versions: Sequence[Artefact], where: str) -> NativeKernel:
    """The kernel of the widest version that runs here."""
    chosen = widest(versions, where)
    return NativeKernel(chosen, [one for one in versions if one is not chosen])


def program_blobs(
    chain: Chain,
    kind: Kind,
    target: Machine,
    engine: Engine,
    hurry: bool = False,
    progress: Progress | None = None,
) -> Artefact:
    """Compile one program to blobs ``{kind}.0 …`` and its facts."""
    texts = program_texts(chain, kind, target, prefix=PREFIX, engine=engine, hurry=hurry)
    made = objects(texts, target, hurry, progress)
    blobs = {f"{kind}.{i}": part for i, part in enumerate(made)}
    facts = {f"{kind}.{name}": value for name, value in texts.facts.items()}
    return Artefact(facts, blobs)


def build_artefact(
    module: ModuleOp,
    target: Machine,
    engine: Engine | Literal["auto"] = "auto",
    hurry: bool = False,
    progress: Progress | None = None,
) -> Artefact:
    """Compile a model for a machine, or take what an earlier process compiled."""
    text = print_module(module)
    chain = read_chain(module, recurrent=True)
    chosen = choose_engine(chain, target) if engine == "auto" else engine
    entry = cache.key(text, repr(target), chosen, str(hurry), generator())
    kept = _kept(entry, target)
    if kept is not None:
        if progress is not None:
            progress(1, 1)
        return kept
    made = _build(text, chain, provenance(module), target, chosen, hurry, progress)
    cache.keep(entry, made.to_bytes())
    return made


def _kept(entry: str, target: Machine) -> Artefact | None:
    """What an earlier process compiled, where it is whole and this machine can run it."""
    data = cache.fetch(entry)
    if data is None:
        return None
    try:
        made = read_artefact(data, f"cache entry {entry}")
    except InputError:
        return None
    return made if made.facts["machine"] == asdict(target) else None


def _build(
    text: str,
    chain: Chain,
    told: Mapping[str, Any],
    target: Machine,
    engine: Engine,
    hurry: bool,
    progress: Progress | None,
) -> Artefact:
    from lgc import __version__

    kind: Kind = "scores" if chain.group_sum is not None else "bits"
    made = program_blobs(chain, kind, target, engine, hurry, progress)
    facts: Mapping[str, Any] = {
        "lgc": __version__,
        "machine": asdict(target),
        "triple": target.triple,
        "cpu": target.cpu,
        "requires": sorted(target.required()),
        "plane_bits": target.plane_bits,
        "engine": engine,
        "features": chain.features,
        "classes": chain.group_sum.classes if chain.group_sum is not None else 0,
        "tau": chain.group_sum.tau.value.data if chain.group_sum is not None else 1.0,
        "beta": chain.group_sum.shift if chain.group_sum is not None else 0.0,
        "outputs": chain.outputs,
        "index": chain.index,
        "state": chain.state,
        "gates": chain.gates,
        "slots": made.facts[f"{kind}.slots"],
        "scratch_bytes": made.facts[f"{kind}.scratch_bytes"],
        "provenance": told,
        **made.facts,
    }
    blobs = {
        "module": zlib.compress(text.encode(), 1),
        **encoded_as(chain.own_encoding),
        "initial": chain.initial.tobytes(),
        "runtime": runtime_object(target, hurry),
        **made.blobs,
    }
    return Artefact(facts, blobs)
