"""Reading weights: real files, our own, and what must be refused, each with its whole message."""

from __future__ import annotations

import io
import json
import pickle
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.errors import InputError
from tests.support import SHARED

SAVE = "save the weights alone: torch.save(model.state_dict(), path)"
AGAIN = "save it again with torch.save(model.state_dict(), path)"


def same(left: Any, right: Any) -> bool:
    """Equality of what we read and what torch reads."""
    if hasattr(right, "detach"):
        tensor = right.detach().cpu()
        tensor = tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor
        return left.shape == tuple(tensor.shape) and np.array_equal(left, tensor.numpy())
    if isinstance(right, dict):
        return set(left) == set(right) and all(same(left[key], right[key]) for key in right)
    if isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(np.array_equal(left, right) if isinstance(right, np.ndarray) else left == right)


def torch_zip(program: bytes, storages: dict[str, bytes] | None = None, **more: bytes) -> bytes:
    """A file in torch's format around a pickle."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", program)
        archive.writestr("archive/version", b"3\n")
        for key, raw in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", raw)
        for name, raw in more.items():
            archive.writestr(f"archive/{name}", raw)
    return stream.getvalue()


def tensor_program(
    count: int, offset: int, size: tuple, stride: tuple, kind: str = "FloatStorage"
) -> bytes:
    """A pickle of one tensor, as torch writes it."""

    def integers(values: tuple) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", v) for v in values) + b"t"

    storage = (
        b"(X\x07\x00\x00\x00storagectorch\n" + kind.encode() + b"\n"
        b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ" + struct.pack("<i", count) + b"tQ"
    )
    return (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"J" + struct.pack("<i", offset)
        + integers(size) + integers(stride) + b"\x89ccollections\nOrderedDict\n)RtR."
    )  # fmt: skip


def read(tmp_path: Path, data: bytes, name: str = "m.pt") -> Any:
    (tmp_path / name).write_bytes(data)
    return read_checkpoint(tmp_path / name).data


def refused(tmp_path: Path, data: bytes, name: str = "m.pt") -> str:
    """The message, without the folder."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, data, name)
    return str(caught.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    "file",
    sorted((SHARED / "models").glob("*/*.pt*")) or [None],
    ids=lambda file: file and f"{file.parent.name}/{file.name}",
)
def test_real_files_as_torch_reads_them(file: Path | None) -> None:
    if file is None:
        pytest.skip("the trained models are not on this machine")
    torch = pytest.importorskip("torch", reason="torch is not installed")
    found = read_checkpoint(file)
    assert found.format == "torch"
    assert same(found.data, torch.load(file, weights_only=True, map_location="cpu"))


def test_what_torch_saves(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    base = torch.arange(24.0)
    saved = {
        "transposed": base.reshape(4, 6).T,
        "view": base[5:20:3],
        "twice": (base, base),
        "parameter": torch.nn.Parameter(base[:3]),
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 3),
        "bool": torch.tensor([True, False]),
        "half": torch.tensor([0.5, -2.0], dtype=torch.float16),
        "bfloat16": torch.tensor([0.5, -3.0], dtype=torch.bfloat16),
        "bytes": torch.tensor([1, 255], dtype=torch.uint8),
        "nested": {"list": [1, 2.5, "text", None, True, 2**70], "size": torch.Size([3, 4])},
        "ordered": OrderedDict(a=torch.ones(2)),
        "double": torch.tensor([1.0], dtype=torch.float64),
    }
    for protocol in (2, 4):
        torch.save(saved, tmp_path / "m.pt", pickle_protocol=protocol)
        assert same(read_checkpoint(tmp_path / "m.pt").data, saved)
    torch.save({"np": np.float64(2.5), "array": np.arange(6).reshape(2, 3)}, tmp_path / "n.pt")
    found = read_checkpoint(tmp_path / "n.pt").data
    assert found["np"] == 2.5
    assert np.array_equal(found["array"], np.arange(6).reshape(2, 3))


