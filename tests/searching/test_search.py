"""The loop of a search, its study on disk and where trials run, with a formula for a trainer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lgc.errors import InputError, UsageError
from lgc.searching.engines import Engine, Here, check_cluster, remote
from lgc.searching.processes import Processes
from lgc.searching.search import Searched, search
from lgc.searching.settings import Settings, resumed
from lgc.searching.study import opened, stored_settings
from lgc.training.recipe import Recipe
from tests.searching.work import Deadly, Failing, Formula, Interrupted, Sometimes
from tests.support import ROOT

pytest.importorskip("optuna", reason="optuna is not installed")

SETTINGS = Settings(
    "digits", "0" * 32, 64, 10, "accuracy,lut6", {"width": "50:2000"}, Recipe(epochs=8, seed=3)
)
FIGURES = ("number", "state", "choice", "curve", "values")


def run(
    work: object, file: Path | None, trials: int, settings: Settings = SETTINGS, *,
    resume: bool = False, engine: Engine | None = None,
) -> Searched:  # fmt: skip
    with opened(file, settings, resume=resume) as study:
        study.recover()
        return search(study, engine or Here(work), trials=trials)  # type: ignore[arg-type]


def figures(searched: Searched) -> list[tuple[object, ...]]:
    """All that a seed determines."""
    return [tuple(one.describe()[name] for name in FIGURES) for one in searched.records]


def test_finds_a_front_and_the_same_again() -> None:
    first = run(Formula(), None, 30)
    assert [one.number for one in first.records] == list(range(30))
    assert not first.interrupted
    assert len(first.front) >= 3
    accuracies = [one.outcome.values["accuracy"] for one in first.front]
    sizes = [one.outcome.values["lut6"] for one in first.front]
    assert accuracies == sorted(accuracies, reverse=True)
    assert sizes == sorted(sizes, reverse=True)
    assert figures(run(Formula(), None, 30)) == figures(first)
    other = replace(SETTINGS, base=replace(SETTINGS.base, seed=4))
    assert figures(run(Formula(), None, 5, other)) != figures(first)[:5]


def hypervolume(searched: Searched) -> float:
    """What a front dominates, up to 2,000 LUTs and down to no accuracy."""
    area, edge = 0.0, 2000.0
    for one in searched.front:  # from the dearest on
        size = min(one.outcome.values["lut6"], edge)
        area += (edge - size) * one.outcome.values["accuracy"]
        edge = size
    return area


def test_choosing_beats_chance() -> None:
    """Over several seeds, with as many trials each."""
    areas = {
        sampler: sum(
            hypervolume(
                run(
                    Formula(), None, 40,
                    replace(SETTINGS, sampler=sampler, base=replace(SETTINGS.base, seed=seed)),
                )
            )
            for seed in range(4)
        )
        for sampler in ("tpe", "nsga2", "random")
    }  # fmt: skip
    assert areas["tpe"] > areas["random"]


def test_a_floor_is_searched_above() -> None:
    settings = replace(SETTINGS, floor=0.6)
    found = run(Formula(), None, 30, settings)
    assert min(one.outcome.values["accuracy"] for one in found.front) >= 0.6
    above = [
        [one.outcome.values.get("accuracy", 0.0) >= 0.6 for one in each.records[10:]].count(True)
        for each in (found, run(Formula(), None, 30))
    ]
    assert above[0] > above[1]


def test_a_study_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    for sampler in ("tpe", "nsga2"):
        settings = replace(SETTINGS, sampler=sampler)  # type: ignore[arg-type]
        whole = run(Formula(), tmp_path / f"{sampler}1", 24, settings)
        file = tmp_path / f"{sampler}2"
        early = run(Interrupted(), file, 24, settings)
        assert early.interrupted
        assert len(early.records) == 5
        later = run(Formula(), file, 24, stored_settings(file), resume=True)
        assert figures(later) == figures(whole)
        assert figures(run(Formula(), file, 24, settings, resume=True)) == figures(whole)


def test_a_killed_search_is_resumed(tmp_path: Path) -> None:
    """SIGKILL in the middle of a trial, and half a line at the end of the file."""
    file, log = tmp_path / "study", tmp_path / "log"
    code = (
        "from pathlib import Path\n"
        "from tests.searching.test_search import run, Formula\n"
        f"run(Formula(Path({str(log)!r}), 0.02), Path({str(file)!r}), 20)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    deadline = time.monotonic() + 60
    while not log.exists() or log.read_text().count("\n") < 4:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    with file.open("ab") as half:
        half.write(b'{"op_code": 8, "wor')
    found = run(Formula(), file, 20, stored_settings(file), resume=True)
    assert figures(found) == figures(run(Formula(), None, 20))


def test_no_two_searches_at_once(tmp_path: Path) -> None:
    file = tmp_path / "study"
    with opened(file, SETTINGS, resume=False), pytest.raises(InputError) as caught:
        run(Formula(), file, 1, resume=True)
    assert str(caught.value) == (
        f"{file}: another search is at work on this study\n"
        "  hint: wait for it, or give this one a file of its own with --study"
    )


def test_files_that_are_no_studies(tmp_path: Path) -> None:
    file = tmp_path / "study"
    with pytest.raises(UsageError) as missing:
        run(Formula(), file, 1, resume=True)
    assert str(missing.value) == (
        f"{file}: there is no search to go on with\n  hint: leave --resume out to begin one"
    )
    for text in ("notes of mine", '{"a": 1}\n', "[]\n"):
        file.write_text(text)
        with pytest.raises(InputError) as caught:
            run(Formula(), file, 1, resume=True)
        assert str(caught.value) == (
            f"{file}: this is no study of lgc search\n  hint: it is study.journal in its folder"
        )
        assert file.read_text() == text
    with pytest.raises(UsageError) as there:
        run(Formula(), file, 1)
    assert str(there.value) == (
        f"{file}: there is a search here already\n"
        "  hint: --resume goes on with it; --study or another folder begins a new one"
    )


def test_what_may_change_when_a_search_goes_on() -> None:
    now = replace(SETTINGS, space={"width": "5:9"}, base=replace(SETTINGS.base, epochs=9))
    assert resumed(SETTINGS, now, ()) == SETTINGS
    with pytest.raises(UsageError) as caught:
        resumed(SETTINGS, now, ("epochs",))
    assert str(caught.value) == (
        "--epochs: this search began with 8, not 9\n"
        "  hint: leave the option out, or begin a new search"
    )
    with pytest.raises(UsageError, match="^--width: this search began with 50:2000, not 5:9\n"):
        resumed(SETTINGS, now, ("width",))
    with pytest.raises(UsageError) as other:
        resumed(SETTINGS, replace(SETTINGS, fingerprint="1" * 32), ())
    assert str(other.value) == (
        "--resume: the training rows of digits are not those that this search began with\n"
        "  hint: results on other data cannot be compared: begin a new search"
    )
    old = SETTINGS.to_json().replace('"prune"', '"plum"')
    with pytest.raises(UsageError, match="^--resume: another version of lgc began this search$"):
        Settings.from_json(old)


def test_failures_do_not_end_a_search_that_succeeds_too(tmp_path: Path) -> None:
    file = tmp_path / "study"
    found = run(Sometimes(), file, 10)
    assert [one.state for one in found.records] == ["complete", "failed"] * 5
    assert found.records[1].outcome.reason == "ValueError: odd"
    again = run(Sometimes(), file, 10, resume=True)
    assert figures(again) == figures(found)
    with pytest.raises(InputError) as caught:
        run(Failing(), None, 10)
    assert str(caught.value) == (
        "trial 3: the first 4 trials all failed; the last: here: nothing suits\n"
        "  hint: narrow the space to what this data and these layers allow"
    )


def test_processes_share_the_work(tmp_path: Path) -> None:
    log, told = tmp_path / "log", []
    work = Formula(log, 0.01)
    engine = Processes(work, 2, 3, lambda epoch, hard: told.append((epoch, hard)))
    found = run(work, None, 12, engine=engine)
    assert [one.number for one in found.records] == list(range(12))
    assert all(one.state in ("complete", "pruned") for one in found.records)
    lines = [line.split() for line in log.read_text().splitlines()]
    workers = {pid for _, _, pid, _ in lines}
    assert len(workers) == 2
    assert str(os.getpid()) not in workers
    assert {threads for *_, threads in lines} == {"3"}
    assert len(told) == sum(len(one.outcome.curve) for one in found.records)


def test_a_process_that_dies_takes_one_trial_with_it() -> None:
    work = Deadly()
    found = run(work, None, 6, engine=Processes(work, 2))
    assert [one.state == "failed" for one in found.records] == [False, True] + [False] * 4
    assert found.records[1].outcome.reason == "its process ended: exit code 9"


def test_workers_leave_with_a_search_that_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "from pathlib import Path\n"
        "from tests.searching.test_search import run, Formula, Processes\n"
        f"work = Formula(Path({str(log)!r}), 5.0)\n"
        "run(work, None, 20, engine=Processes(work, 2))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    deadline = time.monotonic() + 60
    while not log.exists() or log.read_text().count("\n") < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    for pid in {int(line.split()[2]) for line in log.read_text().splitlines()}:
        while Path(f"/proc/{pid}").exists() and "zombie" not in state(pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def state(pid: int) -> str:
    """Of a process, or nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "zombie"


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_workers_of_a_cluster(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address, log = request.getfixturevalue(name), tmp_path / "log"
    work = Formula(log, 0.02)
    with remote(f"{name}:{address}", work) as engine:
        assert engine.slots == 2
        found = run(work, tmp_path / "study", 12, engine=engine)
    assert [one.number for one in found.records] == list(range(12))
    assert len(found.front) >= 2
    workers = {line.split()[2] for line in log.read_text().splitlines()}
    assert len(workers) == 2
    assert str(os.getpid()) not in workers
    with remote(f"{name}:{address}", Sometimes()) as engine:
        found = run(work, None, 4, engine=engine)
    assert [one.state == "failed" for one in found.records] == [False, True] * 2


def test_a_cluster_worker_that_dies(dask: str) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    work = Deadly()
    with distributed.Client(dask, set_as_default=False) as client:
        before = client.run_on_scheduler(give_up_after, allowed=0)
        try:
            with remote(f"dask:{dask}", work) as engine:
                found = run(work, None, 5, engine=engine)
        finally:
            client.run_on_scheduler(give_up_after, allowed=before)
    assert found.records[1].outcome.reason == (
        "every worker that was given trial 1 died\n"
        "  hint: is a worker's memory large enough? its log says why it died"
    )
    assert [one.state for one in found.records[2:]] == ["complete"] * 3


def give_up_after(dask_scheduler, allowed: int) -> int:
    before, dask_scheduler.allowed_failures = dask_scheduler.allowed_failures, allowed
    return before


def test_no_such_cluster() -> None:
    with pytest.raises(UsageError) as caught:
        check_cluster("spark:a:1")
    assert str(caught.value) == (
        "--cluster: 'spark' is no kind of cluster\n"
        "  hint: ray, ray:head:6379, dask or dask:tcp://scheduler:8786"
    )
