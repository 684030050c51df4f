"""Writes the event files beside it with torch's SummaryWriter, which the tests are not to depend on.

    python make.py

It was run with torch 2.13 on the CPU. The values that the test expects are made here and written down there.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

HERE = Path(__file__).parent


def main() -> None:
    """Write one run with every kind of summary, and the runs that `add_scalars` and `add_hparams` make."""
    folder = HERE / "run"
    shutil.rmtree(folder, ignore_errors=True)
    writer = SummaryWriter(str(folder))
    for step, value in enumerate((0.5, -3.25, float("nan"), float("inf"), 0.1)):
        writer.add_scalar("loss", value, step, walltime=1e9 + step)
        writer.add_scalar("new style", value, step, walltime=1e9 + step, new_style=True)
        writer.add_scalar("double", value, step, walltime=1e9 + step, new_style=True, double_precision=True)
    writer.add_scalars("both", {"train": 1.0, "test": 2.0}, 7, walltime=1e9)
    writer.add_histogram("weights", np.array([1.0, 2.0, 2.5, 4.0, 4.0, 9.0]), 3, bins=[0.0, 2.0, 4.0, 10.0])
    writer.add_image("image", np.linspace(0, 1, 36).reshape(3, 3, 4).astype("float32"), 2)
    writer.add_audio("sound", torch.linspace(-1, 1, 40), 4, sample_rate=8000)
    writer.add_text("note", "<b>plain</b>", 5)
    writer.add_tensor("tensor", torch.arange(6.0).reshape(2, 3), 6)
    writer.add_pr_curve("curve", np.array([0, 1, 1]), np.array([0.1, 0.4, 0.8]), 1, num_thresholds=5)
    writer.add_graph(torch.nn.Linear(2, 1), torch.zeros(1, 2))
    writer.add_hparams({"rate": 0.5, "name": "x", "on": True}, {"hparam/accuracy": 0.75}, run_name="tried")
    writer.close()
    for number, path in enumerate(sorted(folder.rglob("events*"))):  # without the machine's name
        path.rename(path.with_name(f"events.out.tfevents.{number}"))


if __name__ == "__main__":
    main()
