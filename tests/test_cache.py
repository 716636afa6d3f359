"""Compiled code on disk: used again where it fits, and never the reason that something fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lgc import cache
from lgc.backends.llvm import Llvm, codegen
from lgc.backends.llvm.artefact import Artefact, read_artefact
from lgc.backends.llvm.kernel import build_artefact, kernel_from_bytes
from lgc.backends.llvm.machine import machine
from lgc.cli.cache import cache_command
from lgc.errors import UsageError
from lgc.reference import run
from tests.backends.corpus import batch, model
from tests.support import ROOT

NAME = "gates of three fan-ins"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own."""
    monkeypatch.setenv("LGC_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.delenv("LGC_CACHE_SIZE", raising=False)
    return tmp_path / "kept"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def key(number: int) -> str:
    return cache.key(str(number))


class Compilations:
    """How often code was generated for a model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import importlib

        self.count = 0
        module = importlib.import_module("lgc.backends.llvm.kernel")
        plain = module.program_blobs

        def counted(*arguments: object, **options: object) -> Artefact:
            self.count += 1
            return plain(*arguments, **options)

        monkeypatch.setattr(module, "program_blobs", counted)


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> Compilations:
    return Compilations(monkeypatch)


def right(data: bytes) -> bool:
    x = batch(7, 100)
    return np.array_equal(kernel_from_bytes(data).counts(x), run(model(NAME), x).counts)


def test_what_is_kept_comes_back(folder: Path) -> None:
    assert cache.fetch(key(1)) is None
    cache.keep(key(1), b"code")
    assert cache.fetch(key(1)) == b"code"
    assert cache.fetch(key(2)) is None
    cache.keep(key(1), b"")
    assert cache.fetch(key(1)) == b""
    assert names(folder) == {key(1)}
    assert folder.stat().st_mode & 0o077 == 0  # nobody else puts code there


def test_keys_keep_their_parts_apart() -> None:
    assert cache.key("ab", "c") != cache.key("a", "bc")
    assert cache.key("ab") == cache.key(b"ab")
    assert len(cache.key()) == 40


def test_the_second_time_nothing_is_compiled(compilations: Compilations) -> None:
    seen: list[tuple[int, int]] = []
    first = build_artefact(model(NAME), machine())
    again = build_artefact(
        model(NAME), machine(), progress=lambda done, total: seen.append((done, total))
    )
    assert compilations.count == 1
    assert seen == [(1, 1)]
    assert again.to_bytes() == first.to_bytes()
    assert right(again.to_bytes())


@pytest.mark.parametrize("engine", ["table", "straight"])
@pytest.mark.parametrize("hurry", [False, True])
@pytest.mark.parametrize("cpu", ["x86-64", "native"])
def test_each_way_has_its_own_entry(
    compilations: Compilations, engine: str, hurry: bool, cpu: str
) -> None:
    build_artefact(model(NAME), machine("x86-64-v2"), "table", False)
    made = build_artefact(model(NAME), machine(cpu), engine, hurry)  # type: ignore[arg-type]
    assert compilations.count == 2
    assert (made.facts["engine"], made.facts["machine"]["name"]) == (engine, cpu)
    build_artefact(model("one gate"), machine(cpu), engine, hurry)  # type: ignore[arg-type]
    assert compilations.count == 3


def test_entries_of_another_source_are_not_used(
    compilations: Compilations, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_artefact(model(NAME), machine())
    monkeypatch.setattr(sys.modules[build_artefact.__module__], "generator", lambda: "another")
    build_artefact(model(NAME), machine())
    assert compilations.count == 2


@pytest.mark.parametrize(
    "file", ["backends/llvm/order.py", "lgc/surgery.py", "lgc/dialect/gates.py"]
)
def test_the_source_is_all_that_code_depends_on(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    before = codegen.generator.__wrapped__()
    plain = Path.read_bytes

    def edited(path: Path) -> bytes:
        return plain(path) + (b" " if path == ROOT / file else b"")

    monkeypatch.setattr(Path, "read_bytes", edited)
    assert codegen.generator.__wrapped__() != before


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "renamed"])
def test_a_damaged_entry_is_made_again(
    folder: Path, compilations: Compilations, damage: str
) -> None:
    codegen.runtime_object.cache_clear()
    build_artefact(model(NAME), machine())
    whole = {name: (folder / name).read_bytes() for name in names(folder)}
    assert len(whole) == 2  # the kernel, and the runtime
    for name, data in whole.items():
        spoilt = {
            "cut": data[:-1],
            "changed": data[:100] + bytes([data[100] ^ 1]) + data[101:],
            "emptied": b"",
            "renamed": next(other for place, other in whole.items() if place != name),
        }
        (folder / name).write_bytes(spoilt[damage])
    codegen.runtime_object.cache_clear()
    assert right(build_artefact(model(NAME), machine()).to_bytes())
    assert compilations.count == 2
    assert {name: (folder / name).read_bytes() for name in names(folder)} == whole


@pytest.mark.parametrize("kind", ["no kernel", "another machine", "an impossible fact"])
def test_an_entry_that_is_whole_and_wrong_is_made_again(
    folder: Path, compilations: Compilations, kind: str
) -> None:
    made = build_artefact(model(NAME), machine())
    (entry,) = (name for name in names(folder) if cache.fetch(name) == made.to_bytes())
    foreign = build_artefact(model(NAME), machine("x86-64"), "table")
    wrong = {
        "no kernel": b"hello",
        "another machine": foreign.to_bytes(),
        "an impossible fact": Artefact({**made.facts, "outputs": -1}, made.blobs).to_bytes(),
    }
    cache.keep(entry, wrong[kind])
    assert cache.fetch(entry) == wrong[kind]
    again = build_artefact(model(NAME), machine())
    assert compilations.count == 3
    assert again.to_bytes() == made.to_bytes() == cache.fetch(entry)


def as_nobody() -> bool:
    """Whether file permissions hold for this process; they do not for root."""
    return os.geteuid() != 0


@pytest.mark.parametrize(
    "obstacle", ["a file", "below a file", "no permission", "a read-only folder"]
)
def test_a_folder_that_cannot_be_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    if obstacle == "a file":
        folder.write_text("mine")
    elif obstacle == "below a file":
        (tmp_path / "file").write_text("mine")
        monkeypatch.setenv("LGC_CACHE_DIR", str(tmp_path / "file" / "kept"))
    else:
        folder.mkdir()
        (folder / key(1)).write_bytes(b"damaged")
        folder.chmod(0o000 if obstacle == "no permission" else 0o500)
        if not as_nobody():
            refuse_writing(monkeypatch, folder)
    try:
        assert cache.fetch(key(1)) is None
        cache.keep(key(2), b"code")
        assert cache.fetch(key(2)) is None
        assert right(build_artefact(model(NAME), machine()).to_bytes())
        cache.clear()
    finally:
        if folder.is_dir():
            folder.chmod(0o700)
            assert names(folder) == {key(1)}
        elif folder.exists():
            assert folder.read_text() == "mine"


def refuse_writing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """What the system says to users other than root."""
    import tempfile

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    monkeypatch.setattr(Path, "unlink", refused)
    monkeypatch.setattr(os, "utime", refused)


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[:3])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        cache.keep(key(1), b"code")
    assert names(folder) == set()
    assert cache.fetch(key(1)) is None


def age(folder: Path, name: str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(folder / name, (then, then))


def test_what_was_used_longest_ago_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGC_CACHE_SIZE", "4K")
    for number in range(4):
        cache.keep(key(number), bytes(1000))
        age(folder, key(number), 100 - number)
    assert cache.fetch(key(0)) == bytes(1000)  # used again: now number 1 is the oldest
    cache.keep(key(4), bytes(1000))
    assert names(folder) == {key(number) for number in (0, 2, 3, 4)}
    assert next(iter(cache.entries())).path.name == key(2)
    cache.keep(key(5), bytes(3500))  # as many as it takes
    assert names(folder) == {key(5)}


@pytest.mark.parametrize(("size", "kept"), [(4080, True), (4081, False), (9000, False)])
def test_what_is_larger_than_the_limit_drives_nothing_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: int, kept: bool
) -> None:
    monkeypatch.setenv("LGC_CACHE_SIZE", "4096")
    cache.keep(key(1), b"small")
    cache.keep(key(2), bytes(size))  # and 16 bytes of digest
    assert names(folder) == ({key(2)} if kept else {key(1)})


@pytest.mark.parametrize("size", ["0", "0K", "0GB"])
def test_a_size_of_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, compilations: Compilations, size: str
) -> None:
    cache.keep(key(1), b"code")
    monkeypatch.setenv("LGC_CACHE_SIZE", size)
    assert cache.fetch(key(1)) is None
    cache.keep(key(2), b"")
    for _ in range(2):
        assert right(build_artefact(model(NAME), machine()).to_bytes())
    assert compilations.count == 2
    assert names(folder) == {key(1)}


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ("", 1 << 30),
        ("1G", 1 << 30),
        ("512M", 512 << 20),
        ("3k", 3072),
        ("7 ", 7),
        ("2GB", 2 << 30),
    ],
)
def test_sizes(monkeypatch: pytest.MonkeyPatch, told: str, size: int) -> None:
    monkeypatch.setenv("LGC_CACHE_SIZE", told)
    assert cache.limit() == size


@pytest.mark.parametrize("told", ["lots", "-1", "1.5G", "G", "B", "1T", "1 G"])
def test_sizes_that_are_none(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("LGC_CACHE_SIZE", told)
    for ask in (cache.limit, lambda: build_artefact(model(NAME), machine())):
        with pytest.raises(UsageError) as caught:
            ask()
        assert str(caught.value) == (
            f"LGC_CACHE_SIZE: {told!r} is no size\n  hint: such as 512M or 2G"
        )


def test_files_of_others_are_left_alone(folder: Path) -> None:
    folder.mkdir()
    mine = ["notes.txt", "a" * 39, "g" * 40, "A" * 40, ".hidden", f".{'a' * 40}-own-file"]
    for name in mine:
        (folder / name).write_text("mine")
    (folder / ("f" * 40)).mkdir()
    cache.keep(key(1), b"code")
    assert [entry.path.name for entry in cache.entries()] == [key(1)]
    assert cache.clear() == 1
    assert names(folder) == {*mine, "f" * 40}


def test_what_a_killed_process_left_goes_too(folder: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", f"""
import os, pathlib
from lgc import cache
def killed(path, data):
    os._exit(9)
pathlib.Path.write_bytes = killed
cache.keep({key(1)!r}, b"code")
"""],
        cwd=ROOT, check=False,
    )  # fmt: skip
    assert child.returncode == 9
    assert len(names(folder)) == 1
    assert cache.fetch(key(1)) is None
    assert cache.clear() == 1
    assert names(folder) == set()


def test_two_processes_keep_the_same_entries(folder: Path) -> None:
    """And read them, and drive each other's out, all at once."""
    code = """
import sys
from lgc import cache
for turn in range(150):
    for number in range(5):
        name = cache.key(str(number))
        cache.keep(name, bytes([number]) * 20_000)
        found = cache.fetch(name)
        assert found in (None, bytes([number]) * 20_000), found
        if turn % 50 == 49 and number == 2:
            cache.clear()
"""
    environment = {**os.environ, "LGC_CACHE_SIZE": "70K"}
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.communicate(timeout=60)[1] == b""
        assert child.returncode == 0
    assert sum((folder / name).stat().st_size for name in names(folder)) <= 70 * 1024


def test_two_processes_compile_the_same_model() -> None:
    code = f"""
import hashlib
from tests.backends.corpus import model
from lgc.backends.llvm.kernel import build_artefact
from lgc.backends.llvm.machine import machine
print(hashlib.sha256(build_artefact(model({NAME!r}), machine()).to_bytes()).hexdigest())
"""
    children = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    digests = [child.communicate(timeout=60)[0] for child in children]
    import hashlib

    made = build_artefact(model(NAME), machine()).to_bytes()
    assert digests == [hashlib.sha256(made).hexdigest() + "\n"] * 2


def test_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*arguments: str) -> str:
        done = CliRunner().invoke(cache_command, arguments)
        assert done.exit_code == 0, done.output
        return done.output

    assert said() == f"folder   {folder}\nentries  0\nbytes    0 of 1,073,741,824\n"
    cache.keep(key(1), bytes(2000))
    cache.keep(key(2), bytes(100))
    monkeypatch.setenv("LGC_CACHE_SIZE", "1M")
    assert said() == f"folder   {folder}\nentries  2\nbytes    2,132 of 1,048,576\n"
    assert said("--clear") == f"2 entries removed from {folder}\n"
    assert said("--clear") == f"0 entries removed from {folder}\n"
    assert names(folder) == set()


def test_without_a_setting_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    monkeypatch.setenv("LGC_CACHE_DIR", "")
    assert cache.folder() == platformdirs.user_cache_path("lgc", appauthor=False)


def test_bits_compiled_later_do_not_change_what_is_kept(folder: Path) -> None:
    kernel = Llvm().kernel(model(NAME))
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    kernel.bits(batch(7, 3))
    assert read_artefact(kernel.to_bytes(), "k").blobs.keys() >= {"bits.0", "scores.0"}
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before
