"""Classes of an image from convolutional features that attention pools, and an ensemble of its snapshots.

The backbone (``efficientnet_lite``) ends at stride 16, so that a token describes its surroundings rather than the whole
image. The tokens are weighed by attention and summed; what is weighed is what the answer rests on, and the weights
can be shown. Three ways to weigh are options of one module:

- ``self``: multi-head attention whose query comes from the tokens themselves (their mean; Vaswani et al. 2017, arXiv
  1706.03762; Radford et al. 2021, arXiv 2103.00020);
- ``dot``: the same with a learned query, the same for every image;
- ``additive``: a small network scores each token (Bahdanau et al. 2014, arXiv 1409.0473; Ilse et al. 2018,
  arXiv 1802.04712);
- ``mean``: no attention, for comparison.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from inference.networks.efficientnet_lite import CHANNELS, EfficientNetLite0

STRANGENESS = (0.2, 3.0)
"""Least and largest strangeness that changes an answer: beyond, nothing was fitted."""
POOLINGS = ("self", "dot", "additive", "mean")


class AttentionPool(nn.Module):
    """Tokens (B, N, width) → pooled (B, width) and weights (B, heads, N) that sum to 1 over the tokens.

    Each head weighs all tokens by itself and sums its share of the width. ``kept`` (B, N), where given, is true for
    the tokens that may be attended to: hiding some in training makes the others speak too. At least one must be kept.
    ``soften`` divides the scores before the softmax: above 1, the weights spread further.
    """

    def __init__(self, width: int, heads: int, kind: str = "self", soften: float = 1.0) -> None:
        if not soften > 0:
            raise ValueError(f"soften must be positive; got {soften}")
        if kind not in POOLINGS:
            raise ValueError(f"pooling must be one of {', '.join(POOLINGS)}; got {kind!r}")
        if heads < 1 or width % heads:
            raise ValueError(f"width must be a multiple of heads; got {width} and {heads}")
        super().__init__()
        self.kind, self.heads, self.width, self.soften = kind, heads, width, soften
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        if kind in ("self", "dot"):
            self.key = nn.Linear(width, width)
        if kind == "self":
            self.query = nn.Linear(width, width)
        elif kind == "dot":
            self.learned = nn.Parameter(torch.randn(heads, width // heads))
        elif kind == "additive":
            self.hidden = nn.Linear(width, width)
            self.score = nn.Linear(width, heads)

    def forward(self, tokens: torch.Tensor, kept: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        scores = self._scores(tokens, kept) / self.soften
        if kept is not None:
            scores = scores.masked_fill(~kept[:, None], float("-inf"))
        weights = scores.softmax(dim=2)
        batch, count, _ = tokens.shape
        values = self.value(tokens).view(batch, count, self.heads, -1)
        pooled = torch.einsum("bhn,bnhd->bhd", weights, values).reshape(batch, self.width)
        return self.out(pooled), weights

    def _scores(self, tokens: torch.Tensor, kept: torch.Tensor | None) -> torch.Tensor:
        """(B, heads, N): how much each head wants each token, before the softmax."""
        batch, count, _ = tokens.shape
        if self.kind == "mean":
            return tokens.new_zeros(batch, self.heads, count)
        if self.kind == "additive":
            scores: torch.Tensor = self.score(torch.tanh(self.hidden(tokens)))
            return scores.transpose(1, 2)
        keys = self.key(tokens).view(batch, count, self.heads, -1)
        if self.kind == "dot":
            query = self.learned.expand(batch, -1, -1)
        else:
            if kept is None:
                mean = tokens.mean(dim=1)
            else:
                share = kept.to(tokens.dtype)
                mean = (tokens * share[..., None]).sum(dim=1) / share.sum(dim=1, keepdim=True)
            query = self.query(mean).view(batch, self.heads, -1)
        return torch.einsum("bhd,bnhd->bhn", query, keys) / math.sqrt(keys.shape[-1])


class AttentionClassifier(nn.Module):
    """(B, in_channels, H, W) in 0–1 → logits (B, classes); H and W divisible by 16.

    ``hide``: share of the tokens, in squares, that training hides from the pooling; ``dropout``: of pooled features.
    Both do nothing in evaluation.
    """

    multiple = 16

    def __init__(
        self,
        in_channels: int = 1,
        classes: int = 3,
        width: int = 128,
        heads: int = 4,
        pooling: str = "self",
        hide: float = 0.3,
        dropout: float = 0.3,
        soften: float = 1.0,
    ) -> None:
        super().__init__()
        self.encoder = EfficientNetLite0(in_channels, levels=4)
        self.project = nn.Sequential(nn.Conv2d(CHANNELS[3], width, 1, bias=False), nn.BatchNorm2d(width))
        self.pool = AttentionPool(width, heads, pooling, soften)
        self.classify = nn.Sequential(nn.LayerNorm(width), nn.Dropout(dropout), nn.Linear(width, classes))
        self.hide = hide

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.answer(self.features(x))[0]

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """(B, in_channels, H, W) → the map (B, width, H/16, W/16) whose pixels are the tokens."""
        if x.shape[-1] % self.multiple or x.shape[-2] % self.multiple:
            raise ValueError(f"height and width must be multiples of {self.multiple}; got {tuple(x.shape[-2:])}")
        result: torch.Tensor = functional.relu(self.project(self.encoder(x)[-1]))
        return result

    def answer(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """A map of tokens → logits (B, classes) and attention (B, heads, H/16, W/16), each head's summing to 1."""
        rows, columns = features.shape[-2:]
        tokens = features.flatten(2).transpose(1, 2)
        kept = None
        if self.training and self.hide > 0:
            kept = kept_squares(features.shape[0], rows, columns, self.hide).to(features.device).flatten(1)
        pooled, weights = self.pool(tokens, kept)
        logits: torch.Tensor = self.classify(pooled)
        return logits, weights.view(-1, self.pool.heads, rows, columns)


