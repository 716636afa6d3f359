"""Objects, libraries, assembly, LLVM text: used from C as a stranger would."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from lgc.backends.llvm import Llvm
from lgc.backends.llvm.native import c_name
from lgc.chain import Sums, build_module, read_chain
from lgc.errors import UnsupportedError
from lgc.inputs import packed
from lgc.netlist import Netlist
from lgc.reference import run
from tests.backends.corpus import batch, model
from tests.support import random_layers

GCC = shutil.which("gcc")
needs_gcc = pytest.mark.skipif(GCC is None, reason="there is no C compiler (gcc)")

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include "HEADER"
int main(void) {
    static TYPE x[ROWS * FEATURES];
    int64_t classes[ROWS];
    int32_t counts[ROWS * CLASSES];
    void *scratch = aligned_alloc(64, (size_t)(NAME_scratch_bytes + 63) / 64 * 64);
    if (fread(x, sizeof x, 1, stdin) != 1 || !scratch) return 1;
    NAME_predict_SOURCE(x, sizeof(TYPE) * FEATURES, ROWS, classes, scratch);
    NAME_counts_SOURCE(x, sizeof(TYPE) * FEATURES, ROWS, counts, scratch);
    for (int i = 0; i < ROWS; i++) printf("%lld ", (long long)classes[i]);
    printf("\n");
    for (int i = 0; i < ROWS * CLASSES; i++) printf("%d ", (int)counts[i]);
    free(scratch);
    return 0;
}
"""


def c_program(folder: Path, source: str, rows: int) -> str:
    values = {
        "HEADER": "net.h", "TYPE": {"u8": "uint8_t", "f32": "float"}[source], "ROWS": rows,
        "FEATURES": 65, "CLASSES": 4, "NAME": "net", "SOURCE": source,
    }  # fmt: skip
    text = PROGRAM
    for name, value in values.items():
        text = text.replace(name, str(value))
    file = folder / "main.c"
    file.write_text(text)
    return str(file)


