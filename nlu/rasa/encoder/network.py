"""multilingual-e5-small in PyTorch, from the engine's file, its upper layers free to learn.

The free layers' matrices are rounded to Q4_0 in every forward pass (the gradient passes through
as if they were not), so that what is learnt survives being written back in four bits.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoder.engine_file import MATRICES, QK, VECTORS, EngineFile, quantised


def rounded(weights: Tensor) -> Tensor:
    """The weights as four bits will keep them; gradients pass straight through."""
    blocks = weights.reshape(-1, QK)
    extreme = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
    scale = (extreme / -8).half().float()
    safe = torch.where(scale == 0, torch.ones_like(scale), scale)
    kept = ((blocks / safe).round().clamp(-8, 7) * scale).reshape(weights.shape)
    return weights + (kept - weights).detach()


class Layer(nn.Module):
    """One transformer layer; `free` ones learn."""

    def __init__(self, file: EngineFile, number: int, free: bool, dropout: float) -> None:
        super().__init__()
        self.heads, self.epsilon, self.free, self.dropout = (
            file.sizes.heads, file.sizes.epsilon, free, dropout,
        )  # fmt: skip
        self.parts = nn.ParameterDict()
        for name in MATRICES:
            columns = file.sizes.inner if name == "fo.w" else file.sizes.hidden
            self._add(name, file.matrix(f"l{number}.{name}", columns))
        for name in VECTORS:
            self._add(name, file.vector(f"l{number}.{name}"))

    def _add(self, name: str, values) -> None:
        tensor = torch.tensor(values)
        self.parts[name.replace(".", "_")] = nn.Parameter(tensor, requires_grad=self.free)

    def _through(self, name: str, x: Tensor) -> Tensor:
        weights = self.parts[f"{name}_w"]
        return functional.linear(
            x, rounded(weights) if self.free else weights, self.parts[f"{name}_b"]
        )

    def _norm(self, name: str, x: Tensor) -> Tensor:
        shape = (x.shape[-1],)
        return functional.layer_norm(
            x, shape, self.parts[f"{name}_w"], self.parts[f"{name}_b"], self.epsilon
        )

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, hidden = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, length, self.heads, -1).transpose(1, 2)

        drop = self.dropout if self.training and self.free else 0.0
        seen = functional.scaled_dot_product_attention(
            split(self._through("q", x)), split(self._through("k", x)),
            split(self._through("v", x)), attn_mask=mask, dropout_p=drop,
        )  # fmt: skip
        seen = self._through("ao", seen.transpose(1, 2).reshape(batch, length, hidden))
        x = self._norm("aln", x + functional.dropout(seen, drop, self.training))
        inner = self._through("fo", functional.gelu(self._through("fi", x)))
        return self._norm("oln", x + functional.dropout(inner, drop, self.training))


class Encoder(nn.Module):
    """Texts (as numbers of pieces) to unit vectors."""

    def __init__(self, file: EngineFile, free_layers: int, dropout: float) -> None:
        super().__init__()
        sizes = file.sizes
        self.words = torch.tensor(file.matrix("emb.word", sizes.hidden))
        positions = torch.tensor(file.vector("emb.pos")).view(-1, sizes.hidden)
        self.places = positions + torch.tensor(file.vector("emb.type"))[: sizes.hidden]
        self.norm = [torch.tensor(file.vector(f"emb.ln.{part}")) for part in "wb"]
        self.epsilon, self.pad = sizes.epsilon, file.vocabulary.pad
        self.first_free = sizes.layers - free_layers
        self.layers = nn.ModuleList(
            Layer(file, number, number >= self.first_free, dropout)
            for number in range(sizes.layers)
        )

    def forward(self, pieces: Tensor) -> Tensor:
        real = pieces != self.pad
        mask = real[:, None, None, :]
        with torch.no_grad():
            x = self.words[pieces] + self.places[: pieces.shape[1]]
            x = functional.layer_norm(x, (x.shape[-1],), *self.norm, self.epsilon)
            for layer in self.layers[: self.first_free]:
                x = layer(x, mask)
        for layer in self.layers[self.first_free :]:
            x = layer(x, mask)
        weight = real[..., None].float()
        return functional.normalize((x * weight).sum(1) / weight.sum(1), dim=1)

    def tensors(self) -> dict[str, bytes]:
        """What was learnt, as the engine's file keeps it."""
        kept: dict[str, bytes] = {}
        for number in range(self.first_free, len(self.layers)):
            parts = self.layers[number].parts
            for name in MATRICES:
                values = parts[name.replace(".", "_")].detach().numpy()
                kept[f"l{number}.{name}"] = quantised(values).tobytes()
            for name in VECTORS:
                values = parts[name.replace(".", "_")].detach().numpy()
                kept[f"l{number}.{name}"] = values.astype("<f4").tobytes()
        return kept
