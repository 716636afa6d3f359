"""Test-wide settings."""

import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("lgc", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("lgc")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing compiled by an earlier run is used, and the user's cache stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LGC_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def own_ray() -> Iterator[None]:
    """A Ray that a test starts is for this run only, and makes no token in the user's home.

    It ends when it is told to. Ray looks at these when it is imported.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S", "0")
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        yield


@pytest.fixture(scope="session")
def dask() -> Iterator[str]:
    """The address of a Dask scheduler with two workers."""
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="session")
def ray() -> Iterator[str]:
    """The address of a Ray with two workers, which this process is connected to."""
    ray = pytest.importorskip("ray", reason="ray is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    head = [
        *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"),
        *("--num-cpus=2", "--include-dashboard=false", "--disable-usage-stats"),
        *("--node-ip-address=127.0.0.1", f"--port={port}"),
    ]
    process = subprocess.Popen(head, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert any("Ray runtime started" in line for line in process.stdout)
        # A thread of Ray tells of dead workers on stdout when it hears of them, which may be while
        # a later test reads what a command printed.
        ray._private.worker.print_to_stdstream = lambda data, **_: print(data, file=sys.__stderr__)
        ray.init(f"127.0.0.1:{port}", log_to_driver=False, logging_level="ERROR")
        yield f"127.0.0.1:{port}"
        ray.shutdown()
    finally:
        process.terminate()
        process.communicate(timeout=60)
