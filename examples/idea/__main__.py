"""Draw the pictures of docs/idea.md; with --measure, train first, about two minutes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .drawing import draw
from .measuring import Settings, measure

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "idea"
MEASURED = "measured.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="train, and write what was found")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    stored = arguments.out / MEASURED
    if arguments.measure:
        stored.write_text(json.dumps(measure(Settings(), print)) + "\n")
    for path in draw(json.loads(stored.read_text()), arguments.out):
        print(path)


if __name__ == "__main__":
    main()
