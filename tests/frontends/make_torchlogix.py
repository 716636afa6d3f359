"""Makes tests/frontends/fixtures/torchlogix/ with torchlogix itself: models and what they give.

Needs Python 3.12, torchlogix 0.2 and scikit-learn; a minute on a CPU:

    python -m tests.frontends.make_torchlogix

``NAME.pt`` are state dicts as `torch.save` writes them (weights in float16, from which the models
were set back before they ran), ``digits.npz`` that of a network trained on scikit-learn's digits,
``circuit.json`` is `Circuit.write_json`. ``golden.npz`` holds inputs ``NAME.x`` and what eval mode
gives, ``NAME.y``. ``modules.json`` has the tree of modules of each model, class names and
attributes, from which the tests rebuild something that looks like it where torchlogix is not
installed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "fixtures" / "torchlogix"
ROWS = 48
SHAPES: Mapping[str, tuple[int, ...]] = {
    "dense_raw": (16,), "dense_warp1": (16,), "dense_warp2": (16,), "dense_warp4": (16,),
    "dense_warp6": (16,), "dense_light2": (16,), "dense_light4": (16,), "dense_light6": (16,),
    "dense_learnable": (12,), "thermometer": (2, 3, 3), "per_feature": (6,), "conv2d": (2, 6, 6),
    "conv2d_warp4": (1, 5, 5), "conv2d_light6": (2, 4, 4), "learnt_thresholds": (2, 4, 4),
    "conv3d": (1, 4, 4, 4), "transpose2d": (2, 3, 3), "transpose3d": (1, 2, 2, 2),
    "residual": (3, 4, 4), "grouped": (3, 5, 5), "wrapped": (16,),
}  # fmt: skip
"""Shape of a sample of each model."""
BITS = {
    name
    for name in SHAPES
    if name.startswith("dense") or name in ("wrapped", "residual", "conv2d_light6")
}
"""Models without thresholds, whose inputs are 0 and 1."""
ATTRIBUTES = {
    "in_dim", "channels", "kernel_positions", "padding", "orig_stride", "kernel_size", "stride",
    "start_dim", "end_dim", "dim", "unflattened_size", "feature_dim", "temperature_softplus", "k",
    "tau", "beta", "p",
}  # fmt: skip
"""Attributes of modules that say what they compute."""
SAVED = ("dense_raw", "dense_warp6", "dense_light4", "dense_learnable", "thermometer", "conv2d",
         "learnt_thresholds", "conv3d", "transpose2d", "residual")  # fmt: skip
"""Models whose state dict is kept as a file."""


def models() -> dict[str, Any]:
    """Every model by name, in eval mode, the same at every call."""
    import torch
    from torch import nn
    from torchlogix.layers import (
        DummyBinarization,
        FixedBinarization,
        GroupSum,
        LearnableBinarization,
        LogicConv2d,
        LogicConv3d,
        LogicConvTranspose2d,
        LogicConvTranspose3d,
        LogicDense,
        OrPooling2d,
        OrPooling3d,
        SoftBinarization,
    )  # fmt: skip
    from torchlogix.modules.resblock import ResidualLogicBlock

    torch.manual_seed(0)
    random = {"parametrization_kwargs": {"weight_init": "random"}}

    def kind(name: str, rank: int) -> dict[str, Any]:
        return {"parametrization": name, "lut_rank": rank, **random}

    def stack(name: str, rank: int) -> nn.Module:
        chosen = kind(name, rank)
        first = LogicDense(16, 24, **chosen)
        sums = GroupSum(5, tau=2.5, beta=0.75 if rank == 4 else 0.0)
        return nn.Sequential(
            nn.Flatten(),
            nn.Sequential(first, LogicDense(24, 24, **chosen), LogicDense(24, 25, **chosen)),
            sums,
        )

    def levels(*shape: int) -> torch.Tensor:
        return torch.rand(*shape).sort(dim=-1).values

    class Wrapped(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.loss = nn.CrossEntropyLoss()
            self.model = inner

        def forward(self, x: Any) -> Any:
            """Only calls it."""
            return self.model(x)

    made: dict[str, nn.Module] = {
        f"dense_{name}{rank if name != 'raw' else ''}": stack(name, rank)
        for name, rank in (("raw", 2), ("warp", 1), ("warp", 2), ("warp", 4), ("warp", 6),
                           ("light", 2), ("light", 4), ("light", 6))
    }  # fmt: skip
    learnable: dict[str, Any] = {"connections": "learnable", **random}
    made["dense_learnable"] = nn.Sequential(
        LogicDense(12, 18, **learnable),
        LogicDense(18, 12, **learnable, connections_kwargs={"num_candidates": 3, "gumbel": True}),
        GroupSum(3, tau=1.0, beta=-2),
    )
    made["thermometer"] = nn.Sequential(
        FixedBinarization(levels(3), feature_dim=1),
        nn.Flatten(),
        LogicDense(54, 40, **random),
        GroupSum(4, tau=3),
    )
    made["per_feature"] = nn.Sequential(
        SoftBinarization(levels(6, 4)), LogicDense(24, 30, **kind("light", 4)), GroupSum(3)
    )
    made["conv2d"] = nn.Sequential(
        FixedBinarization(levels(2, 2), feature_dim=1),
        LogicConv2d(6, 4, 5, 2, 3, padding=1, **random),
        nn.Identity(),
        OrPooling2d(2, 1, 1),
        LogicConv2d(7, 5, 4, 3, 3, stride=2, **random),
        nn.Flatten(),
        LogicDense(36, 40, **random),
        GroupSum(5, tau=4.0, beta=0.5),
    )
    made["conv2d_warp4"] = nn.Sequential(
        DummyBinarization(),
        FixedBinarization(levels(1), feature_dim=1),
        LogicConv2d(5, 1, 6, 2, (3, 2), padding=1, **kind("warp", 4)),
        nn.Flatten(),
        GroupSum(4),
    )
    made["conv2d_light6"] = nn.Sequential(
        DummyBinarization(),
        LogicConv2d(4, 2, 3, 1, 2, **kind("light", 6)),
        OrPooling2d((2, 3), (1, 2)),
        nn.Flatten(),
    )
    made["learnt_thresholds"] = nn.Sequential(
        LearnableBinarization(levels(2, 3) * 0.5, feature_dim=1, temperature_softplus=0.05),
        LogicConv2d(4, 6, 4, 2, 3, padding=1, **random),
        nn.Flatten(),
        GroupSum(4, tau=2.0),
    )
    made["conv3d"] = nn.Sequential(
        FixedBinarization(levels(2), feature_dim=1),
        LogicConv3d(4, 2, 3, 2, 2, **random),
        OrPooling3d(2, 2, 1),
        nn.Flatten(),
        GroupSum(4, tau=2.0),
    )
    made["transpose2d"] = nn.Sequential(
        FixedBinarization(levels(1), feature_dim=1),
        LogicConvTranspose2d(3, 2, 3, 2, 3, stride=2, padding=1, output_padding=1, **random),
        LogicConvTranspose2d(6, 3, 2, 2, 2, **random),
    )
    made["transpose3d"] = nn.Sequential(
        FixedBinarization(levels(1), feature_dim=1),
        LogicConvTranspose3d(2, 1, 2, 2, 2, stride=2, **kind("warp", 2)),
        nn.Flatten(),
        GroupSum(2),
    )
    made["residual"] = nn.Sequential(
        ResidualLogicBlock(4, 3, 3, tree_depth=2, **random),
        ResidualLogicBlock(4, 3, 3, tree_depth=1, **random),
        nn.Flatten(),
        LogicDense(48, 30, **random),
        GroupSum(3, tau=5.0),
    )
    made["grouped"] = nn.Sequential(
        FixedBinarization(levels(3, 2), feature_dim=1),
        LogicConv2d(
            5, 6, 8, 3, 3, stride=2, connections_kwargs={"channel_group_size": 2}, **random
        ),
        nn.Unflatten(1, (2, 4)),
        nn.Flatten(1, 2),
        nn.Dropout(0.5),
        nn.Flatten(),
        GroupSum(4),
    )
    made["wrapped"] = Wrapped(Wrapped(stack("raw", 2)))
    for name, model in made.items():
        model.load_state_dict({key: _rounded(value) for key, value in model.state_dict().items()})
        made[name] = model.eval()
    return made


def _rounded(tensor: Any) -> Any:
    """Numbers that float16 holds."""
    return tensor.half().to(tensor.dtype) if tensor.is_floating_point() else tensor


def inputs(name: str) -> np.ndarray:
    """Samples for a model, float32 ``(ROWS, …)``, some of them on the thresholds' scale."""
    random = np.random.default_rng(sum(map(ord, name)))
    x = random.random((ROWS, *SHAPES[name])).astype(np.float16).astype(np.float32)
    return (x > 0.5).astype(np.float32) if name in BITS else x


