"""What can go wrong between us and the understanding."""

from __future__ import annotations


class RasaUnavailable(Exception):  # noqa: N818 - the name is part of the nlu contract
    """Rasa gave no usable answer: down, loading, too slow, or talking nonsense.

    Transient: the caller keeps the message and answers when Rasa is back.
    """


class RasaTrainingFailed(Exception):  # noqa: N818 - reads as the sentence it is
    """The intent model could not be trained; the text ends with the last lines of Rasa's output."""


class UnreadableSound(Exception):  # noqa: N818 - reads as the sentence it is
    """Recorded sound that nobody can listen to: too long, too large, damaged or of a kind we do
    not know. Permanent; the text says why, in one sentence."""
