"""The hours in which the telephone stays silent, as the city keeps them."""

from datetime import time

from backend.domain.callouts import SHIPPED, Quiet, QuietHours
from backend.domain.settings import Kind, Value
from backend.services.setting_versions import standing
from backend.services.work import Work


def quiet_hours(work: Work) -> QuietHours:
    """Read in the transaction that needs it: what is kept now."""
    kept = standing(work.session, Kind.QUIET)
    return QuietHours(**{one.key: _quiet(one.value) for one in kept if one.value is not None})


def _quiet(value: Value) -> Quiet:
    return Quiet(time.fromisoformat(value["begins"]), time.fromisoformat(value["ends"]))


def shipped_quiet(key: str) -> Value:
    """The hours under a key, where the city has none of its own."""
    quiet: Quiet = getattr(SHIPPED, key)
    return {"begins": f"{quiet.begins:%H:%M}", "ends": f"{quiet.ends:%H:%M}"}
