"""Rules that between them use every template of a catalogue."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from custom_components.automation_scout.mining.attributes import ATTRIBUTES
from custom_components.automation_scout.mining.evidence import Evidence, Holdout
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.result import Instead, Proven, Tier
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Action,
    Condition,
    Kind,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    Values,
    WeekdayCondition,
    WindowCondition,
)
from custom_components.automation_scout.mining.standing import TrialReport
from custom_components.automation_scout.words.catalogue import Catalogue
from custom_components.automation_scout.words.comparing import tried
from custom_components.automation_scout.words.templates import describe

from ..scripted import proven

LAMP: Final = Action("light.desk", "on")
MORNING: Final = TimeTrigger(420, (0, 1, 2, 3, 4))
_DEVICES: Final[tuple[tuple[str, str, str | None, str | None], ...]] = (
    ("light.desk", "Desk", None, None),
    ("light.hall", "Hall", None, None),
    ("sensor.air", "Study", "carbon_dioxide", "ppm"),
    ("sensor.damp", "Bath", "humidity", "%"),
    ("sensor.lux", "Porch", "illuminance", "lx"),
    ("sensor.power", "Washer", "power", "W"),
    ("sensor.warm", "Attic", "temperature", "°C"),
    ("sensor.wind", "Roof", "wind_speed", "km/h"),
    ("sensor.odd", "Odd", None, None),
)


def home(catalogue: Catalogue) -> HomeFacts:
    """Return a home with a thing for every row of the catalogue."""
    entities = [
        EntityFacts(entity_id, name, None, None, device_class, (), unit)
        for entity_id, name, device_class, unit in _DEVICES
    ]
    for family in ("act", "act_with", "cue", "stay", "while"):
        entities += [_thing(str(row)) for row in catalogue.texts[family]]
    entities += [
        EntityFacts(f"{domain}.thing", domain.title()) for domain in ATTRIBUTES
    ]
    return HomeFacts(
        "UTC",
        {item.entity_id: item for item in entities},
        automations=tuple(
            ExistingAutomation(
                f"automation.{name}",
                name.title(),
                enabled=name != "idle",
                missing=("light.gone", "light.lost") if name == "night" else (),
            )
            for name in ("night", "noon", "idle")
        ),
    )


def _thing(row: str) -> EntityFacts:
    domain, _, device_class = row.partition(".")
    if row == "*":
        return EntityFacts("input_boolean.any", "Guests")
    if domain == "sun":
        return EntityFacts(SUN, "Sun")
    if domain == "zone":
        return EntityFacts(HOME, "Home")
    name = (device_class or domain).replace("_", " ").title()
    return EntityFacts(
        f"{domain}.{device_class or 'thing'}", name, None, None, device_class or None
    )


def _states(row: dict[str, str]) -> Iterator[str]:
    for state in row:
        yield "sleep" if state == "*" else state


def triggers(catalogue: Catalogue) -> Iterator[Trigger]:
    """Yield a trigger for every form."""
    for days in ((0, 1, 2, 3, 4, 5, 6), (5, 6), (1, 3), (0,), (0, 2, 4)):
        yield TimeTrigger(1350, days)
    for left_out in range(7):
        yield TimeTrigger(365, tuple(day for day in range(7) if day != left_out))
    for event in SunEvent:
        for offset in (-90, -1, 0, 1, 20):
            yield SunTrigger(event, offset)
    for family, for_s in (("cue", 0), ("stay", 600)):
        for row, forms in catalogue.texts[family].items():
            for state in _states(forms):
                yield StateTrigger(_thing(row).entity_id, state, for_s)
    yield StateTrigger("binary_sensor.motion", "on", quiet_s=3600)
    yield StateTrigger("binary_sensor.door", "on", for_s=9060)
    yield StateTrigger("light.hall", "on", for_s=45)
    for one in (1, 60, 7260):
        yield StateTrigger("light.hall", "on", for_s=one)
        yield StateTrigger("light.hall", "on", quiet_s=one)
        yield NumericTrigger("sensor.warm", Side.ABOVE, 24, one)
    yield from levels()


def levels() -> Iterator[Trigger]:
    """Yield a trigger for every form of a threshold."""
    for entity_id, _, device_class, unit in _DEVICES[2:]:
        for side, for_s in ((Side.ABOVE, 0), (Side.BELOW, 0)):
            yield NumericTrigger(entity_id, side, 20.5 if unit else 3, for_s)
        if device_class == "temperature":
            yield NumericTrigger(entity_id, Side.ABOVE, 24, 300)
            yield NumericTrigger(entity_id, Side.BELOW, 18, 3600)


def conditions(catalogue: Catalogue) -> Iterator[tuple[Condition, ...]]:
    """Yield conditions of every form."""
    yield (WeekdayCondition((0, 1, 2, 3, 4)),)
    yield (WindowCondition(1080, 1380),)
    yield (WindowCondition(1380, 360), StateCondition(SUN, "below_horizon"))
    for row, forms in catalogue.texts["while"].items():
        for state in _states(forms):
            yield (StateCondition(_thing(row).entity_id, state),)
    yield (
        NumericCondition("sensor.warm", Side.BELOW, 19),
        NumericCondition("sensor.lux", Side.ABOVE, 1200.5),
    )


def doings(catalogue: Catalogue) -> Iterator[tuple[Action, Values, tuple[Step, ...]]]:
    """Yield what is done, in every form."""
    for row, forms in catalogue.texts["act"].items():
        for state in _states(forms):
            yield Action(_thing(row).entity_id, state), (), ()
    for row, forms in catalogue.texts["act_with"].items():
        domain = "light" if row == "*" else row
        known = ATTRIBUTES.get(domain, ATTRIBUTES["cover"])
        values = tuple((one.name, 40.0) for one in known if one.is_number)[:2]
        for state in _states(forms):
            yield Action(_thing(row).entity_id, state), values, ()
    for domain, attributes in ATTRIBUTES.items():
        for one in attributes:
            value = "30" if one.is_number else "eco"
            yield Action(f"{domain}.thing#{one.name}", value), (), ()
            if one.name in catalogue.texts["value"]:
                said: Values = ((one.name, 30.0 if one.is_number else "eco"),)
                yield Action(f"{domain}.thing", "on"), said, ()
    steps = (
        Step(Action("light.hall", "on")),
        Step(Action("cover.thing", "closed"), (), 90),
    )
    yield LAMP, (("brightness", 40.0), ("color_temp", 2700.0)), steps
    yield LAMP, (), (Step(Action("cover.thing", "closed"), (), 60),)
    lamps = tuple(Step(Action(f"light.{n}", "on")) for n in range(5))
    yield LAMP, (), lamps


def rules(catalogue: Catalogue) -> Iterator[Rule]:
    """Yield a rule for each trigger, condition and doing."""
    for trigger in triggers(catalogue):
        yield Rule(trigger, LAMP, 900)
    for terms in conditions(catalogue):
        yield Rule(StateTrigger("binary_sensor.door", "on"), LAMP, 900, terms)
    for action, values, steps in doings(catalogue):
        yield Rule(MORNING, action, 900, (), more=steps, values=values)


def suggestions(catalogue: Catalogue) -> Iterator[Proven]:
    """Yield suggestions of every kind, with every reason."""
    base = proven(MORNING)
    counts = replace(
        base.evidence, days_observed=21, opportunities=1, hits=1, wrong=0, missed=22
    )
    yield base
    yield replace(base, evidence=counts)
    yield replace(base, evidence=Evidence(14, 5, 4, 1, 2, 6, 0, 0, ()))
    for n in (1, 2, 5):
        tried_on = Holdout(1, 1, n - 1)
        few = Evidence(n + 3, n, 1, n - 1, n, n, 0, 0, (), holdout=tried_on)
        yield replace(base, evidence=few)
    yield proven(MORNING, "lock.thing", "locked", tier=Tier.NOTIFY, reasons=("lock",))
    reasons = tuple(catalogue.texts["safety"])
    yield proven(MORNING, tier=Tier.CONFIRM, reasons=reasons)
    yield proven(MORNING, covered_by=("automation.night", "automation.idle"))
    yield replace(base, conflicts=("automation.night", "automation.noon"))
    door = Rule(StateTrigger("binary_sensor.door", "on"), LAMP, 300)
    yield replace(base, rule=replace(door, special=Kind.OPPORTUNITY))
    was = Instead(Rule(TimeTrigger(400, (0, 1, 2, 3, 4)), LAMP, 900), 3, 21)
    night = "automation.night"
    changed = replace(base.rule, special=Kind.ADJUST, replaces=night)
    yield replace(base, rule=changed, instead=was)
    for n in (1, 2, 5):
        before = replace(was, agreed=1, occasions=n)
        yield replace(base, instead=before)
        yield replace(base, rule=changed, instead=before)
    yield replace(base, evidence=replace(counts, opportunities=0), instead=was)
    tidy = replace(base.rule, special=Kind.TIDY, replaces=night)
    yield replace(
        proven(
            MORNING,
            tier=Tier.OK,
            reasons=tuple(catalogue.texts["tidy"]),
            covered_by=("automation.noon",),
        ),
        rule=tidy,
    )


def sentences(catalogue: Catalogue) -> Iterator[str]:
    """Yield every sentence once, one a line."""
    facts = home(catalogue)
    base = proven(MORNING)
    yield from dict.fromkeys(
        line
        for lines in (
            (_title(rule, base, facts, catalogue) for rule in rules(catalogue)),
            (
                describe(replace(base, rule=rule), facts, catalogue).description
                for rule in _described(catalogue)
            ),
            _suggested(facts, catalogue),
            _counted(catalogue),
        )
        for line in lines
    )


def _title(rule: Rule, base: Proven, facts: HomeFacts, catalogue: Catalogue) -> str:
    return describe(replace(base, rule=rule), facts, catalogue).title


def _described(catalogue: Catalogue) -> Iterator[Rule]:
    """Yield one rule for each form of a trigger, and one for each doing."""
    forms = {type(item): item for item in triggers(catalogue)}
    for trigger in forms.values():
        yield Rule(trigger, LAMP, 900)
    for action, values, steps in doings(catalogue):
        yield Rule(MORNING, action, 900, (), more=steps, values=values)


def _suggested(facts: HomeFacts, catalogue: Catalogue) -> Iterator[str]:
    for item in suggestions(catalogue):
        text = describe(item, facts, catalogue)
        yield from (text.title, text.description, text.rationale)


def _counted(catalogue: Catalogue) -> Iterator[str]:
    for n in (0, 1, 2, 5, 21, 22):
        yield tried(TrialReport(n, n, 0, 1, ()), catalogue)
        for unit in catalogue.texts["count"]:
            yield catalogue.count(unit, n)


def leaves(texts: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a catalogue with its path."""
    if isinstance(texts, dict):
        for key, value in texts.items():
            yield from leaves(value, f"{path}/{key}")
    elif isinstance(texts, list):
        for number, value in enumerate(texts):
            yield from leaves(value, f"{path}/{number}")
    else:
        yield path[1:], str(texts)
