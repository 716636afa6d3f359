"""Circuit files as models, and the circuit of a model: between `lgc.exchange` and the IR.

A circuit file has bits as inputs. As a model each bit is ``x > 0``, or what ``--input`` says; its
outputs are the last layer, and ``--head`` says what they mean. The other way a circuit is
what stands between the thresholds and the sums.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr
from xdsl.ir import Attribute

from .binarisation import features_of, parse_encoding
from .chain import Chain, build_module, provenance, read_chain
from .errors import InputError
from .exchange.circuit import NO_REGISTERS, Circuit, Names, Registers
from .files import atomic_write
from .flattening import layers_of
from .heads import head_of
from .netlist import Netlist
from .reading import Inspection, LoadOptions, Missing
from .registers import initial_of
from .surgery import compose

_NAMES = "lgc.names"


def read_file(path: Path) -> bytes:
    """A whole file.

    Raises:
        InputError: it is empty or cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if not data:
        raise InputError("the file is empty", where=str(path))
    return data


def head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> list[Path]:
    """Write a file as its pieces are made, whole or not at all."""
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    return [path]


def module_of(
    circuit: Circuit, options: LoadOptions, path: Path, data: bytes, frontend: str
) -> ModuleOp:
    """The model that a circuit file is.

    Raises:
        InputError: bits and numbers, or outputs and classes, do not come out even.
    """
    names = circuit.inputs, circuit.outputs
    registers = circuit.registers
    return module_of_layers(
        [circuit.net], options, path, data, frontend, names=names, registers=registers
    )


def module_of_layers(
    layers: Sequence[Netlist],
    options: LoadOptions,
    path: Path,
    data: bytes,
    frontend: str,
    beta: float = 0.0,
    names: tuple[Names | None, Names | None] = (None, None),
    registers: Registers = NO_REGISTERS,
) -> ModuleOp:
    """The same for layers that follow one another.

    Args:
        beta: added to scores before tau.
        names: of inputs and outputs, which are kept.
        registers: the first layer reads them, the last feeds them.
    """
    encoding = parse_encoding(options.input or "bool")
    bits, results = layers[0].inputs, len(layers[-1].outputs)
    initial = initial_of(options, bits, results, path.name, registers)
    if initial is not None:
        bits, results = bits - len(initial), results - len(initial)
    features = features_of(encoding, bits, path.name, "inputs")
    if options.inputs not in (None, features):
        raise InputError(
            f"the circuit reads {features} numbers, not {options.inputs}",
            where=path.name,
            hint="leave --inputs out: the file says it",
        )
    inputs, outputs = names
    head = head_of(options, results, path.name, outputs, beta)
    last, ending = head.after(layers[-1], 0 if initial is None else len(initial))
    if head.descending and outputs is not None:
        outputs = outputs[::-1]
    module = build_module(
        features,
        [*layers[:-1], last],
        **ending,
        **encoding.arguments(features),
        initial=initial,
        provenance={**origin(path, data, frontend), "input": encoding.text},
    )
    keep_names(module, inputs, outputs, registers.names)
    return module


def inspection_of(
    kind: str,
    layers: Sequence[Netlist],
    options: LoadOptions,
    rows: Iterable[tuple[str, str]] = (),
) -> Inspection:
    """What `lgc inspect` says of a circuit, or of layers that follow one another."""
    outputs = len(layers[-1].outputs)
    holds = [
        ("inputs", f"{layers[0].inputs:,} bits"),
        ("gates", f"{sum(net.gates for net in layers):,}, of up to {layers[0].k} inputs"),
        ("outputs", f"{outputs:,} bits"),
    ]
    return Inspection(kind, (*holds, *rows), assumed=_assumed(options, outputs))


def _assumed(options: LoadOptions, outputs: int) -> tuple[Missing, ...]:
    assumed: list[Missing] = []
    if options.input is None:
        assumed.append(Missing("input", "an input bit is x > 0; the encoding is not in the file"))
    if options.classes is None:
        why = f"the {outputs:,} output bits are all it gives; N classes sum them in N equal groups"
        assumed.append(Missing("classes", why))
    elif options.tau is None:
        assumed.append(Missing("tau", "1: scores are plain counts"))
    return tuple(assumed)


def named(names: Names | None, what: str) -> Iterator[tuple[str, str]]:
    """A row with the first of the names of inputs or outputs, where there are any."""
    if names:
        shown = ", ".join(name[:24] for name in names[:4])
        yield f"names of {what}", shown + (f", … {names[-1][:24]}" if len(names) > 4 else "")


def inspection_of_circuit(kind: str, circuit: Circuit, options: LoadOptions) -> Inspection:
    """The same for a circuit file: with its names and what it says of itself."""
    rows = [*named(circuit.inputs, "inputs"), *named(circuit.outputs, "outputs")]
    rows += [("comment", line[:100]) for line in circuit.comment.splitlines()[:8]]
    return inspection_of(kind, [circuit.net], options, rows)


def origin(path: Path, data: bytes, frontend: str) -> dict[str, str]:
    """Where a model comes from."""
    digest = hashlib.sha256(data).hexdigest()
    return {"source": path.name, "sha256": digest, "frontend": frontend}


def keep_names(
    module: ModuleOp, inputs: Names | None, outputs: Names | None, state: Names | None = None
) -> None:
    """Keep the names of bits in the module: ``attributes {lgc.names = {inputs = ["a", …]}}``."""
    given = {"inputs": inputs, "outputs": outputs, "state": state}
    kept = {
        key: ArrayAttr([StringAttr(name) for name in names])
        for key, names in given.items()
        if names is not None
    }
    if kept:
        module.attributes[_NAMES] = DictionaryAttr(kept)


def kept_names(module: ModuleOp, key: str, count: int) -> Names | None:
    """Names that `keep_names` kept, if they are as many as there are bits."""
    attribute = module.attributes.get(_NAMES)
    names = attribute.data.get(key) if isinstance(attribute, DictionaryAttr) else None
    if not isinstance(names, ArrayAttr):
        return None
    every = cast("ArrayAttr[Attribute]", names).data
    text = tuple(name.data for name in every if isinstance(name, StringAttr))
    return text if len(text) == count else None


def circuit_of(module: ModuleOp, *, registers: bool = False) -> Circuit:
    """What stands between the thresholds and the sums, with names and origin.

    Args:
        registers: whether the caller knows what registers are.

    Raises:
        UnsupportedError: a part of it is a convolution, or it has a state.
    """
    chain = read_chain(module, recurrent=registers)
    layers = layers_of(chain)
    inputs = kept_names(module, "inputs", chain.own_bits)
    outputs = kept_names(module, "outputs", chain.outputs)
    state = Registers(chain.initial.astype(np.int8), kept_names(module, "state", chain.state))
    comment = "\n".join(_comment(module, chain))
    return Circuit(compose(layers), inputs, outputs, comment, state)


def _comment(module: ModuleOp, chain: Chain) -> list[str]:
    from . import __version__

    lines = [f"written by lgc {__version__}"]
    lines += [f"{key}: {value}" for key, value in provenance(module).items()]
    if chain.group_sum is not None:
        lines.append(f"left out: {chain.outputs} bits into {chain.group_sum.classes} class sums")
    return [" ".join(line.split()) for line in lines]
