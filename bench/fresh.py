"""One measurement in a process of its own, for bench/cpu.py: what a first call costs, and memory.

    python bench/fresh.py compile|first '{"path": "model.npz", …}'     # arguments of lgc.load

Prints seconds by step, and the largest resident size in bytes, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def largest() -> int:
    """Bytes of memory that this process held at most.

    What ``getrusage`` tells includes the process that started this one, so Linux is asked first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    what, load = sys.argv[1], json.loads(sys.argv[2])
    steps: dict[str, float] = {}
    marks = [time.perf_counter()]

    def step(name: str) -> None:
        marks.append(time.perf_counter())
        steps[name] = marks[-1] - marks[-2]

    import numpy as np

    import lgc

    step("import")
    model = lgc.load(**load)
    step("load")
    x = np.zeros((1, load["inputs"]), np.bool_)
    kernel = lgc.compile(model, lazy=what == "first")
    step("compile")
    kernel.predict(x)
    step("predict")
    print(json.dumps({**steps, "bytes": largest()}), flush=True)
    os._exit(0)  # a lazy kernel is still making the other one


if __name__ == "__main__":
    main()
