"""Files of `torch.save` since 1.6: a zip of one pickle and one member per storage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .pickles import SAVE_WEIGHTS, Call, Machine, Name, Shell
from .safetensors import from_bfloat16
from .zips import unzip

_STORAGES = {
    "torch.DoubleStorage": "f8",
    "torch.FloatStorage": "f4",
    "torch.HalfStorage": "f2",
    "torch.BFloat16Storage": "u2",
    "torch.LongStorage": "i8",
    "torch.IntStorage": "i4",
    "torch.ShortStorage": "i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "?",
}
_TIMES = 16
"""How often the tensors of a file may hold its bytes: some are tied, none are all the same."""


@dataclass(frozen=True, eq=False)
class _Storage:
    values: NDArray[Any]
    bfloat16: bool


def read_torch(data: bytes, where: str) -> Any:
    """What was saved; tensors of any device become arrays, bfloat16 becomes float32.

    Raises:
        InputError: the archive or its pickle is damaged, or holds more than weights.
    """
    members = unzip(data, where)
    pickles = [name for name in members if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise InputError("the archive holds no single data.pkl", where=where)
    folder = pickles[0].removesuffix("data.pkl")
    if f"{folder}constants.pkl" in members or f"{folder}version" not in members:
        raise InputError(
            "this is a TorchScript program, not a file of weights",
            where=where,
            hint="torch.save(torch.jit.load(path).state_dict(), other)",
        )
    order = ">" if members.get(f"{folder}byteorder", b"little").strip() == b"big" else "<"

    def persistent(identifier: Any) -> _Storage:
        tag, kind, key, _, count = identifier
        if tag != "storage" or not isinstance(kind, Name):
            raise TypeError
        if kind.text not in _STORAGES:
            raise InputError(
                f"tensors of {kind.text[:60]} are not supported",
                where=where,
                hint="convert the weights to float32 before saving",
            )
        dtype = np.dtype(order + _STORAGES[kind.text])
        member = members.get(f"{folder}data/{key}")
        if member is None or len(member) < count * dtype.itemsize:
            raise InputError(f"storage {str(key)[:20]} is missing or cut short", where=where)
        values = np.frombuffer(member, dtype, count)
        return _Storage(values, kind.text == "torch.BFloat16Storage")

    room = _TIMES * sum(map(len, members.values()))

    def tensor(*arguments: Any) -> Any:
        nonlocal room
        made = _tensor(where, *arguments)
        room -= made.nbytes
        if room < 0:
            raise InputError(
                "the tensors have far more numbers than the file", where=where, hint=SAVE_WEIGHTS
            )
        return made

    calls: dict[str, Call] = {"torch._utils._rebuild_tensor_v2": tensor, **_CALLS}
    return Machine(calls, persistent, f"{where}: data.pkl").run(members[pickles[0]])


def _tensor(where: str, storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> Any:
    """A tensor as a copy or view of its storage, bounds checked."""
    if not isinstance(storage, _Storage) or len(size) != len(stride):
        raise TypeError
    numbers = [offset, *size, *stride]
    if any(type(number) is not int or number < 0 for number in numbers) or len(size) > 32:
        raise TypeError
    count, values = math.prod(size), storage.values
    reach = offset + sum((n - 1) * step for n, step in zip(size, stride)) if count else 0
    if count > len(values) or (count and reach >= len(values)):
        raise InputError(
            f"a tensor of shape {tuple(size)} reaches beyond its storage of {len(values)} numbers",
            where=where,
            hint=SAVE_WEIGHTS,
        )
    steps = [step * values.itemsize for step in stride]
    view = np.lib.stride_tricks.as_strided(values[offset:], size, steps, writeable=False)
    native = view.astype(values.dtype.newbyteorder("="), order="C", copy=False)
    return from_bfloat16(native) if storage.bfloat16 else native


def _encode(text: Any, encoding: Any) -> bytes:
    if encoding != "latin1" or not isinstance(text, str):
        raise TypeError
    return text.encode("latin1")


def _dict(pairs: Any = ()) -> dict[Any, Any]:
    return dict(pairs)


def _first(value: Any, *_: Any) -> Any:
    """A parameter is its tensor."""
    return value


def _device(*arguments: Any) -> str:
    return ":".join(map(str, arguments))


class _Dtype(Shell):
    """A NumPy dtype: its code, then a state with the byte order."""

    def __init__(self, code: str, *_: Any) -> None:
        self.dtype = np.dtype(code)
        if self.dtype.hasobject:
            raise TypeError

    def build(self, state: Any) -> _Dtype:
        order = state[1]
        self.dtype = self.dtype.newbyteorder(order if order in ("<", ">") else "=")
        return self


def _scalar(kind: Any, raw: Any) -> Any:
    if not isinstance(kind, _Dtype) or not isinstance(raw, bytes):
        raise TypeError
    return np.frombuffer(raw, kind.dtype, 1)[0].item()


class _Array(Shell):
    """A NumPy array inside a pickle: an empty shell, then (version, shape, dtype, order, bytes)."""

    def build(self, state: Any) -> NDArray[Any]:
        _, shape, kind, fortran, raw = state
        if not isinstance(kind, _Dtype) or not isinstance(raw, bytes):
            raise TypeError
        flat = np.frombuffer(raw, kind.dtype)
        return flat.reshape(shape, order="F" if fortran else "C")


def _array(*_: Any) -> _Array:
    return _Array()


_CALLS: dict[str, Call] = {
    "collections.OrderedDict": _dict,
    "torch._utils._rebuild_parameter": _first,
    "torch._utils._rebuild_parameter_with_state": _first,
    "torch.Size": tuple,
    "torch.device": _device,
    "_codecs.encode": _encode,
    "numpy.dtype": _Dtype,
    "numpy.core.multiarray.scalar": _scalar,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy.core.multiarray._reconstruct": _array,
    "numpy._core.multiarray._reconstruct": _array,
}
"""Every name a file of weights may call, with what it builds here."""
