"""Reading back: a circuit that lgc wrote as hardware, as a model that can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import VerifyException

from ..chain import Sums, build_module, provenance, read_chain
from ..dialect.state import state_of_text
from ..errors import InputError, UnsupportedError, UsageError
from ..exchange.circuit import Circuit
from ..flattening import flatten
from ..netlist import Netlist
from ..surgery import arity, restrict, tidy
from .datapath import Word, past
from .encoder import encoder_of, needed
from .formats import InputFormat, parse_format

FORMAT = "input_format"
"""Kept in a model whose inputs are the wires of numbers."""

STREAMED = "streamed"
"""Says of a file that it takes pixel after pixel."""


def check_circuit(facts: Mapping[str, Any], where: str) -> None:
    """Refuse a design that needs memory to be what it is.

    Raises:
        UnsupportedError: it takes pixel after pixel.
    """
    if facts.get(STREAMED):
        raise UnsupportedError(
            "the design takes pixel after pixel, so it has memory and is no circuit",
            where=where,
            hint="simulate it as a project (--target verilog), or prove --convolution unrolled",
        )


def model_of(
    circuit: Circuit,
    facts: Mapping[str, Any],
    where: str,
    origin: Mapping[str, str],
    ended: Callable[[Netlist, int], tuple[Netlist, dict[str, Any]]],
) -> ModuleOp:
    """The model that hardware is.

    Bits that thresholds give have these thresholds again. The wires of numbers are inputs of
    their own; `encoded` turns another model into one that reads the same.

    Args:
        ended: the last layer, behind whose results so many bits are the next state, and what it
            means, where the hardware gives bits.

    Raises:
        InputError: what the file says of itself does not fit its ports.
    """
    try:
        words = [_word(*one) for one in facts["results"]]
        given = parse_format(facts["format"])
        features, tau = int(facts["features"]), facts["tau"]
        beta = float(facts.get("beta") or 0.0)
        feature, level, one_hot = (facts[key] for key in ("feature", "level", "one_hot"))
        place = facts.get("place")
        dtype = str(facts["dtype"])
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise _damaged(where, f"it lacks or garbles {error}") from None
    initial = _initial(facts, where)
    net = _ports(circuit, words, len(initial), where)
    kept = {**origin, "pipeline": str(facts.get("pipeline", ""))}
    if given is not None:
        kept[FORMAT] = given.text
        features, dtype = net.inputs - len(initial), "bool"
        feature = level = place = one_hot = None
    if feature is None and features != net.inputs - len(initial):
        raise _damaged(where, f"{features} numbers for {net.inputs - len(initial)} wires")
    word = words[0]
    ending: dict[str, Any] = {"sums": None, "index": word.name == "class_index"}
    if word.name == "bits":
        net, ending = ended(net, len(initial))
    if word.name == "scores":
        weight = 1 << np.arange(word.width, dtype=np.int64)
        weight[-1] *= -1 if word.signed else 1
        group = np.repeat(np.arange(word.count), word.width)
        rows = group, np.tile(weight, word.count)
        ending["sums"] = Sums(word.count, tau or 1.0, *rows, beta=beta)
    try:
        return build_module(
            features, [net], **ending, dtype=dtype, feature=feature, level=level, place=place,
            one_hot=one_hot, provenance=kept,
            initial=initial if len(initial) else None,
        )  # fmt: skip
    except (VerifyException, ValueError, TypeError, KeyError, OverflowError) as error:
        raise _damaged(where, str(error).splitlines()[0]) from None


def _word(name: str, width: int, count: int, signed: bool) -> Word:
    if name not in ("class_index", "scores", "bits") or not (0 < width < 63 and count > 0):
        raise ValueError(f"the result {name!r}")
    return Word(name, int(width), int(count), bool(signed))


def _damaged(where: str, what: str) -> InputError:
    return InputError(
        f"the lines '// lgc: …' at the head do not fit the circuit: {what}",
        where=where,
        hint="delete them to read the file as any other Verilog",
    )


def _initial(facts: Mapping[str, Any], where: str) -> NDArray[np.bool_]:
    """The state before the first step; files of models without one may lack it."""
    text = facts.get("initial", "")
    if not isinstance(text, str) or set(text) - set("01"):
        raise _damaged(where, "it garbles 'initial'")
    return state_of_text(text)


def _ports(circuit: Circuit, words: list[Word], state: int, where: str) -> Netlist:
    """The circuit from the port ``x`` to the first word of results: no clock, nothing else.

    The last bits of ``x`` are the state, the last outputs the next one.
    """
    names = circuit.inputs or ()
    place: dict[int, int] = {}
    for number, name in enumerate(names):
        if (match := re.fullmatch(r"x(?:\[([0-9]+)\])?", name)) is not None:
            place[int(match[1] or 0)] = number
    chosen = [place.get(bit, -1) for bit in range(len(place))]
    net, first = tidy(circuit.net), words[0].bits if words else 0
    if not chosen or min(chosen) < 0 or not 0 < first <= len(net.outputs):
        raise _damaged(where, "there are other ports")
    wanted = np.concatenate([net.outputs[:first], net.outputs[len(net.outputs) - state :]])
    net = restrict(net, wanted)
    number = np.full(net.nets, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    number[net.inputs :] = len(chosen) + np.arange(net.gates)
    used = np.arange(net.k) < arity(net)[:, None]
    fanin, outputs = np.where(used, number[net.fanin], 0), number[net.outputs]
    if (outputs < 0).any() or (fanin < 0).any():
        raise UnsupportedError("results depend on more than the port x", where=where)
    return Netlist(len(chosen), net.table, fanin, outputs)


def encoded(module: ModuleOp, given: InputFormat) -> ModuleOp:
    """The model with an encoder in front: its inputs are the wires of numbers.

    Raises:
        InputError: the format cannot hold the thresholds.
    """
    chain = read_chain(module, recurrent=True)
    rest = flatten(chain)
    first = encoder_of(chain, given, needed([rest])[: chain.own_bits])
    features, first = first.inputs, past(first, chain.state)
    sums = None
    if (op := chain.group_sum) is not None:
        tau, rows = op.tau.value.data, (op.groups(), op.weights(), op.offsets())
        sums = Sums(op.classes, tau, *rows, op.shift)
    return build_module(
        features, [first, rest], sums, dtype="bool", index=chain.index,
        initial=chain.initial if chain.state else None,
        provenance={**provenance(module), FORMAT: given.text},
    )  # fmt: skip


def format_of(module: ModuleOp) -> InputFormat | None:
    """How numbers stand on the inputs of a model that was read back; None for any other."""
    text = provenance(module).get(FORMAT)
    return None if text is None else parse_format(text)
