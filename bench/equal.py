"""Who proves that netlist files are equal: ABC's ``cec``, or lgc where that gives up."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import lgc
from lgc.facts import nothing
from lgc.proof.equality import prove
from lgc.proof.sweeping import Limits

CEC_SECONDS = 60
"""Class sums of 400 bits take ABC up to 30 s; the files of a row are compared side by side."""

LIMITS = Limits(conflicts=10_000, seconds=60)

DIFFERENT = "**no**"


@dataclass(frozen=True)
class Provers:
    """ABC's program, if there is one, and the folder it works in."""

    abc: str | None
    folder: Path

    def run(self, script: str) -> str:
        """What ABC prints."""
        assert self.abc is not None
        command = [self.abc, "-q", script]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=False)
        return done.stdout.decode(errors="replace")

    def equal(self, start: str, files: list[str]) -> str | None:
        """Who has proved all files equal to the start; `DIFFERENT`, or None where nobody knows.

        The first file is compared with the start and the others, made from it, with the first.
        """
        pairs = [(start if file == files[0] else files[0], file) for file in files]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            said = list(threads.map(lambda pair: self._by_abc(*pair), pairs))
        said = [one or self._by_lgc(*pair) for one, pair in zip(said, pairs)]
        if DIFFERENT in said:
            return DIFFERENT
        return None if None in said else ", ".join(sorted({one for one in said if one}))

    def _by_abc(self, one: str, other: str) -> str | None:
        if self.abc is None:
            return None
        printed = self.run(f"cec -n -T {CEC_SECONDS} {one} {other}")
        if "NOT EQUIVALENT" in printed:
            return DIFFERENT
        return "cec" if "are equivalent" in printed else None

    def _by_lgc(self, one: str, other: str) -> str | None:
        chains = [lgc.load(self.folder / name).chain for name in (one, other)]
        left, right = (chain.stages[0].net.data for chain in chains)
        verdict = prove(left, right, nothing(left.inputs), LIMITS)
        return {True: "lgc", False: DIFFERENT, None: None}[verdict.equal]
