"""The kernel file (``.lgk``): objects, the model they were made from, and who may run them.

Layout: ``LGK1``, the length of the header (u32, little-endian), the header (JSON), the blobs. A
digest covers everything, so a damaged file is refused before any of its code is mapped. A file of
several versions is ``LGKS``, how many there are (u32), and each as such a file after its length
(u64).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from lgc.errors import InputError

from .machine import Machine, host_features

MAGIC = b"LGK1"
SEVERAL = b"LGKS"
_HEAD = len(MAGIC) + 4
_AGAIN = "compile the model again: lgc compile … -o …"


@dataclass(frozen=True)
class Artefact:
    """Contents of a kernel file: facts (JSON values) and named blobs."""

    facts: Mapping[str, Any]
    blobs: Mapping[str, bytes]

    @property
    def machine(self) -> str:
        """Name of the machine it was made for."""
        return self.facts["machine"]["name"]

    def to_bytes(self) -> bytes:
        """The file."""
        body = b"".join(self.blobs.values())
        header: dict[str, Any] = {
            "facts": dict(self.facts),
            "blobs": {name: len(blob) for name, blob in self.blobs.items()},
        }
        header["digest"] = _digest(header, body)
        text = json.dumps(header).encode()
        return MAGIC + len(text).to_bytes(4, "little") + text + body


def _digest(header: Mapping[str, Any], body: bytes) -> str:
    covered = json.dumps([header["facts"], header["blobs"]], sort_keys=True).encode()
    return hashlib.blake2b(covered + b"\0" + body, digest_size=16).hexdigest()


def join(versions: Sequence[Artefact]) -> bytes:
    """A file of all versions, the least demanding first; of one, as it is."""
    if len(versions) == 1:
        return versions[0].to_bytes()
    files = [one.to_bytes() for one in by_demands(versions)]
    head = SEVERAL + len(files).to_bytes(4, "little")
    return head + b"".join(len(file).to_bytes(8, "little") + file for file in files)


def by_demands(versions: Sequence[Artefact]) -> list[Artefact]:
    """Versions from the least to the most demanding."""

    def demands(one: Artefact) -> tuple[int, int, str]:
        # planes come second: those of the table engine are as wide on every machine
        return len(one.facts["requires"]), one.facts["plane_bits"], one.machine

    return sorted(versions, key=demands)


def read_versions(data: bytes, where: str) -> list[Artefact]:
    """Read a kernel file, of one version or several, and check that all of it is whole.

    Raises:
        InputError: it is not a kernel file, or is damaged.
    """
    if not data.startswith(SEVERAL):
        return [read_artefact(data, where)]
    files: list[bytes] = []
    position = _HEAD
    for _ in range(int.from_bytes(data[len(SEVERAL) : _HEAD], "little")):
        start = position + 8
        position = start + int.from_bytes(data[position:start], "little")
        if start > len(data):
            break
        files.append(data[start:position])
    if position != len(data) or not files:
        raise _damaged(where)
    return [read_artefact(file, where) for file in files]


def widest(versions: Sequence[Artefact], where: str) -> Artefact:
    """The most demanding version that this machine can run.

    Raises:
        InputError: another architecture, or instructions this processor lacks.
    """
    failures: list[InputError] = []
    for one in reversed(by_demands(versions)):
        try:
            check_machine(one.facts, where)
        except InputError as error:
            failures.append(error)
        else:
            return one
    if len(failures) == 1:
        raise failures[0]
    reasons = "; ".join(error.message for error in reversed(failures))
    raise InputError(
        f"none of its {len(failures)} versions runs here: {reasons}",
        where=where,
        hint="compile the model here: lgc compile … -o …",
    )


def _damaged(where: str) -> InputError:
    return InputError("the kernel file is damaged or cut short", where=where, hint=_AGAIN)


def read_artefact(data: bytes, where: str) -> Artefact:
    """Read a kernel file of one version and check that it is whole.

    Raises:
        InputError: it is not a kernel file, or is damaged.
    """
    if not data.startswith(MAGIC):
        raise InputError(
            "this is not a kernel file", where=where, hint="lgc compile … -o model.lgk"
        )
    length = int.from_bytes(data[len(MAGIC) : _HEAD], "little")
    body = data[_HEAD + length :]
    facts: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    try:
        header = json.loads(data[_HEAD : _HEAD + length].decode())
        facts, sizes, digest = header["facts"], header["blobs"], header["digest"]
        whole = digest == _digest(header, body) and sum(sizes.values()) == len(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise _damaged(where)
    blobs: dict[str, bytes] = {}
    position = 0
    for name, size in sizes.items():
        blobs[name] = body[position : position + size]
        position += size
    if not _plausible(facts, blobs):
        raise _damaged(where)
    return Artefact(facts, blobs)


_TYPES: Mapping[str, type] = {
    "lgc": str, "machine": dict, "triple": str, "cpu": str, "requires": list, "plane_bits": int,
    "features": int, "classes": int, "tau": float, "outputs": int, "gates": int, "slots": int,
    "engine": str, "scratch_bytes": int, "provenance": dict,
}  # fmt: skip

_LARGEST = 1 << 31


def _plausible(facts: Mapping[str, Any], blobs: Mapping[str, bytes]) -> bool:
    """Whether the facts have their types and agree with one another and with the blobs.

    The digest already says that the file is as it was written; the object code in it is machine
    code and is trusted like any library.
    """
    if not all(type(facts.get(name)) is kind for name, kind in _TYPES.items()):
        return False
    numbers = [facts[name] for name, kind in _TYPES.items() if kind is int]
    if not all(0 <= number < _LARGEST for number in numbers) or not facts["tau"] > 0:
        return False
    if type(facts.get("beta", 0.0)) is not float:  # files of earlier versions have none
        return False
    if not all(isinstance(name, str) for name in facts["requires"]):
        return False
    kinds = {field.name: field.type for field in fields(Machine)}
    if {name: type(value).__name__ for name, value in facts["machine"].items()} != kinds:
        return False
    state = facts.get("state", 0)  # files of models without one may lack it
    if type(state) is not int:
        return False
    main = "scores" if facts["classes"] else "bits"
    features, said = blobs.get("feature", b""), blobs.get("place", blobs.get("level", b""))
    feature = np.frombuffer(features[: len(features) // 4 * 4], "<i4")
    return (
        {"module", "feature", "runtime", f"{main}.0"} <= set(blobs)
        and len(features) == len(feature) * 4 == len(said)
        and len(feature) + state > 0
        and feature.min(initial=0) >= 0
        and feature.max(initial=-1) < facts["features"]
        and len(blobs.get("initial", b"")) == state
        and facts["engine"] in ("straight", "table")
        and facts.get(f"{main}.scratch_bytes") == facts["scratch_bytes"]
        and facts["scratch_bytes"] >= facts["plane_bits"] // 8
    )


def check_machine(facts: Mapping[str, Any], where: str) -> None:
    """Refuse code this machine cannot run.

    Raises:
        InputError: another architecture, or instructions this processor lacks.
    """
    here = llvm.get_process_triple()
    if facts["triple"].partition("-")[0] != here.partition("-")[0]:
        raise InputError(
            f"the kernel was built for {facts['triple']}, this machine is {here}",
            where=where,
            hint="compile the model here: lgc compile … -o …",
        )
    lacks = sorted(set(facts["requires"]) - host_features())
    if lacks:
        shown = ", ".join(lacks[:4]) + (f" and {len(lacks) - 4} more" if len(lacks) > 4 else "")
        raise InputError(
            f"the kernel was built for {facts['cpu']}, this processor lacks {shown}",
            where=where,
            hint="compile the model here, or with --cpu x86-64-v2 to run on every machine",
        )
