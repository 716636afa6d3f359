"""LLVM's older linker aborts the process where code and its constants come to lie over 2 GB apart."""

from __future__ import annotations

import subprocess
import sys

import pytest

FRAGMENTED = """
import ctypes, random
import lgc
from lgc import demo
from lgc.backends.llvm.kernel import kernel_from_bytes

ANYWHERE = 0x4022  # private, anonymous, without swap
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
size = ctypes.c_size_t
libc.mmap.argtypes = [ctypes.c_void_p, size, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, size]
x, y, scores = demo.images()
data = lgc.compile(demo.model_path()).to_bytes()
draw = random.Random(1)
kept = []
for _ in range(300):
    # a small gap, and below it far more than 2 GB that are taken
    gap = 4096 * draw.randint(1, 12)
    at = libc.mmap(None, gap, 0, ANYWHERE, -1, 0)
    libc.mmap(None, 3 << 30, 0, ANYWHERE, -1, 0)
    libc.munmap(at, gap)
    kernel = kernel_from_bytes(data)
    assert (kernel.counts(x) == scores).all()
    kept.append(kernel)
    if draw.random() < 0.5:
        kept.pop(draw.randrange(len(kept)))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="maps memory as Linux does")
def test_programs_are_linked_wherever_memory_is_free() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FRAGMENTED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
