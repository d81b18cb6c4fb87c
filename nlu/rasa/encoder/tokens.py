"""The engine's own cutting of a text into pieces (unigram, best path), for training only."""

from __future__ import annotations

from encoder.engine_file import Vocabulary

PREFIX = "query: "
_SPACE, _META = 0x20, "\u2581"


class Cutter:
    """Turns texts into the numbers of their pieces."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._number = {piece: n for n, piece in enumerate(words.pieces) if piece}
        self._longest = max(map(len, words.pieces))
        self._unknown_score = float(words.scores.min()) - 10.0

    def cut(self, text: str, longest: int = 64) -> list[int]:
        """Numbers of the pieces between begin and end."""
        characters = self._normalised(PREFIX + text)
        return [self._words.begin, *self._best(characters)[: longest - 2], self._words.end]

    def _normalised(self, text: str) -> list[bytes]:
        codes: list[int] = []
        for character in text:
            for code in self._words.normal.get(ord(character), [ord(character)]):
                if code == _SPACE and codes and codes[-1] == _SPACE:
                    continue
                codes.append(code)
        if not codes or codes[0] != _SPACE:
            codes.insert(0, _SPACE)
        return [(_META if code == _SPACE else chr(code)).encode() for code in codes]

    def _best(self, characters: list[bytes]) -> list[int]:
        """Viterbi: the cut whose pieces' scores add up to most."""
        length = len(characters)
        best = [0.0] + [float("-inf")] * length
        came: list[tuple[int, int]] = [(0, 0)] * (length + 1)
        for start in range(length):
            piece = b""
            for end in range(start + 1, length + 1):
                piece += characters[end - 1]
                if len(piece) > self._longest:
                    break
                number = self._number.get(piece)
                if number is None or number == self._words.unknown:
                    continue
                score = best[start] + float(self._words.scores[number])
                if score > best[end]:
                    best[end], came[end] = score, (start, number)
            score = best[start] + self._unknown_score
            if score > best[start + 1]:
                best[start + 1], came[start + 1] = score, (start, self._words.unknown)
        numbers: list[int] = []
        at = length
        while at:
            at, number = came[at]
            numbers.append(number)
        return numbers[::-1]
