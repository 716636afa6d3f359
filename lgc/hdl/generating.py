"""Generating: a model to a project folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from .. import registry
from ..driver import as_model, ready
from ..equivalence import Mode
from ..errors import UsageError
from ..hardware.options import HardwareOptions, identifier
from ..hardware.sources import Sources
from ..interfaces import Instrument
from ..model import Model
from .cocotb_files import cocotb_files
from .constraints import constraints
from .folder import REPORT, check_folder, write_folder
from .project import MODEL, Project
from .readme import readme
from .reporting import report
from .reporting import shape as shape_for
from .scripts import scripts
from .test_bench import Shape, hexadecimal, test_bench
from .vectors import Played, Vectors, given_vectors

MEGAHERTZ = 100.0


def generate(
    model: Model | str | PathLike[str] | object,
    folder: str | PathLike[str],
    *,
    data: Any = None,
    labels: Any = None,
    samples: int | None = None,
    pipeline: str | None = None,
    check: Mode = "fast",
    megahertz: float = MEGAHERTZ,
    force: bool = False,
    instruments: Sequence[Instrument] = (),
    **options: Any,
) -> Project:
    """Write a model as a project: Verilog, test benches, constraints, scripts, report.

    Args:
        model: a model, a path (see `lgc.load`), or a live torch module.
        folder: to make; one that is there must be empty.
        data: samples for the test bench: a ``.npz`` or ``.npy`` file, or an array. Random ones by
            default. Of a recurrent model sequences ``(n, steps, …)``.
        labels: of these, for the accuracy in the report.
        samples: how many of them, or of their steps, to use; by default 1,000, and 256 random ones.
        pipeline: passes to run first (see `lgc.compile`).
        check: how every pass is checked.
        megahertz: clock that the constraints ask for.
        force: replace an older project.
        instruments: watch the passes (see `lgc.instruments`).
        **options: fields of `lgc.hardware.options.HardwareOptions`; ``name`` is that of the folder
            by default.

    Raises:
        UsageError: the options contradict one another, or the folder is not empty.
        InputError: the folder cannot be written, or the data are not those of the model.
    """
    path = Path(folder)
    check_folder(path, force)
    if not 0 < megahertz <= 10_000:
        raise UsageError(f"{megahertz:g} MHz is no clock", where="--megahertz")
    if samples is not None and samples < 1:
        raise UsageError(f"is {samples}, 1 at least", where="--samples")
    options = {"name": identifier(path.name), **options}
    wanted = HardwareOptions(**options)
    backend = registry.find("backends", "verilog")()
    source = as_model(model)
    (version,) = ready(source, backend, options, pipeline, check, instruments)
    sources: Sources = backend.sources(version.module, {**options, "source": source.module})
    made = sources.made
    # a pipeline that was asked for may change the last layer, and then that is what bits are of
    inner = pipeline is not None and any(word.name == "bits" for word in made.results)
    right = Model(version.module) if inner else source
    shape = shape_for(wanted.name, made, wanted)
    played = Played(right.step_chain, made.given, made.results, shape.pixels)
    vectors = given_vectors(played, data, labels, samples)
    found = report(made, shape, Model(version.module), sources.checked, vectors, megahertz)
    write_folder(path, _files(sources, shape, vectors, right, found), force)
    return Project(path)


def _files(
    sources: Sources, shape: Shape, vectors: Vectors, right: Model, found: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """All files of a project by their path in it."""
    for module in sources.modules:
        head = sources.header if module.name == shape.name else ()
        yield f"rtl/{module.name}.v", "\n".join([*head, *module.lines]) + "\n"
    yield "rtl/files.f", "".join(f"{module.name}.v\n" for module in sources.modules)
    if sources.cells:
        yield "tb/cells.v", "\n".join(sources.cells) + "\n"
    yield f"tb/{shape.name}_tb.v", test_bench(shape)
    yield "tb/vectors.hex", hexadecimal(vectors.port)
    yield "tb/expected.hex", hexadecimal(vectors.lines(shape.results))
    for name, text in cocotb_files(shape) if not shape.state else ():
        yield f"tb/{name}", text
    for name, text in constraints(shape, found["megahertz"]):
        yield f"constraints/{name}", text
    modules = [module.name for module in sources.modules]
    for name, text in scripts(shape, modules, bool(sources.cells), found["megahertz"]):
        yield f"scripts/{name}", text
    yield "README.md", readme(found, shape)
    yield MODEL, str(right)
    yield REPORT, json.dumps(found, indent=2) + "\n"