def answers(model: Any, x: np.ndarray) -> np.ndarray:
    """What eval mode gives, float32."""
    import torch

    with torch.no_grad():
        return model(torch.from_numpy(x)).numpy().astype(np.float32)


def tree(module: Any, prefix: str = "") -> dict[str, Any]:
    """Class, children and plain attributes of a module; tensors by their key."""
    tensors = {**module._parameters, **module._buffers}
    return {
        "class": type(module).__name__,
        "attributes": {name: value for name, value in vars(module).items() if name in ATTRIBUTES},
        "tensors": {name: prefix + name for name, held in tensors.items() if held is not None},
        "children": {
            name: tree(child, f"{prefix}{name}.") for name, child in module.named_children()
        },
    }


def half(tensor: Any) -> Any:
    """What is kept of a tensor."""
    return tensor.half() if tensor.is_floating_point() else tensor


def train_digits() -> tuple[Any, np.ndarray, np.ndarray]:
    """A small convolutional network on scikit-learn's digits, its test images and their digits."""
    import torch
    from sklearn.datasets import load_digits
    from torch import nn
    from torchlogix.layers import FixedBinarization, GroupSum, LogicConv2d, LogicDense, OrPooling2d

    torch.manual_seed(1)
    images, digits = load_digits(return_X_y=True)
    x = torch.tensor(images.reshape(-1, 1, 8, 8), dtype=torch.float32)
    y = torch.tensor(digits)
    order = torch.randperm(len(x))
    train, test = order[:1437], order[1437:]
    model = nn.Sequential(
        FixedBinarization(torch.tensor([2.0, 7.0, 12.0]), feature_dim=1),
        LogicConv2d(8, 3, 24, 2, 3, padding=1),
        OrPooling2d(2, 2),
        LogicConv2d(4, 24, 48, 2, 3, padding=1),
        OrPooling2d(2, 2),
        nn.Flatten(),
        LogicDense(192, 800),
        LogicDense(800, 600),
        GroupSum(10, tau=6.0, beta=1.5),
    )
    steps = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(40):
        model.train()
        for part in train[torch.randperm(len(train))].split(128):
            steps.zero_grad()
            nn.functional.cross_entropy(model(x[part]), y[part]).backward()
            steps.step()
    model.load_state_dict({key: _rounded(value) for key, value in model.state_dict().items()})
    return model.eval(), x[test].numpy(), y[test].numpy()


