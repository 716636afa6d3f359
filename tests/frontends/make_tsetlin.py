"""Makes the files in fixtures/tsetlin: small machines of real libraries, and what these predict.

    pip install 'numpy<2' tmu green_tsetlin scikit-learn && python tests/frontends/make_tsetlin.py

A minute on one core. Made with green_tsetlin 1.1.0 and tmu 0.8.3, which needs NumPy 1. Digits, two
thresholds a pixel. tmu has no file format but pickles: the arrays are those its objects hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import green_tsetlin
import numpy as np
from sklearn.datasets import load_digits
from tmu.models.classification.coalesced_classifier import TMCoalescedClassifier
from tmu.models.classification.vanilla_classifier import TMClassifier

FOLDER = Path(__file__).parent / "fixtures" / "tsetlin"
LEVELS = (4, 10)
ROWS = 200


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    bits = np.concatenate([x > level for level in LEVELS], axis=1)
    return x.astype(np.uint8), bits, y


def green(bits: np.ndarray, y: np.ndarray) -> None:
    machine = green_tsetlin.TsetlinMachine(
        n_literals=bits.shape[1], n_clauses=100, n_classes=10, s=5.0, threshold=60, literal_budget=9
    )
    trainer = green_tsetlin.Trainer(machine, seed=1, n_jobs=1, n_epochs=8, progress_bar=False)
    rows = bits.astype(np.uint8)
    trainer.set_train_data(rows[:-ROWS], y[:-ROWS].astype(np.uint32))
    trainer.set_eval_data(rows[-ROWS:], y[-ROWS:].astype(np.uint32))
    trainer.train()
    machine.save_state(str(FOLDER / "green.npz"))
    predictor = machine.get_predictor()
    label, votes = [], []
    for row in rows[-ROWS:]:
        label.append(int(predictor.predict(row)))
        votes.append(np.array(predictor.get_votes()))
    keep("green", np.array(label), np.array(votes), y)


def tmu(name: str, machine: Any, bits: np.ndarray, y: np.ndarray) -> None:
    for _ in range(10):
        machine.fit(bits[:-ROWS].astype(np.uint32), y[:-ROWS].astype(np.uint32))
    label, votes = machine.predict(bits[-ROWS:].astype(np.uint32), return_class_sums=True)
    own = hasattr(machine, "clause_banks")
    banks = [machine.clause_banks[c] for c in range(10)] if own else [machine.clause_bank]
    state = [b.clause_bank.reshape(b.number_of_clauses, b.number_of_ta_chunks, -1) for b in banks]
    np.savez_compressed(
        FOLDER / f"{name}.npz",
        ta_state=np.stack(state),
        weights=np.stack([machine.weight_banks[c].get_weights() for c in range(10)]),
        literals=banks[0].number_of_literals,
    )
    keep(name, label, votes, y)


GOLDEN: dict[str, np.ndarray] = {}


def keep(name: str, label: np.ndarray, votes: np.ndarray, y: np.ndarray) -> None:
    GOLDEN.update({f"{name}.class": label, f"{name}.votes": votes.astype(np.int32)})
    print(name, "accuracy", (label == y[-ROWS:]).mean())


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    x, bits, y = data()
    green(bits, y)
    plain = TMClassifier(number_of_clauses=20, T=30, s=5.0, seed=1)
    weighted = TMClassifier(number_of_clauses=20, T=30, s=5.0, seed=1, weighted_clauses=True)
    coalesced = TMCoalescedClassifier(number_of_clauses=80, T=40, s=5.0, seed=1)
    for name, machine in {"vanilla": plain, "weighted": weighted, "coalesced": coalesced}.items():
        tmu(name, machine, bits, y)
    np.savez_compressed(FOLDER / "golden.npz", x=x[-ROWS:], y=y[-ROWS:], **GOLDEN)


if __name__ == "__main__":
    main()
