"""Makes tests/frontends/fixtures/difflogic with difflogic itself: a net trained on digits, on a CPU.

    python -m tests.frontends.make_difflogic FOLDER DIGITS.npz

FOLDER gets difflogic's source (see `lgc.peers.fetch`). DIGITS.npz holds scikit-learn's digits as
``x_train``, ``y_train`` (1437) and the 360 test images that ship with lgc. Takes some minutes.
``digits.pt`` is what ``torch.save(model.state_dict(), …)`` writes, without wiring; ``golden.npz``
what the net gives in eval mode, and the wiring it had.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
import torch

from lgc import demo
from lgc.peers.difflogic import load
from lgc.peers.fetch import fetch

FOLDER = Path(__file__).parent / "fixtures" / "difflogic"
SEED, GATES, LAYERS, ROUNDS = 42, 200, 3, 1500


def main(source: Path, digits: Path) -> None:
    if not source.is_dir():
        fetch(source)
    package = load(source)
    with np.load(digits) as arrays:
        x = torch.from_numpy((arrays["x_train"] > 7).astype(np.float32))
        y = torch.from_numpy(arrays["y_train"].astype(np.int64))
    torch.manual_seed(SEED)
    chosen = torch.utils.data.random_split(range(len(x)), [len(x) - 137, 137])[0].indices
    widths = [64, *[GATES] * LAYERS]
    made = {"device": "cpu", "implementation": "python", "connections": "random"}
    stack = [package.LogicLayer(a, b, **made) for a, b in itertools.pairwise(widths)]
    net = torch.nn.Sequential(torch.nn.Flatten(), *stack, package.GroupSum(10, tau=5.0))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(ROUNDS):
        rows = torch.tensor(chosen)[torch.randint(len(chosen), (100,))]
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(x[rows]), y[rows]).backward()
        optimiser.step()
    net.eval()
    images, labels, _ = demo.images()
    with torch.no_grad():
        scores = net(torch.from_numpy((images > 7).astype(np.float32))).numpy()
    print(f"{(scores.argmax(1) == labels).mean():.2%} of the test images")
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), FOLDER / "digits.pt")
    wiring = {
        f"wiring{i}": np.stack(layer.indices).astype(np.uint8) for i, layer in enumerate(stack)
    }
    np.savez_compressed(FOLDER / "golden.npz", scores=scores, **wiring)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