def main() -> None:
    import torch
    from torchlogix.circuit import Circuit

    torch.set_num_threads(1)  # several share a busy machine badly
    FOLDER.mkdir(parents=True, exist_ok=True)
    golden: dict[str, np.ndarray] = {}
    trees: dict[str, Any] = {}
    for name, model in models().items():
        x = inputs(name)
        golden[f"{name}.x"] = x.astype(np.float16)
        golden[f"{name}.y"] = answers(model, x)
        trees[name] = tree(model)
        if name in SAVED:
            state = {key: half(value) for key, value in model.state_dict().items()}
            torch.save(state, FOLDER / f"{name}.pt")
        else:
            for key, value in model.state_dict().items():
                golden[f"{name}/{key}"] = half(value).numpy()
    model, images, digits = train_digits()
    golden |= {
        "digits.x": images.astype(np.uint8),
        "digits.y": answers(model, images),
        "digits.label": digits.astype(np.uint8),
    }
    state = {key: half(value).numpy() for key, value in model.state_dict().items()}
    np.savez_compressed(FOLDER / "digits.npz", **state)
    accuracy = (golden["digits.y"].argmax(axis=1) == digits).mean()
    net = models()["dense_raw"]
    circuit = Circuit.from_model(net, [16])
    circuit.simplify()
    circuit.write_json(str(FOLDER / "circuit.json"))
    np.savez_compressed(FOLDER / "golden.npz", **golden)
    (FOLDER / "modules.json").write_text(json.dumps(trees) + "\n")
    print(f"digits: {accuracy:.4f} of {len(digits)}")
    for file in sorted(FOLDER.iterdir()):
        print(f"{file.stat().st_size:8,} {file.name}")


if __name__ == "__main__":
    main()
