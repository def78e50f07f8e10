"""Five hundred answers that are spoilt in one place each: nothing of them is made."""

from collections.abc import Callable
from copy import deepcopy
import json
from random import Random
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.automation_scout.coordinator import ScoutCoordinator

from .conftest import KEY, LAMP, ON_WEEKDAYS, Model, refine, saying

MANY: Final = 500
WELL: Final = saying(
    ["It has no colour."],
    "Later, dimmed.",
    trigger={"at": "22:50", "weekdays": ["mon", "tue"]},
    conditions={**ON_WEEKDAYS, "remove": []},
    actions={
        "change": [{"entity_id": LAMP, "state": "on", "values": {"brightness": 40}}],
        "add": [{"entity_id": "climate.study", "state": "off", "delay": 60}],
    },
)
"""An answer that could be made."""
ODD: Final[tuple[Any, ...]] = (
    True,
    -1,
    10**30,
    1e308,
    "\u202e{{ states() }}",
    "!include secrets.yaml",
    "lock.front",
    "x" * 3_000,
    [[["mon"]]],
    {"service": "lock.unlock"},
    ["light.hall"] * 100,
    "on\nalias: x",
)

type Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> list[Path]:
    """Return where something can be spoilt: every value in it."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [
        path,
        *(place for key, item in inner for place in places(item, (*path, key))),
    ]


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def with_odd(rng: Random, answer: Any) -> object:
    """Put something odd in the place of a part of the changes."""
    path = rng.choice([p for p in places(answer) if p[:1] == ("changes",)])
    odd = rng.choice(ODD)
    # A condition may be any state, a number may be near: these are no spoilt ones.
    at(answer, path[:-1])[path[-1]] = odd
    return answer


def with_a_field(rng: Random, answer: Any) -> object:
    """Put a field where there is none."""
    spots = [p for p in places(answer) if isinstance(at(answer, p), dict)]
    at(answer, rng.choice(spots))[rng.choice(("service", "x", "alias", "\ud800"))] = (
        rng.choice(ODD)
    )
    return answer


def with_another_entity(rng: Random, answer: Any) -> object:
    """Name an entity that is not at hand, or not there."""
    name = rng.choice(("lock.front", "light.hall", "person.anna", "light.none", "a"))
    spot = rng.choice(
        [
            p
            for p in places(answer)
            if p[-1:] == ("entity_id",) and p[:2] == ("changes", "actions")
        ]
    )
    at(answer, spot[:-1])["entity_id"] = name
    return answer


def cut(rng: Random, answer: Any) -> object:
    """Break the text off."""
    text = json.dumps(answer)
    return text[: rng.randrange(len(text) - 1)]


def with_noise(rng: Random, answer: Any) -> object:
    """Write something around it, or something else."""
    text = json.dumps(answer)
    around = ("Here it is: ", "<p>", "alias: x\n", "[", '{"answer": ', "\x00")
    return rng.choice(around) + text


SPOILERS: Final[tuple[Callable[[Random, Any], object], ...]] = (
    with_odd,
    with_a_field,
    with_another_entity,
    cut,
    with_noise,
)


async def test_spoilt_answers(
    hass: HomeAssistant, scout: ScoutCoordinator, model: Model
) -> None:
    rng = Random(4)  # noqa: S311
    before = await scout._stores.suggestions.list()
    said: dict[str, int] = {}
    for n in range(MANY):
        spoil = SPOILERS[n % len(SPOILERS)]
        model.says(spoil(rng, deepcopy(WELL)))
        try:
            answer = await refine(hass, f"round {n}")
        except ServiceValidationError as err:
            key = err.translation_key or "untranslated"
        else:
            assert answer["changed"] is False, model.answers
            key = "unchanged"
        said[key] = said.get(key, 0) + 1
        async with scout._stores.database.transaction() as conn:
            await conn.execute("DELETE FROM refinement_round")
    assert await scout._stores.suggestions.list() == before
    assert set(said) <= {"refine_refused", "unchanged"}
    assert said["refine_refused"] > 0.9 * MANY
    model.says(WELL)
    answer = await refine(hass, "last")
    assert (answer["id"], answer["version"], answer["changed"]) == (KEY, 2, True)
