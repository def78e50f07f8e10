"""Times, numbers and names in words."""

from ..mining.facts import EntityFacts, HomeFacts
from ..mining.services import plain
from .catalogue import ANY, Catalogue
from .names import clean


def name_of(entity_id: str, facts: HomeFacts) -> str:
    """Return the name of an entity, fit for a sentence."""
    return clean(facts.of(entity_id).name, entity_id)


def state_of(state: str, catalogue: Catalogue) -> str:
    """Return a state in words, fit for a sentence."""
    return clean(catalogue.state(state), state)


def clock(minute: int, catalogue: Catalogue) -> str:
    """Return a minute of the day as the language writes it."""
    hours, minutes = f"{minute // 60 % 24:02}", f"{minute % 60:02}"
    return catalogue.fill("clock", hours=hours, minutes=minutes)


def duration(seconds: int, catalogue: Catalogue, family: str = "count") -> str:
    """Return a length of time: "90 seconds", "60 minutes", "2 hours and 5 minutes".

    The family is that of `Catalogue.count`.
    """
    if seconds < 120 and seconds % 60:
        return catalogue.count("seconds", seconds, family)
    minutes = round(seconds / 60)
    if minutes < 120:
        return catalogue.count("minutes", minutes, family)
    parts = [catalogue.count("hours", minutes // 60, family)]
    if minutes % 60:
        parts.append(catalogue.count("minutes", minutes % 60, family))
    return catalogue.enumerate(parts, "list_durations")


def number(value: float, catalogue: Catalogue) -> str:
    """Return a number as the language writes it."""
    return f"{plain(value):.10g}".replace(".", catalogue.fill("decimal"))


def measure(value: float, unit: str | None, catalogue: Catalogue) -> str:
    """Return a number with its unit, if it has one."""
    shown = clean(unit or "", "")
    text = number(value, catalogue)
    if not shown:
        return text
    return catalogue.form("measure", shown).format(number=text, unit=shown)


def subject(entity: EntityFacts, facts: HomeFacts, catalogue: Catalogue) -> str:
    """Return what a sensor measures, with its name: "the temperature of Hall".

    A name that says what is measured is left alone.
    """
    name = name_of(entity.entity_id, facts)
    kind = entity.device_class or ANY
    said = catalogue.texts["measured"].get(kind, ())
    if any(word in name.casefold() for word in said):
        kind = ANY
    return catalogue.form("subject", kind).format(name=name)
