"""Code generation in several processes: the same bytes, whatever happens to them."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lgc.backends.llvm import workers
from lgc.backends.llvm.machine import machine
from tests.support import ROOT

TEXTS = [
    f"define i64 @f{i}(i64 %a, i64 %b) {{\n %c = add i64 %a, {i}\n %d = xor i64 %c, %b\n ret i64 %d\n}}"
    for i in range(12)
]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What one process makes."""
    monkeypatch.setenv("LGC_THREADS", "1")
    made = workers.emit(TEXTS, machine(), 1)
    monkeypatch.setenv("LGC_THREADS", "3")
    return made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started; this one makes nothing before they have had their turn."""
    processes: list[subprocess.Popen[bytes]] = []
    own = subprocess.Popen
    turn = threading.Semaphore(0)

    def popen(*arguments, **options):  # type: ignore[no-untyped-def]
        processes.append(own(*arguments, **options))
        return processes[-1]

    delegate, run = workers._Work.delegate, workers._Work.run

    def finished(work: workers._Work) -> None:
        delegate(work)
        turn.release()

    def wait(work: workers._Work, progress: object) -> list[bytes]:
        for _ in range(2):
            assert turn.acquire(timeout=60)
        return run(work, None)

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(workers._Work, "delegate", finished)
    monkeypatch.setattr(workers._Work, "run", wait)
    return processes


def replaced(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    (folder / "worker.py").write_text(code)
    monkeypatch.setattr(workers, "_WORKER", folder / "worker.py")


def test_processes_make_everything(
    alone: list[bytes], started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*arguments: object) -> None:
        raise AssertionError("this process was not to make anything")

    monkeypatch.setattr(workers.llvm, "parse_assembly", nothing)
    assert workers.emit(TEXTS, machine(), 1) == alone
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


HELLO = (
    "import json, sys\n"
    "wanted = json.loads(sys.stdin.buffer.readline()); sys.path.append(wanted['path'])\n"
    "import llvmlite.binding as llvm\n"
)
VERSION = "print(json.dumps(llvm.llvm_version_info), flush=True)\n"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "print('hello')",
        "print('[1, 2, 3]')",  # another LLVM
        HELLO + VERSION,  # ends with the first piece in its hands
        HELLO + VERSION + "sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'half')",
    ],
)
def test_processes_that_end_early(
    tmp_path: Path,
    alone: list[bytes],
    started: list[subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    replaced(tmp_path, monkeypatch, code)
    assert workers.emit(TEXTS, machine(), 1) == alone
    assert len(started) == 2


def test_an_interpreter_that_cannot_be_started(
    alone: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert workers.emit(TEXTS, machine(), 1) == alone


@pytest.mark.parametrize(("name", "value"), [("executable", ""), ("frozen", True)])
def test_no_interpreter_to_start(
    alone: list[bytes], monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    def popen(*arguments: object, **options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(sys, name, value, raising=False)
    assert workers.emit(TEXTS, machine(), 1) == alone
    assert workers.emit(TEXTS[:3], machine(), 1) == alone[:3]  # too few to pay


def test_a_text_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours: raised here, wherever the piece went; no process stays behind."""
    monkeypatch.setenv("LGC_THREADS", "3")
    with pytest.raises(RuntimeError, match="LLVM IR parsing error"):
        workers.emit([*TEXTS, "define nonsense"], machine(), 1)
    assert not [one for one in threading.enumerate() if "delegate" in one.name]


def test_progress_counts_all(alone: list[bytes]) -> None:
    told: list[tuple[int, int]] = []
    assert workers.emit(TEXTS, machine(), 1, lambda *numbers: told.append(numbers)) == alone
    assert told[-1] == (12, 12)
    assert told == sorted(told)


def test_a_program_that_cannot_be_imported() -> None:
    """Read from standard input, and inside a daemonic process, which may have no children."""
    code = (
        "import multiprocessing, os\n"
        "os.environ['LGC_THREADS'] = '3'\n"
        "from lgc.backends.llvm import workers\n"
        "from lgc.backends.llvm.machine import machine\n"
        "from tests.backends.test_workers import TEXTS\n"
        "def work():\n"
        "    print(len(workers.emit(TEXTS, machine(), 1)), flush=True)\n"
        "work()\n"
        "one = multiprocessing.get_context('fork').Process(target=work, daemon=True)\n"
        "one.start(); one.join(60)\n"
    )
    done = subprocess.run(
        [sys.executable, "-"], input=code, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "12\n12\n"


def test_threads_that_cannot_be_started(
    alone: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert workers.emit(TEXTS, machine(), 1) == alone
