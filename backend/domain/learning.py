"""Why a sentence is kept to learn from."""

import enum


class WhyKept(enum.Enum):
    """What went wrong with it, as far as the conversation could tell."""

    MISSED = "missed"
    """We made nothing of it."""
    HANDED_OVER = "handed_over"
    """Missed for the second time in a row: a human was brought."""
    CORRECTED = "corrected"
    """The person told us that this was not what was meant."""
    FALSE_ALARM = "false_alarm"
    """It sounded like a cry for help; asked, the person said no."""
    UNSURE = "unsure"
    """We acted on it, but with little confidence."""
