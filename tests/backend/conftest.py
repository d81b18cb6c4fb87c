import pytest

from backend.services.work import Work
from tests.backend.people import Cast


@pytest.fixture
def cast(work: Work) -> Cast:
    return Cast(work)