def test_a_hand_made_file(tmp_path: Path) -> None:
    raw = np.arange(6, dtype="<f4").tobytes()
    found = read(tmp_path, torch_zip(tensor_program(6, 0, (2, 3), (1, 2)), {"0": raw}))
    assert found.tolist() == [[0, 2, 4], [1, 3, 5]]
    big = np.arange(6, dtype=">f4").tobytes()
    found = read(
        tmp_path, torch_zip(tensor_program(6, 1, (5,), (1,)), {"0": big}, byteorder=b"big")
    )
    assert found.tolist() == [1, 2, 3, 4, 5]


def test_npz_and_safetensors(tmp_path: Path) -> None:
    arrays = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": np.asfortranarray(np.eye(3)),
        "c": np.array(3),
    }
    np.savez_compressed(tmp_path / "m.npz", **arrays)
    found = read_checkpoint(tmp_path / "m.npz")
    assert found.format == "npz"
    assert same(found.data, arrays)
    data = safetensors(
        {"w": ("F32", [2], np.array([1, 2], "<f4")), "h": ("BF16", [1], np.array([0x3F80], "<u2"))}
    )
    assert read(tmp_path, data) == {"w": pytest.approx([1, 2]), "h": pytest.approx([1])}


def safetensors(tensors: dict[str, tuple[str, list[int], np.ndarray]], **changes: Any) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, (dtype, shape, values) in tensors.items():
        raw = values.tobytes()
        header[name] = {
            "dtype": dtype,
            "shape": shape,
            "data_offsets": [len(body), len(body) + len(raw)],
        }
        body += raw
    for name, change in changes.items():
        header[name] = {**header.get(name, {}), **change}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


