"""Dask and Ray for real: two workers, one of them killed half-way, the same results."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.cli import run_command
from lgc.cluster import cluster_answers
from lgc.data import open_data
from lgc.errors import InputError, UnsupportedError
from lgc.interfaces import Kernel
from tests.backends.test_files import altered
from tests.streams.conftest import samples
from tests.streams.slow import Deadly, ForAnother, Missing, SlowKernel
from tests.support import ROOT

ROWS = 5000


@pytest.fixture(params=["dask", "ray"])
def cluster(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Kind and address."""
    return request.param, request.getfixturevalue(request.param)


def lines(log: Path, what: str) -> list[int]:
    """Processes that wrote this, in order."""
    return [int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith(what)]


def test_a_command_of_its_own(
    cluster: tuple[str, str], model: lgc.Model, kernel_path: Path, tmp_path: Path
) -> None:
    x = samples(ROWS)
    np.save(tmp_path / "x.npy", x)
    name, address = cluster
    command = ["run", str(kernel_path), "x.npy", "--bits", "-o", "bits.npy"]
    command += ["--cluster", name, "--cluster-address", address]
    done = subprocess.run(
        [sys.executable, "-m", "lgc", *command],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ | PATH,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "x.npy: 5,000 samples in 'x.npy'\n"
    assert np.array_equal(np.load(tmp_path / "bits.npy"), model.evaluate(x).bits)


PATH = {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_labels_come_along(
    cluster: tuple[str, str], model: lgc.Model, kernel_path: Path, small_blocks: int,
    tmp_path: Path, monkeypatch, capfd, suffix: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    x = samples(ROWS)
    y = model.evaluate(x).classes
    if suffix == ".npz":
        np.savez("x.npz", x=x, y=y)
        told = "x.npz: 5,000 samples in 'x'\n"
        told += "x.npz cannot be read in parts: one worker does all of it\n"
    else:
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
        columns = {f"f{i}": x[:, i] for i in range(12)} | {"y": y}
        parquet.write_table(pa.table(columns), "x.parquet", row_group_size=300)
        told = "x.parquet: 5,000 samples in '12 columns'\n"
    name, address = cluster
    command = ["run", str(kernel_path), f"x{suffix}", "-o", "classes.npy"]
    assert run_command([*command, "--cluster", name, "--cluster-address", address]) == 0
    assert capfd.readouterr() == ("accuracy 100.0000% (5,000 of 5,000)\n", told)
    assert np.array_equal(np.load("classes.npy"), y)


def test_errors_come_back(
    cluster: tuple[str, str],
    kernel_path: Path,
    small_blocks: int,
    tmp_path: Path,
    monkeypatch,
    capfd,
) -> None:
    monkeypatch.chdir(tmp_path)
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    rows = [*samples(1000).tolist(), None]
    parquet.write_table(pa.table({"x": rows}), "x.parquet", row_group_size=100)
    name, address = cluster
    command = ["run", str(kernel_path), "x.parquet", "-o", "out.npy"]
    assert run_command([*command, "--cluster", name, "--cluster-address", address]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[1:] == [
        f"error: {tmp_path}/x.parquet: row 1,000: column 'x' lacks 1 of 1 values",
        "  hint: a network has no missing values: fill them or drop the rows",
    ]
    assert os.listdir() == ["x.parquet"]


def test_workers_that_are_different(
    cluster: tuple[str, str], kernel: Kernel, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", samples(10))
    source = open_data(tmp_path / "x.npy")
    foreign = altered(kernel.to_bytes(), triple="riscv64-unknown-linux")  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="the kernel was built for riscv64-unknown-linux, this"):
        list(cluster_answers(*cluster, ForAnother(foreign), source, "predict"))  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError) as missing:
        list(cluster_answers(*cluster, Missing(b""), source, "predict"))  # type: ignore[arg-type]
    assert str(missing.value) == (
        "a worker has no module 'nobody_has_this'\n"
        "  hint: workers need the same lgc, with the same extras"
    )
    (tmp_path / "x.npy").unlink()
    with pytest.raises(InputError) as unseen:
        list(cluster_answers(*cluster, kernel, source, "predict"))
    assert str(unseen.value) == (
        f"{tmp_path}/x.npy: a worker does not see this file\n"
        "  hint: put it where all workers can read it, under one path"
    )


def test_a_worker_killed_half_way_loses_nothing(
    cluster: tuple[str, str], kernel: Kernel, small_blocks: int, tmp_path: Path
) -> None:
    x = samples(ROWS)
    np.save(tmp_path / "x.npy", x)
    log = tmp_path / "log"
    source = open_data(tmp_path / "x.npy")
    results = cluster_answers(*cluster, SlowKernel(kernel, log), source, "predict")  # type: ignore[arg-type]
    found = [next(results)]
    workers = set(lines(log, "part"))
    while len(workers) < 2:  # both are at it
        found.append(next(results))
        workers = set(lines(log, "part"))
    victim = lines(log, "part")[-1]
    os.kill(victim, signal.SIGKILL)
    done = len(found)
    found += results
    assert done < len(found)
    assert np.array_equal(np.concatenate([one.values for one in found]), kernel.predict(x))
    # Parts that the dead one had were done again; no process opened the kernel twice.
    assert len(lines(log, "part")) > ROWS // small_blocks
    opened = lines(log, "opened")
    assert len(set(opened)) == len(opened) >= 2
    assert os.getpid() not in opened


def test_workers_that_always_die(
    cluster: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many the part is given up."""
    np.save(tmp_path / "x.npy", samples(10))
    source = open_data(tmp_path / "x.npy")
    if cluster[0] == "dask":
        distributed = pytest.importorskip("distributed", reason="dask is not installed")
        with distributed.Client(cluster[1], set_as_default=False) as client:
            client.run_on_scheduler(give_up_at_once)
    else:
        monkeypatch.setattr("lgc.cluster.ray.RETRIES", 0)
    with pytest.raises(InputError) as caught:
        list(cluster_answers(*cluster, Deadly(b""), source, "predict"))  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"{tmp_path}/x.npy: every worker that was given rows 0 to 9 died\n"
        "  hint: is a worker's memory large enough? its log says why it died"
    )


def give_up_at_once(dask_scheduler) -> None:
    dask_scheduler.allowed_failures = 0


def test_no_cluster(
    kernel_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    pytest.importorskip("distributed", reason="dask is not installed")
    monkeypatch.setattr("lgc.cluster.dask.PATIENCE", "1s")
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", samples(10))
    for flags, message in (
        (["--cluster-address", "a:1"], "--cluster-address: which kind of cluster is missing\n  hint: --cluster dask or ray"),
        (["--cluster", "dask"], "--cluster-address: the address of a Dask scheduler is missing\n  hint: such as tcp://host:8786; or set DASK_SCHEDULER_ADDRESS"),
        (["--cluster", "dask", "--cluster-address", "tcp://127.0.0.1:9"], "tcp://127.0.0.1:9: no Dask cluster answers\n  hint: --cluster-address names one that runs; lgc starts no Dask cluster"),
        (["--cluster", "dask", "--cluster-address", "nonsense://"], "nonsense://: no Dask cluster answers\n  hint: --cluster-address names one that runs; lgc starts no Dask cluster"),
    ):  # fmt: skip
        assert run_command(["-q", "run", str(kernel_path), "x.npy", "-o", "o.npy", *flags]) == 1
        assert capsys.readouterr() == ("", f"error: {message}\n")
        assert os.listdir() == ["x.npy"]


def test_a_dask_without_workers(kernel: Kernel, tmp_path: Path, monkeypatch) -> None:
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    monkeypatch.setattr("lgc.cluster.dask.PATIENCE", "1s")
    np.save(tmp_path / "x.npy", samples(10))
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=None, set_as_default=False
    ) as empty:
        address = empty.scheduler_address
        with pytest.raises(InputError, match=f"^workers of {address}: no Dask cluster answers\n"):
            list(cluster_answers("dask", address, kernel, open_data(tmp_path / "x.npy"), "predict"))


def test_no_ray(kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray", reason="ray is not installed")

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", refuse)
    np.save(tmp_path / "x.npy", samples(10))
    with pytest.raises(InputError) as caught:
        list(cluster_answers("ray", "h:1", kernel, open_data(tmp_path / "x.npy"), "predict"))
    assert str(caught.value) == (
        "h:1: no Ray cluster answers\n"
        "  hint: --cluster-address names one that runs; lgc starts no Ray cluster"
    )


def test_without_the_libraries(kernel: Kernel, tmp_path: Path, monkeypatch) -> None:
    np.save(tmp_path / "x.npy", samples(10))
    source = open_data(tmp_path / "x.npy")
    for name, module in (("dask", "distributed"), ("ray", "ray")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(UnsupportedError) as caught:
            list(cluster_answers(name, "a:1", kernel, source, "predict"))
        assert str(caught.value) == (
            f"{module} is needed for this and is not installed\n  hint: pip install 'lgc[{name}]'"
        )


def test_a_scheduler_that_goes_away(
    kernel: Kernel, dask: str, small_blocks: int, tmp_path: Path
) -> None:
    """What the client makes of it: its futures are cancelled."""
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    np.save(tmp_path / "x.npy", samples(ROWS))
    slow = SlowKernel(kernel, tmp_path / "log")
    results = cluster_answers("dask", dask, slow, open_data(tmp_path / "x.npy"), "predict")  # type: ignore[arg-type]
    next(results)
    for client in [one for one in distributed.Client._instances if one.status == "running"]:
        client.cancel([distributed.Future(key, client) for key in list(client.futures)], force=True)
    with pytest.raises(InputError, match=f"^{dask}: no Dask cluster answers\n"):
        list(results)
