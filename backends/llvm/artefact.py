"""The kernel file (``.lgk``): objects, the model they were made from, and who may run them.

Layout: ``LGK1``, the length of the header (u32, little-endian), the header (JSON), the blobs. A
digest covers everything, so a damaged file is refused before any of its code is mapped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from lgc.errors import InputError

from .machine import Machine, host_features

MAGIC = b"LGK1"
_HEAD = len(MAGIC) + 4


@dataclass(frozen=True)
class Artefact:
    """Contents of a kernel file: facts (JSON values) and named blobs."""

    facts: Mapping[str, Any]
    blobs: Mapping[str, bytes]

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


def read_artefact(data: bytes, where: str) -> Artefact:
    """Read a kernel file and check that it is whole and that this machine can run it.

    Raises:
        InputError: it is not a kernel file, is damaged, or needs another processor.
    """
    again = "compile the model again: lgc compile … -o …"
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
        raise InputError("the kernel file is damaged or cut short", where=where, hint=again)
    blobs: dict[str, bytes] = {}
    position = 0
    for name, size in sizes.items():
        blobs[name] = body[position : position + size]
        position += size
    if not _plausible(facts, blobs):
        raise InputError("the kernel file is damaged or cut short", where=where, hint=again)
    check_machine(facts, where)
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
    if not all(isinstance(name, str) for name in facts["requires"]):
        return False
    kinds = {field.name: field.type for field in fields(Machine)}
    if {name: type(value).__name__ for name, value in facts["machine"].items()} != kinds:
        return False
    main = "scores" if facts["classes"] else "bits"
    features, levels = blobs.get("feature", b""), blobs.get("level", b"")
    feature = np.frombuffer(features[: len(features) // 4 * 4], "<i4")
    return (
        {"module", "feature", "level", "runtime", f"{main}.0"} <= set(blobs)
        and len(features) == len(feature) * 4 == len(levels) > 0
        and 0 <= feature.min() <= feature.max() < facts["features"]
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