class Call:
    """Pickles to a call of any function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def test_a_pickle_that_runs_a_command(tmp_path: Path) -> None:
    import os

    witness = tmp_path / "pwned"
    program = pickle.dumps({"w": Call(os.system, f"touch {witness}")}, protocol=2)
    assert refused(tmp_path, torch_zip(program)) == (
        f"m.pt: data.pkl: the pickle calls posix.system, which lgc never executes\n  hint: {SAVE}"
    )
    assert not witness.exists()


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            b"\x80\x02cbuiltins\neval\n(X\x01\x00\x00\x001tR.",
            "the pickle calls builtins.eval, which lgc never executes",
        ),
        (
            b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93\x8c\x011\x85R.",
            "the pickle calls builtins.exec, which lgc never executes",
        ),
        (b"\x80\x02ctorch\nload\n)R.", "the pickle calls torch.load, which lgc never executes"),
        (
            b"\x80\x02cnumpy.f2py\nrun\n)R.",
            "the pickle calls numpy.f2py.run, which lgc never executes",
        ),
        (
            b"\x80\x02c__main__\nModel\n)\x81.",
            "the file holds an object of class __main__.Model, not only weights",
        ),
        (
            b"(i__main__\nModel\n.",
            "the file holds an object of class __main__.Model, not only weights",
        ),
        (
            b"(c__main__\nModel\no.",
            "the file holds an object of class __main__.Model, not only weights",
        ),
        (b"\x80\x02\x82\x01.", "the pickle uses EXT1, which plain weights never need"),
        (b"Pabc\n.", "the pickle uses PERSID, which plain weights never need"),
    ],
)
def test_pickles_that_want_more_than_data(tmp_path: Path, program: bytes, message: str) -> None:
    assert refused(tmp_path, torch_zip(program)) == f"m.pt: data.pkl: {message}\n  hint: {SAVE}"


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"\x80\x02",
        b"\x80\x02.",
        b"\x80\x02h\x07.",
        b"\x80\x02K\x01u.",
        b"\x80\x02t.",
        b"\x80\x02\x86.",
        b"(K\x01\x85\x86.",
        b"\x80\x02K\x01b.",
        b"\x80\x02K\x01K\x02b.",
        b"\x80\x02K\x01K\x02R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x02tR.",
        b"\x80\x02ccollections\nOrderedDict\n(K\x01tR.",
        b"\x80\x02X\xff\xff\xff\x7fabc.",
        b"\x80\x02]K\x01u.",
        b"\x80\x02}K\x01a.",
        b"\x80\x02(X\x07\x00\x00\x00storageK\x01tQ.",
        b"L" + b"9" * 5000 + b"L\n.",
        b"\x80\x02cnumpy\ndtype\n(X\x01\x00\x00\x00OtR.",
    ],
)
def test_pickles_that_make_no_sense(tmp_path: Path, program: bytes) -> None:
    assert refused(tmp_path, torch_zip(program)) == (
        "m.pt: data.pkl: the pickle is damaged or cut short\n  hint: copy the file again"
    )


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ((6, 0, (100,), (1,)), "a tensor of shape (100,) reaches beyond its storage of 6 numbers"),
        ((6, 5, (2,), (1,)), "a tensor of shape (2,) reaches beyond its storage of 6 numbers"),
        (
            (6, 0, (2, 3), (10, 1)),
            "a tensor of shape (2, 3) reaches beyond its storage of 6 numbers",
        ),
        (
            (6, 0, (2**30, 2**30), (0, 0)),
            f"a tensor of shape {(2**30, 2**30)} reaches beyond its storage of 6 numbers",
        ),
    ],
)
def test_tensors_that_reach_too_far(tmp_path: Path, case: tuple, message: str) -> None:
    data = torch_zip(tensor_program(*case), {"0": bytes(24)})
    assert refused(tmp_path, data) == f"m.pt: {message}\n  hint: {SAVE}"


@pytest.mark.parametrize(
    "case", [(6, -1, (2,), (1,)), (6, 0, (-2,), (1,)), (6, 0, (2,), (-1,)), (6, 0, (2,), (1, 1))]
)
def test_tensors_with_impossible_numbers(tmp_path: Path, case: tuple) -> None:
    assert "damaged or cut short" in refused(
        tmp_path, torch_zip(tensor_program(*case), {"0": bytes(24)})
    )


def test_storages(tmp_path: Path) -> None:
    program = tensor_program(6, 0, (6,), (1,))
    assert refused(tmp_path, torch_zip(program)) == "m.pt: storage 0 is missing or cut short"
    assert refused(tmp_path, torch_zip(program, {"0": bytes(20)})) == (
        "m.pt: storage 0 is missing or cut short"
    )
    program = tensor_program(6, 0, (6,), (1,), "QInt8Storage")
    assert refused(tmp_path, torch_zip(program, {"0": bytes(24)})) == (
        "m.pt: tensors of torch.QInt8Storage are not supported\n"
        "  hint: convert the weights to float32 before saving"
    )


def test_other_kinds_are_named(tmp_path: Path) -> None:
    cases = {
        b"": "m.pt: the file is empty",
        pickle.dumps([1]): f"m.pt: this is a bare pickle, which lgc never loads\n  hint: {AGAIN}",
        b"\x89HDF\r\n": "m.pt: this is an HDF5 file\n  hint: save the weights as .npz or .safetensors",
        b"\x93NUMPY\x01\x00": "m.pt: this is a single array (.npy)\n  hint: save all layers together with numpy.savez",
        b"\x08\x07\x12": f"m.pt: this is an ONNX or protobuf file\n  hint: {AGAIN}",
        b"hello": f"m.pt: this is not a torch, npz or safetensors file\n  hint: {AGAIN}",
        torch_zip(b"N.", None, **{"constants.pkl": b""}): (
            "m.pt: this is a TorchScript program, not a file of weights\n"
            "  hint: torch.save(torch.jit.load(path).state_dict(), other)"
        ),
    }
    for data, message in cases.items():
        assert refused(tmp_path, data) == message
    with pytest.raises(InputError) as caught:
        read_checkpoint(tmp_path / "none.pt")
    assert str(caught.value) == f"{tmp_path}/none.pt: cannot be read: No such file or directory"
    with pytest.raises(InputError) as caught:
        read_checkpoint(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_live_model(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), tmp_path / "m.pt")
    assert refused(tmp_path, (tmp_path / "m.pt").read_bytes()) == (
        "m.pt: data.pkl: the file holds an object of class "
        f"torch.nn.modules.container.Sequential, not only weights\n  hint: {SAVE}"
    )


def test_zip_bombs(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            with archive.open(f"{number}.npy", "w") as member:
                for _ in range(80):
                    member.write(bytes(1 << 20))
    message = refused(tmp_path, stream.getvalue(), "m.npz")
    assert message.endswith(
        "bytes would unpack to 335,544,320: refused as a zip bomb\n"
        "  hint: save the weights without compression"
    )


def test_archives_with_tricks(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.npy", b"1")
        archive.writestr("a.npy", b"2")
    assert (
        refused(tmp_path, stream.getvalue())
        == "m.pt: the archive names a member twice or has too many"
    )
    encrypted = bytearray(torch_zip(b"N."))
    for place in range(len(encrypted) - 4):
        if encrypted[place : place + 4] == b"PK\x01\x02":
            encrypted[place + 8] |= 1
    assert refused(tmp_path, bytes(encrypted)) == "m.pt: archive/data.pkl is encrypted"


def test_arrays_that_lie(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.arange(4))
    good = stream.getvalue()
    lies = {
        good.replace(
            b"(4,)", b"(9,)"
        ): "m.npz: a.npy: an array of shape (9,) and type int64 does not fill its file",
        good[:20]: "m.npz: a.npy: this is not an array",
        b"hello": "m.npz: a.npy: this is not an array",
        good.replace(b"}", b"(", 1): "m.npz: a.npy: this is not an array",
        good.replace(b"'<i8'", b"'|O' "): (
            "m.npz: a.npy: an array of Python objects would have to be unpickled, which lgc never "
            "does\n  hint: save plain numeric arrays"
        ),
    }
    for member, message in lies.items():
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as written:
            written.writestr("a.npy", member)
        assert refused(tmp_path, archive.getvalue(), "m.npz") == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": "Q4"}, "m.pt: w: elements of type Q4 are not supported"),
        (
            {"shape": [3]},
            "m.pt: w: the tensor does not fit its bytes: the file is damaged or cut short",
        ),
        ({"shape": [-2]}, "m.pt: w: shape and offsets must be whole numbers"),
        (
            {"data_offsets": [0, 999]},
            "m.pt: w: the tensor does not fit its bytes: the file is damaged or cut short",
        ),
        ({"data_offsets": 3}, "m.pt: w: the entry lacks dtype, shape or data_offsets"),
    ],
)
def test_safetensors_that_lie(tmp_path: Path, change: dict, message: str) -> None:
    tensors = {
        "w": ("F32", [2], np.array([1, 2], "<f4")),
        "v": ("F32", [2], np.array([1, 2], "<f4")),
    }
    assert refused(tmp_path, safetensors(tensors, w=change)) == message


def test_safetensors_overlap_and_header(tmp_path: Path) -> None:
    tensors = {
        "w": ("F32", [2], np.array([1, 2], "<f4")),
        "v": ("F32", [2], np.array([1, 2], "<f4")),
    }
    assert (
        refused(tmp_path, safetensors(tensors, v={"data_offsets": [4, 12]}))
        == "m.pt: two tensors overlap"
    )
    assert refused(tmp_path, struct.pack("<Q", 99) + b"{nonsense") == (
        "m.pt: the header is damaged or cut short\n  hint: copy the file again"
    )


def test_is_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(torch_zip(b"N."))
    (tmp_path / "b.txt").write_text("func.func @main() {}")
    assert is_checkpoint(tmp_path / "a.pt")
    assert not is_checkpoint(tmp_path / "b.txt")
    assert not is_checkpoint(tmp_path / "none")


def test_torch_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "m.pt").write_bytes(torch_zip(tensor_program(6, 0, (6,), (1,)), {"0": bytes(24)}))
    code = (
        "import sys; from lgc.checkpoint import read_checkpoint;"
        f"read_checkpoint({str(tmp_path / 'm.pt')!r}); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
