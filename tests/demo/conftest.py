"""The past of the demo home, made once."""

import pytest

from demo.days import Calendar, plan_days
from demo.past import SEED, make_past
from demo.rows import Trail

from .past import NOW, USERS


@pytest.fixture(scope="session")
def trail() -> Trail:
    return make_past(NOW, USERS)


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return plan_days(NOW, SEED)
