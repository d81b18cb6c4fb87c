"""What time it is. Use cases get the time as an argument; only entry points ask here.

A demonstration or a drill may play tomorrow's visit today: `YINLING_CLOCK_FILE` names a file
with seconds to add to the real time, read at every look, so that all processes jump together.
It is unset wherever real people are served.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.settings import get_settings


def now() -> datetime:
    """This moment, aware UTC."""
    return datetime.now(UTC) + _ahead()


def real(moment: datetime) -> datetime:
    """The real moment at which our clock will show `moment` (the job queue keeps real time)."""
    return moment - _ahead()


def set_ahead(clock_file: Path, ahead: timedelta) -> None:
    """Put the clock of a demonstration forward to real time plus `ahead`."""
    part = clock_file.with_suffix(".part")
    part.write_text(str(ahead.total_seconds()))
    part.replace(clock_file)


def _ahead() -> timedelta:
    clock_file = get_settings().clock_file
    if clock_file is None:
        return timedelta(0)
    try:
        return timedelta(seconds=float(clock_file.read_text()))
    except FileNotFoundError:
        return timedelta(0)
