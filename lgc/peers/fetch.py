"""Gets difflogic's source distribution, which pip does not install where CUDA is missing."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from ..errors import InputError, UnsupportedError

RELEASE = "difflogic==0.1.0"
# setup.py asks torch for a CUDA extension, which fails where CUDA is missing; reading the
# metadata needs no more of it than two names.
STAND_IN = """\
from setuptools import Extension as CUDAExtension
from setuptools.command.build_ext import build_ext as BuildExtension
"""


def fetch(folder: Path) -> None:
    """Download the source distribution with pip and unpack it into ``folder``.

    Raises:
        UnsupportedError: setuptools is missing.
        InputError: pip could not download it.
    """
    if importlib.util.find_spec("setuptools") is None:
        raise UnsupportedError(
            "pip needs setuptools to read difflogic's metadata", hint="pip install setuptools"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch) / "torch"
        (package / "utils").mkdir(parents=True)
        (package / "__init__.py").touch()  # a folder without it yields to an installed torch
        (package / "utils" / "__init__.py").touch()
        (package / "utils" / "cpp_extension.py").write_text(STAND_IN)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        run = subprocess.run(
            [*pip, "--no-build-isolation", "--dest", scratch, RELEASE],
            env={**os.environ, "PYTHONPATH": scratch},
            stdout=sys.stderr,
            check=False,
        )
        archives = sorted(Path(scratch).glob("difflogic-*.tar.gz"))
        if run.returncode or not archives:
            raise InputError(f"pip could not download {RELEASE}", hint="its messages stand above")
        with tarfile.open(archives[0]) as archive:
            archive.extractall(folder, filter="data")