def gcc(*arguments: object) -> None:
    assert GCC is not None
    done = subprocess.run([GCC, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@needs_gcc
@pytest.mark.parametrize("suffix", [".o", ".s"])
@pytest.mark.parametrize("source", ["u8", "f32"])
def test_a_c_program_gets_the_same_answers(tmp_path: Path, suffix: str, source: str) -> None:
    Llvm().write(model("65 features"), tmp_path / "net.o", {})
    Llvm().write(model("65 features"), tmp_path / f"net{suffix}", {})
    x = batch(65, 130).astype(np.uint8 if source == "u8" else np.float32)
    main = c_program(tmp_path, source, len(x))
    gcc(
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        main,
        tmp_path / f"net{suffix}",
        "-o",
        tmp_path / "main",
    )
    done = subprocess.run([tmp_path / "main"], input=x.tobytes(), capture_output=True, check=True)
    classes, counts = (np.array(line.split(), int) for line in done.stdout.splitlines())
    expected = run(model("65 features"), x)
    assert np.array_equal(classes, expected.classes)
    assert np.array_equal(counts.reshape(-1, 4), expected.counts)


@needs_gcc
def test_the_header_is_c99_and_cpp(tmp_path: Path) -> None:
    for name in ("65 features", "no sums"):
        Llvm().write(model(name), tmp_path / "net.o", {})
        for language, standard in (("c", "c99"), ("c++", "c++11")):
            gcc(
                "-x",
                language,
                f"-std={standard}",
                "-Wall",
                "-Werror",
                "-fsyntax-only",
                tmp_path / "net.h",
            )


@needs_gcc
def test_two_models_in_one_program(tmp_path: Path) -> None:
    for name, file in (("65 features", "one.o"), ("64 features", "two.o")):
        Llvm().write(model(name), tmp_path / file, {})
    (tmp_path / "main.c").write_text(
        '#include "one.h"\n#include "two.h"\n'
        "int main(void) { return !(one_scratch_bytes > 0 && two_scratch_bytes > 0"
        " && one_predict_u8 != two_predict_u8); }\n"
    )
    gcc(
        "-Werror",
        tmp_path / "main.c",
        tmp_path / "one.o",
        tmp_path / "two.o",
        "-o",
        tmp_path / "main",
    )
    subprocess.run([tmp_path / "main"], check=True)


def library(path: Path, name: str) -> ctypes.CDLL:
    Llvm().write(model(name), path, {})
    return ctypes.CDLL(str(path))


def call(function: object, x: np.ndarray, out: np.ndarray, scratch_bytes: int) -> None:
    """Call with a scratch area and results between canaries."""
    function.argtypes = [  # type: ignore[attr-defined]
        ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    function.restype = None  # type: ignore[attr-defined]
    guard = 4096
    scratch = np.full(scratch_bytes + 64 + 2 * guard, 0xA5, np.uint8)
    start = -(-(scratch.ctypes.data + guard) // 64) * 64
    results = np.full(out.nbytes + 2 * guard, 0x5A, np.uint8)
    function(x.ctypes.data, x.strides[0], len(x), results.ctypes.data + guard, start)  # type: ignore[operator]
    assert (results[:guard] == 0x5A).all()
    assert (results[guard + out.nbytes :] == 0x5A).all()
    first = start - scratch.ctypes.data
    assert (scratch[:first] == 0xA5).all()
    assert (scratch[first + scratch_bytes :] == 0xA5).all()
    out[:] = results[guard : guard + out.nbytes].view(out.dtype).reshape(out.shape)


@needs_gcc
@pytest.mark.parametrize("rows", [0, 1, 3, 7, 15, 16, 31, 32, 33, 63, 64, 65, 511, 512, 513])
def test_small_batches_touch_nothing_beyond_their_ends(tmp_path: Path, rows: int) -> None:
    """difflogic 0.1.0 reads and writes out of bounds below half a word of rows."""
    module = build_module(8, random_layers([8, 8], 8, 0), Sums(2))
    Llvm().write(module, tmp_path / "net.so", {})
    loaded = ctypes.CDLL(str(tmp_path / "net.so"))
    scratch_bytes = ctypes.c_int64.in_dll(loaded, "net_scratch_bytes").value
    x = batch(8, rows)
    expected = run(module, x)
    classes, counts = np.empty(rows, np.int64), np.empty((rows, 2), np.int32)
    call(loaded.net_predict_u8, x, classes, scratch_bytes)
    call(loaded.net_counts_f32, x.astype(np.float32), counts, scratch_bytes)
    assert np.array_equal(classes, expected.classes)
    assert np.array_equal(counts, expected.counts)
    bits = packed(x > 0)
    call(loaded.net_predict_bits, bits.data, classes, scratch_bytes)
    assert np.array_equal(classes, expected.classes)


@pytest.mark.parametrize("gate", range(16))
def test_one_layer_nets_compile(gate: int) -> None:
    """difflogic 0.1.0 names undeclared variables when there is only one layer."""
    net = Netlist(4, [gate] * 4, [[0, 1], [1, 2], [2, 3], [3, 0]], [4, 5, 6, 7])
    module = build_module(4, [net], Sums(2))
    x = np.array([[s >> i & 1 for i in range(4)] for s in range(16)], np.uint8)
    kernel = Llvm().kernel(module)
    assert np.array_equal(kernel.counts(x), run(module, x).counts)


@needs_gcc
def test_a_bits_model_as_library(tmp_path: Path) -> None:
    loaded = library(tmp_path / "net.so", "no sums")
    scratch_bytes = ctypes.c_int64.in_dll(loaded, "net_scratch_bytes").value
    x = batch(11, 100)
    words = np.empty((100, 2), np.uint64)
    call(loaded.net_bits_u8, x, words, scratch_bytes)
    bits = np.unpackbits(words.view(np.uint8), axis=1, count=70, bitorder="little")
    assert np.array_equal(bits, run(model("no sums"), x).bits)


def test_llvm_text_parses_again(tmp_path: Path) -> None:
    assert Llvm().write(model("fused"), tmp_path / "net.ll", {}) == [tmp_path / "net.ll"]
    module = llvm.parse_assembly((tmp_path / "net.ll").read_text())
    module.verify()
    assert "define void @net_predict_u8" in (tmp_path / "net.ll").read_text()


def test_other_machines(tmp_path: Path) -> None:
    for suffix, sign in ((".s", ".text"), (".o", "")):
        Llvm().write(model("fused"), tmp_path / f"arm{suffix}", {"cpu": "aarch64"})
        made = (tmp_path / f"arm{suffix}").read_bytes()
        assert sign.encode() in made
        assert suffix == ".s" or made[18:20] == b"\xb7\x00"  # ELF machine: AArch64
    with pytest.raises(UnsupportedError) as caught:
        Llvm().write(model("fused"), tmp_path / "arm.so", {"cpu": "aarch64"})
    assert str(caught.value) == (
        "arm.so: the linker here makes libraries for x86_64, not for aarch64\n"
        "  hint: write a .o instead and link it there"
    )


def test_no_linker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnsupportedError) as caught:
        Llvm().write(model("one gate"), tmp_path / "net.so", {})
    assert str(caught.value) == (
        "net.so: a shared library needs a C linker, and there is none (cc, gcc, clang)\n"
        "  hint: write a .o instead, or install one"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_failing_linker_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "cc").write_text("#!/bin/sh\necho no disk >&2\nexit 1\n")
    (tools / "cc").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/bin:/usr/bin")
    with pytest.raises(UnsupportedError) as caught:
        Llvm().write(model("one gate"), tmp_path / "net.so", {})
    assert str(caught.value) == "net.so: the linker failed: no disk"
    assert [file.name for file in tmp_path.iterdir()] == ["tools"]


@pytest.mark.parametrize(
    ("file", "name"),
    [("net.o", "net"), ("my-net v2.so", "my_net_v2"), ("4x2000.o", "model_4x2000")],
)
def test_names_in_c(file: str, name: str) -> None:
    assert c_name(Path(file)) == name


def test_headers_tell_the_origin(tmp_path: Path) -> None:
    module = build_module(8, random_layers([8], 8, 0), Sums(2), provenance={"source": "evil.pt */"})
    Llvm().write(module, tmp_path / "net.o", {})
    text = (tmp_path / "net.h").read_text()
    assert " * source: evil.pt * /" in text
    assert text.count("*/") == text.count("/*")
    assert read_chain(module).features == 8
