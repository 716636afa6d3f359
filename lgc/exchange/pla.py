"""ESPRESSO's PLA: rows of cubes, ``1-0 10``, inputs and then outputs.

Format: "espresso(5)", University of California, Berkeley. Types f, fd, fr and fdr differ in what
the outputs 0 and - say of the OFF-set and of don't-cares. The function is the ON-set of each
output: what no row says to be 1 is 0.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, UnsupportedError
from ..netlist import Netlist
from .circuit import MOST_INPUTS, Circuit, Names, check_ports, own_names
from .conjunctions import Gates

Ints = NDArray[np.int64]

_TYPES = ("f", "fd", "fr", "fdr")
_IGNORED = (".p", ".phase", ".pair", ".symbolic", ".label", ".mv", ".kiss")
_IN = {ord("0"): 0, ord("1"): 1, ord("-"): 2, ord("2"): 2, ord("x"): 2, ord("X"): 2}
_OUT = b"01-2~xX4"
_HINT = "rows are places of 0, 1 and -, then those of the outputs, such as: 1-0 10"


def is_pla(head: bytes) -> bool:
    """Whether a file that starts so is a PLA."""
    return (
        re.match(rb"(\s|#[^\n]*\n|\.(o|p|type|ilb|ob)[ \t][^\n]*\n)*\.i[ \t]+[0-9]", head)
        is not None
    )


def read_pla(data: bytes, where: str) -> Circuit:
    """Read a table.

    Raises:
        InputError: the file is damaged; the message names the line.
        UnsupportedError: it is of a type or holds a kind of variables that is not known.
    """
    sizes: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    rows: list[bytes] = []
    lines: list[int] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.partition(b"#")[0].strip()
        if not text:
            continue
        if not text.startswith(b"."):
            rows.append(re.sub(rb"[\s|]+", b"", text))
            lines.append(number)
            continue
        if text.split()[0] in (b".e", b".end"):
            break
        _command(text.decode("utf-8", "replace").split(), sizes, names, f"{where}, line {number}")
    for key, what in ((".i", "inputs"), (".o", "outputs")):
        if key not in sizes:
            raise InputError(
                f"{key} is missing: how many {what} there are", where=where, hint=_HINT
            )
    check_ports(sizes[".i"], sizes[".o"], where)
    if not rows:
        raise InputError("there are no rows", where=where, hint=_HINT)
    _check(rows, lines, sizes, names, where)
    net = _netlist(rows, lines, sizes[".i"], sizes[".o"], where)
    given = (_own(names.get(".ilb"), "x"), _own(names.get(".ob"), "y"))
    return Circuit(net, *given)


def _own(names: list[str] | None, stem: str) -> Names | None:
    return None if names is None else own_names(names, stem)


def _command(
    words: list[str], sizes: dict[str, int], names: dict[str, list[str]], where: str
) -> None:
    name = words[0]
    if name in (".i", ".o"):
        number = words[1] if len(words) == 2 else ""
        if not re.fullmatch(r"[0-9]{1,8}", number) or int(number) > MOST_INPUTS:
            raise InputError(f"{name} is followed by one number", where=where)
        if sizes.setdefault(name, int(number)) != int(number):
            raise InputError(f"{name} stands there a second time", where=where)
    elif name in (".ilb", ".ob"):
        names.setdefault(name, []).extend(words[1:])
    elif name == ".type":
        if len(words) != 2 or words[1] not in _TYPES:
            raise UnsupportedError(
                f"the type {' '.join(words[1:])[:20]!r} is not known",
                where=where,
                hint=f"types are {', '.join(_TYPES)}",
            )
    elif name in (".mv", ".symbolic", ".pair", ".kiss"):
        raise UnsupportedError(f"{name}: variables of more than two values", where=where)
    elif name not in _IGNORED:
        raise InputError(f"{name[:20]!r} is no command of a PLA", where=where, hint=_HINT)


def _check(
    rows: list[bytes],
    lines: list[int],
    sizes: dict[str, int],
    names: dict[str, list[str]],
    where: str,
) -> None:
    width = sizes[".i"] + sizes[".o"]
    for row, line in zip(rows, lines):
        if len(row) != width:
            raise InputError(
                f"a row of {sizes['.i']} inputs and {sizes['.o']} outputs was expected, this one "
                f"has {len(row)} places",
                where=f"{where}, line {line}",
                hint=_HINT,
            )
    for key, given in names.items():
        count = sizes[".i" if key == ".ilb" else ".o"]
        if len(given) != count:
            raise InputError(f"{key} names {len(given)} of {count}", where=where)


def _netlist(rows: list[bytes], lines: list[int], inputs: int, outputs: int, where: str) -> Netlist:
    """The disjunction, for each output, of the cubes whose rows have a 1 there."""
    table = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, inputs + outputs)
    codes = np.full(256, 3, np.uint8)
    codes[list(_IN)] = list(_IN.values())
    cube = codes[table[:, :inputs]]
    known = np.zeros(256, np.bool_)
    known[list(_OUT)] = True
    good = np.concatenate([cube < 3, known[table[:, inputs:]]], axis=1)
    if not good.all():
        row, column = divmod(int((~good).argmax()), inputs + outputs)
        raise InputError(
            f"{chr(table[row, column])!r} is no place of a row",
            where=f"{where}, line {lines[row]}",
            hint=_HINT,
        )
    gives = (table[:, inputs:] == ord("1")) | (table[:, inputs:] == ord("4"))
    used = gives.any(axis=1)
    cube, gives = cube[used], gives[used]
    gates = Gates(inputs)
    group, place = np.nonzero(cube < 2)
    made = gates.all_of(2 * place + (cube[group, place] == 0), group, len(cube))
    number, member = np.nonzero(gives.T)
    return gates.netlist(gates.any_of(made[member], number, outputs))
