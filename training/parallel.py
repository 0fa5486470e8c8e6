"""Several processes that train one model: ``torchrun --nproc-per-node N -m training.train ...``.

Each process works on its share of every batch; gradients are averaged, so all hold the same weights. One process works
as if this file were not there.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn


@contextmanager
def processes(device: str) -> Iterator[tuple[int, int, str]]:
    """(rank, number of processes, this one's device), joined while inside. (0, 1, ``device``) without torchrun."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield 0, 1, device
        return
    rank, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
    cuda = torch.device(device).type == "cuda"
    if cuda:
        device = f"cuda:{local}"
        torch.cuda.set_device(local)
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield rank, count, device
    finally:
        dist.destroy_process_group()


def average_gradients(model: nn.Module) -> None:
    """Replace every gradient by its mean over the processes. Does nothing when there is one."""
    if not dist.is_initialized():
        return
    flat = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    joined = torch.cat([part.reshape(-1) for part in flat])
    dist.all_reduce(joined)
    joined /= dist.get_world_size()
    first = 0
    for part in flat:
        part.copy_(joined[first : first + part.numel()].view_as(part))
        first += part.numel()


def average_statistics(model: nn.Module) -> None:
    """The same for running statistics of normalisation, which each process gathers on its own share."""
    if not dist.is_initialized():
        return
    for buffer in model.buffers():
        if buffer.dtype.is_floating_point:
            dist.all_reduce(buffer)
            buffer /= dist.get_world_size()


def wait() -> None:
    """Until all processes are here."""
    if dist.is_initialized():
        dist.barrier()