def kept_squares(batch: int, rows: int, columns: int, hide: float, edge: int = 3) -> torch.Tensor:
    """(B, rows, columns) of bool, false in squares of ``edge`` tokens chosen with chance ``hide``; never all false."""
    coarse = torch.rand(batch, 1, rows // edge + 2, columns // edge + 2)
    fine = coarse.repeat_interleave(edge, 2).repeat_interleave(edge, 3)
    down, across = torch.randint(0, edge, (2,)).tolist()
    kept = fine[:, 0, down : down + rows, across : across + columns] >= hide
    kept[~kept.flatten(1).any(dim=1)] = True
    return kept


class SnapshotEnsemble(nn.Module):
    """Several ``AttentionClassifier`` of one training run: calibrated logits (members, B, classes).

    The members are the ends of the cycles of its learning rate (Huang et al. 2017, arXiv 1704.00109). They share their
    beginning, so their heads correspond and the maps of one head may be averaged over the members. Two temperatures
    (Guo et al. 2017, arXiv 1706.04599), fitted on images that the training did not see, scale the logits: ``first`` of
    class 0 against all others together, ``rest`` among the others; ``offset`` shifts the logit of all others together,
    for classes that training drew more evenly than they occur (Platt 1999). The more an image differs from those of
    the training, the more evidence class 0 has to be outvoted by: ``caution`` times the logarithm of its
    ``strangeness`` is taken from that logit, because noise, blur and hard contrast look like disease. A scale that
    depends on the image, as in Kuleshov & Liang 2015 (arXiv 1607.03594). ``strange_above``: the ``strangeness`` beyond
    which an image is not taken for one of the kind that the members know.
    """

    def __init__(
        self,
        members: int = 3,
        in_channels: int = 1,
        classes: int = 3,
        width: int = 128,
        heads: int = 4,
        pooling: str = "self",
        first: float = 1.0,
        rest: float = 1.0,
        offset: float = 0.0,
        caution: float = 0.0,
        soften: float = 1.0,
        strange_above: float = float("inf"),
    ) -> None:
        if members < 1 or not min(first, rest) > 0:
            raise ValueError(f"members and temperatures must be positive; got {members}, {first}, {rest}")
        super().__init__()
        self.first, self.rest, self.offset, self.caution = first, rest, offset, caution
        self.strange_above = strange_above
        self.members = nn.ModuleList(
            AttentionClassifier(in_channels, classes, width, heads, pooling, soften=soften) for _ in range(members)
        )
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("whiten", torch.zeros(width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        members = [member for member in self.members if isinstance(member, AttentionClassifier)]
        features = [member.features(x) for member in members]
        logits = [member.answer(one)[0] for member, one in zip(members, features, strict=True)]
        return self.calibrated(torch.stack(logits), self.strangeness(features[0]))

    def calibrated(self, logits: torch.Tensor, strangeness: torch.Tensor) -> torch.Tensor:
        """Logits (..., B, classes) of members → the same, calibrated. ``strangeness``: (B,) or (1,), of the images."""
        others = logits[..., 1:]
        against = (others.logsumexp(dim=-1, keepdim=True) - logits[..., :1]) / self.first + self.offset
        if self.caution:
            unlike = strangeness.clamp(min=STRANGENESS[0], max=STRANGENESS[1]).log()
            against = against - self.caution * unlike[..., None]
        among = (others / self.rest).log_softmax(dim=-1)
        return torch.cat([torch.zeros_like(against), against + among], dim=-1)

    def strangeness(self, features: torch.Tensor) -> torch.Tensor:
        """(B, width, h, w) features of the first member → (B,): how unlike the training images, about 1 for these.

        Mahalanobis distance of the mean token, per dimension (Lee et al. 2018, arXiv 1807.03888).
        """
        centre, whiten = self.get_buffer("centre"), self.get_buffer("whiten")
        return ((features.float().mean(dim=(2, 3)) - centre) @ whiten.T).square().mean(dim=1).sqrt()
