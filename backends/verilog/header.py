"""The comment at the head: what the hardware is, its ports, where it comes from.

The last lines, ``// lgc: …``, are JSON that lgc reads back (see `lgc.exchange.verilog`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lgc.chain import Chain
from lgc.dialect.state import state_text
from lgc.hardware.datapath import Word, written
from lgc.hardware.design import Hardware, gates_of, registers_of, widths
from lgc.hardware.naming import VECTORS
from lgc.hardware.options import HardwareOptions
from lgc.hardware.reading import STREAMED
from lgc.hardware.streaming import Streamed

from .text import WIDTH, comment
from .top import answer_bits, beats, datapath_name

MARK = "// lgc: "


def header(
    made: Hardware,
    options: HardwareOptions,
    chain: Chain,
    origin: Mapping[str, str],
    checked: str,
    known: Mapping[int, str],
) -> list[str]:
    """The lines."""
    from lgc import __version__

    lines = [f"{options.name}: a logic-gate network, written by lgc {__version__}", ""]
    lines += [*_ports(made, options, chain), ""]
    lines += [*_timing(made, options), "", *_size(made, options), ""]
    lines += [f"{key}: {' '.join(value.split())}" for key, value in origin.items()]
    lines.append(f"design: {checked}")
    if known:
        lines += ["", *_names(len(known), gates_of(made))]
    text = json.dumps(facts(made, options, chain, origin), separators=(",", ":"))
    text = text.replace(" ", r"\u0020")  # one at the end of a line would be lost
    step = WIDTH - len(MARK)
    return comment(lines) + [MARK + text[at : at + step] for at in range(0, len(text), step)]


def facts(
    made: Hardware, options: HardwareOptions, chain: Chain, origin: Mapping[str, str]
) -> dict[str, Any]:
    """What the text alone does not say."""
    plain = np.arange(chain.features, dtype=np.int32)
    own = chain.own_encoding
    feature, level, place = own.feature, own.thresholds, own.place
    default = np.array_equal(feature, plain) and level is not None and not level.any()
    sums = chain.group_sum
    return {
        "top": datapath_name(made, options),
        "format": options.input_format,
        "features": chain.features,
        "dtype": chain.dtype,
        "feature": None if default else feature.tolist(),
        "level": None if default or level is None else level.tolist(),
        "place": None if place is None else place.tolist(),
        "one_hot": chain.one_hot.tolist() if (chain.one_hot >= 0).any() else None,
        "pipeline": ",".join(_way(made, chain, origin)),
        "tau": None if sums is None else sums.tau.value.data,
        **({"beta": sums.shift} if sums is not None and sums.shift else {}),
        "results": [[word.name, word.width, word.count, word.signed] for word in made.results],
        **({STREAMED: True} if options.streamed else {}),
        **({"initial": state_text(chain.initial)} if made.state else {}),
    }


def _way(made: Hardware, chain: Chain, origin: Mapping[str, str]) -> Iterator[str]:
    """The passes that lead from the checkpoint to the first word of results, for a proof."""
    if "pipeline" in origin:
        yield origin["pipeline"]
    if chain.group_sum is not None and made.results[0].name != "bits":
        if written(chain.group_sum.weighted()) is None:
            yield "lower-sums"
        if made.results[0].name == "class_index":
            yield "lower-sums{to=class}"


def _ports(made: Hardware, options: HardwareOptions, chain: Chain) -> Iterator[str]:
    given = made.given
    if isinstance(made, Streamed):
        yield from _pixels(made)
        yield from (f"{word.name}: {_word(word, chain)}" for word in made.results)
        return
    what = f"{chain.own_bits} bits, the results of the thresholds"
    if given is not None:
        what = f"{chain.features} numbers of {given.bits} bits ({given.text}), the first lowest"
    if options.interface == "axi":
        count = beats(made, options)
        yield f"s_axis: {count} beats of {options.bus} bits a sample, the first lowest, together"
        yield f"  {what}; tlast with the last beat, a sample that it cuts short is dropped"
        yield f"m_axis: one beat of {answer_bits(made)} bits, tlast always 1; from bit 0 on:"
    elif made.inputs:
        yield f"x: {what}"
    yield from (f"{word.name}: {_word(word, chain)}" for word in made.results)


def _pixels(made: Streamed) -> Iterator[str]:
    """What stands on the port of a streamed design, and what it does with that."""
    pixels = made.pixels
    first = f"c * {pixels.count} + p" if pixels.planar else f"p * {pixels.channels} + c"
    yield f"x: {pixels.channels} bits, a pixel; {pixels.height} x {pixels.width} pixels, row by"
    yield f"  row, are a sample; bit c of pixel p is bit {first} of what the thresholds give"
    for kernel, window in zip(made.kernels, made.windows, strict=True):
        yield f"{kernel.name}: {window.grid}"


def _word(word: Word, chain: Chain) -> str:
    kind = "two's complement" if word.signed else "unsigned"
    if word.name == "class_index":
        return f"{word.width} bits, the class with the largest score, the first of several"
    if word.name == "bits":
        return f"{word.bits} bits of the last layer"
    sums = chain.group_sum
    added = f" and the addition of beta, {sums.shift!r}" if sums is not None and sums.shift else ""
    return f"{word.count} scores of {word.width} bits, {kind}, before the division by tau{added}"


def _timing(made: Hardware, options: HardwareOptions) -> Iterator[str]:
    if isinstance(made, Streamed):
        yield from _stream_timing(made, options)
        return
    count, most = made.latency, max(depth for depth, _ in made.ranked)
    gates = "LUTs" if options.kind == "lut" else "gates"
    if made.state:
        yield f"a step a clock cycle, {most} {gates} deep; {made.state:,} bits of state, which a"
        yield "  reset sets to what they start with: state of the module at the head"
        moves = {"plain": "enable is 1", "valid": "valid and ready are both 1"}
        where = moves.get(options.interface, "the sample moves on")
        yield f"results are of the step that is made at the next edge of the clock, where {where}"
        if options.interface == "plain":
            yield "rst: synchronous, active high"
    elif not count and options.interface != "axi":
        yield f"combinational, {most} {gates} deep"
    else:
        extra = ", and one for the sample that beats make up" if options.interface == "axi" else ""
        yield f"latency {count} clock cycles{extra}; initiation interval " + (
            f"{beats(made, options)}" if options.interface == "axi" else "1"
        )
        bits = registers_of(made)
        yield f"{most} {gates} deep between registers, {bits:,} register bits in ranks"
        yield "clk: rising edge; ranks have no reset, what they hold at first is not marked valid"
    if options.interface == "valid":
        yield "rst: synchronous, active high; a sample moves where valid and ready are both 1"
    elif options.interface == "axi":
        yield "aresetn: synchronous, active low"


def _stream_timing(made: Streamed, options: HardwareOptions) -> Iterator[str]:
    gates = "LUTs" if options.kind == "lut" else "gates"
    most = max(depth for depth, _ in made.ranked)
    found = made.clocking
    yield f"latency {made.latency} clock cycles from the last pixel to the answer; initiation"
    yield f"  interval {found.interval} clock cycles, {made.pixels.count} of them for pixels"
    yield f"{most} {gates} deep between registers, masks of windows not counted"
    yield f"line buffers of {made.memory:,} bits,"
    yield f"  {made.remembered:,} register bits for windows and the last convolution,"
    yield f"  {registers_of(made):,} in ranks"
    yield "clk: rising edge; only counters and valid bits have a reset"
    yield "rst: synchronous, active high; a pixel moves where valid and ready are both 1"


def _names(known: int, gates: int) -> Iterator[str]:
    yield f"l2_n17 is neuron 17 of layer 2 of the model, l2_n17_not its complement: {known:,} of"
    yield f"{gates:,} wires that gave the same on {VECTORS:,} random inputs"


def _size(made: Hardware, options: HardwareOptions) -> Iterator[str]:
    kinds = ", ".join(f"{count:,} of {k}" for k, count in widths(made).items())
    gates = "LUTs" if options.kind == "lut" else "gates"
    beside = ", beside counters and masks of windows" if isinstance(made, Streamed) else ""
    yield f"{gates_of(made):,} {gates}{beside}, by inputs: {kinds}"
    for size in made.sizes:
        copies = f", {size.copies:,} copies of {size.total // size.copies:,}"
        yield f"  {size.name}: {size.total:,}{copies if size.copies > 1 else ''}"
