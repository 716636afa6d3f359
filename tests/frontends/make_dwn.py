"""Makes the fixtures of test_dwn.py with torch_dwn itself, on a CPU, in a minute.

    pip download --no-deps --no-binary :all: --no-build-isolation torch-dwn==1.1.1 && tar xf …
    PYTHONPATH=torch_dwn-1.1.1/src:. python tests/frontends/make_dwn.py

torch_dwn's LUTs run on CUDA only: this replaces its one function, ``EFDFunction``, by what the
kernel of that function does. The rest, layers, mappings, thermometers and sums, is the library's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch_dwn as dwn
from torch import nn

from lgc import demo

FIXTURES = Path(__file__).parent / "fixtures"
ROWS = 96


class OnCpu(torch.autograd.Function):
    """Look-up, and the finite differences that stand for its derivative."""

    @staticmethod
    def forward(ctx, x, mapping, luts, alpha, beta):
        place = 1 << torch.arange(mapping.shape[1])
        address = ((x[:, mapping.long()] > 0).long() * place).sum(-1)
        ctx.save_for_backward(x, mapping, luts, alpha, beta, address)
        return luts[torch.arange(len(luts)), address]

    @staticmethod
    def backward(ctx, grad):
        x, mapping, luts, alpha, beta, address = ctx.saved_tensors
        grad_luts = torch.zeros_like(luts)
        rows = torch.arange(len(luts)).expand_as(address)
        grad_luts.index_put_((rows, address), grad, accumulate=True)
        every = torch.arange(luts.shape[1])
        grad_x = torch.zeros_like(x)
        for i in range(mapping.shape[1]):
            other = (address[..., None] ^ every) & ~(1 << i)
            distance = sum(other >> j & 1 for j in range(mapping.shape[1]))
            sign = 2.0 * (every >> i & 1) - 1
            slope = (luts * sign * alpha * beta**distance).sum(-1)
            grad_x.index_add_(1, mapping[:, i].long(), slope * grad)
        return grad_x, None, grad_luts, None, None


def trained(bits: torch.Tensor, y: torch.Tensor) -> nn.Sequential:
    model = nn.Sequential(
        dwn.LUTLayer(bits.shape[1], 40, n=6, mapping="learnable"),
        dwn.LUTLayer(40, 33, n=3),
        dwn.GroupSum(10, tau=1 / 0.3),
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        for batch in torch.randperm(len(bits)).split(32):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(bits[batch]), y[batch]).backward()
            optimiser.step()
    return model.eval()


def save(name: str, model: nn.Sequential, x: torch.Tensor, bits: torch.Tensor, **more) -> None:
    with torch.no_grad():
        scores = model(bits)
    torch.save(model.state_dict(), FIXTURES / f"{name}.pt")
    rows = {"x": x.numpy(), "scores": scores.numpy(), **more}
    np.savez_compressed(FIXTURES / f"{name}_golden.npz", **rows)


def main() -> None:
    torch.manual_seed(0)
    dwn.lut_layer.EFDFunction = OnCpu
    images, labels, _ = demo.images()
    grey = images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    x, y = torch.from_numpy(grey.astype(np.float32)), torch.from_numpy(labels).long()
    thermometer = dwn.DistributiveThermometer(3).fit(x[ROWS:])
    bits = thermometer.binarize(x).flatten(start_dim=1)
    model = trained(bits[ROWS:], y[ROWS:])
    right = (model(bits[:ROWS]).argmax(1) == y[:ROWS]).float().mean()
    print(f"{right:.1%} of {ROWS} test images")
    save("dwn_digits", model, x[:ROWS], bits[:ROWS], y=y[:ROWS].numpy().astype(np.uint8))
    np.savez(FIXTURES / "dwn_digits.thresholds.npz", thresholds=thermometer.thresholds.numpy())

    sizes = [(n, 24) for n in range(1, 7)]
    layers = [dwn.LUTLayer(24, out, n=n) for n, out in sizes]
    every = nn.Sequential(*layers, dwn.GroupSum(5, tau=2)).eval()
    bits = torch.randint(0, 2, (256, 24)).float()
    save("dwn_every_n", every, bits.to(torch.uint8), bits)

    thermometers = {}
    for kind in (dwn.Thermometer, dwn.GaussianThermometer, dwn.DistributiveThermometer):
        for feature_wise in (True, False):
            fitted = kind(3, feature_wise=feature_wise).fit(x)
            name = f"{kind.__name__}{'' if feature_wise else '_global'}"
            thermometers[f"{name}_levels"] = fitted.thresholds.numpy()
            thermometers[f"{name}_bits"] = fitted.binarize(x[:16]).flatten(1).numpy().astype(bool)
    np.savez_compressed(FIXTURES / "dwn_thermometers.npz", x=x[:16].numpy(), **thermometers)


if __name__ == "__main__":
    main()
