"""Homes with an automation that people let be, undo, or are ahead of."""

from collections.abc import Iterable
from typing import Final

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    Action,
    NumericTrigger,
    Side,
    StateTrigger,
    TimeTrigger,
    Trigger,
)

from .worlds import HOUR, MINUTE, SECOND, ZONE, idle_use, instant

EVENING: Final = "automation.evening"
LAMP: Final = Action("light.lamp", "on")
AT: Final = 22 * 60 + 30


def automation(trigger: Trigger, state: str = "on") -> ExistingAutomation:
    """Return an automation that does one thing with the lamp."""
    return ExistingAutomation(
        EVENING,
        "Evening",
        True,
        (trigger,),
        targets=frozenset({("light.lamp", state)}),
    )


def facts_with(*automations: ExistingAutomation) -> HomeFacts:
    """Return the facts of a home with automations."""
    return HomeFacts(ZONE, automations=automations)


def by_clock() -> HomeFacts:
    """Return a home whose automation turns on the lamp at half past ten."""
    return facts_with(automation(TimeTrigger(AT)))


def wobble_of(day: int) -> int:
    """Return by how many ms people are early or late on a day; no machine is so."""
    return (day * 37 % 11 - 5) * 8 * SECOND


def lived(days: int) -> list[Row]:
    """Return a home in which somebody is, every day, whatever else happens."""
    return idle_use("switch.fan", days, 4)


def ran(at: int, state: str = "on", origin: Origin = Origin.AUTOMATION) -> Row:
    """Return what the automation did."""
    return (at + 300, "light.lamp", state, origin, EVENING)


def person(at: int, state: str) -> Row:
    """Return what somebody did to the lamp."""
    return (at, "light.lamp", state, Origin.USER, "anna")


def kept(days: Iterable[int], origin: Origin = Origin.AUTOMATION) -> list[Row]:
    """Let it act, and stay on until somebody goes to bed."""
    rows: list[Row] = []
    for day in days:
        at = instant(day, AT)
        rows += [
            ran(at, origin=origin),
            person(at + 2 * HOUR + 9 * wobble_of(day), "off"),
        ]
    return rows


def undone(
    days: Iterable[int],
    again: int | None = None,
    origin: Origin = Origin.AUTOMATION,
) -> list[Row]:
    """Let it act; somebody undoes it, and may do it again after so many minutes."""
    rows: list[Row] = []
    for day in days:
        at, wobble = instant(day, AT), wobble_of(day)
        rows += [
            ran(at, origin=origin),
            person(at + 2 * MINUTE + wobble, "off"),
        ]
        if again is not None:
            rows.append(person(at + again * MINUTE + wobble, "on"))
            rows.append(person(at + 3 * HOUR + wobble, "off"))
    return rows


def ahead(days: Iterable[int], minutes: int) -> list[Row]:
    """Let somebody do it before the automation would, so that it does nothing."""
    rows: list[Row] = []
    for day in days:
        at, wobble = instant(day, AT), wobble_of(day)
        rows.append(person(at - minutes * MINUTE + wobble, "on"))
        rows.append(person(at + 2 * HOUR + 9 * wobble, "off"))
    return rows


def passages(
    days: Iterable[int], stays_min: float, back_min: float | None
) -> list[Row]:
    """Let the lamp go off ten minutes after the last movement, twice a day.

    `back_min` after that somebody who sat still moves, and turns it on again; where it
    is None everybody had left.
    """
    rows: list[Row] = []
    for day in days:
        for hour in (18, 21):
            at = instant(day, 60 * hour) + wobble_of(day)
            still = at + round(stays_min * MINUTE)
            off = still + 10 * MINUTE
            rows += [
                (at, "binary_sensor.room", "on", Origin.REPORT, ""),
                (at + SECOND, "light.lamp", "on", Origin.USER, "anna"),
                (still, "binary_sensor.room", "off", Origin.REPORT, ""),
                ran(off, "off"),
            ]
            if back_min is not None:
                back = off + round(back_min * MINUTE)
                still = back + 40 * MINUTE
                rows += [
                    (back, "binary_sensor.room", "on", Origin.REPORT, ""),
                    person(back + 3 * SECOND, "on"),
                    (
                        back + 40 * MINUTE,
                        "binary_sensor.room",
                        "off",
                        Origin.REPORT,
                        "",
                    ),
                    ran(still + 10 * MINUTE, "off"),
                ]
    return rows


def by_stay() -> HomeFacts:
    """Return a home whose lamp goes off after ten minutes without movement."""
    return facts_with(
        automation(StateTrigger("binary_sensor.room", "off", for_s=600), "off")
    )


def by_number() -> HomeFacts:
    """Return a home whose lamp goes on when a number rises above sixty."""
    return facts_with(automation(NumericTrigger("sensor.damp", Side.ABOVE, 60)))


def damp(days: Iterable[int], peak: float, *, undo: bool) -> list[Row]:
    """Let a number rise to a peak by fives; the automation acts above sixty."""
    rows: list[Row] = []
    for day in days:
        at = instant(day, 1100) + wobble_of(day)
        values = [50.0]
        while values[-1] < peak:
            values.append(values[-1] + 5)
        crossed = at
        for step, value in enumerate(values):
            t = at + step * 2 * MINUTE
            rows.append((t, "sensor.damp", f"{value:g}", Origin.REPORT, ""))
            if value > 60 and crossed == at:
                crossed = t
        rows.append((at + HOUR, "sensor.damp", "45", Origin.REPORT, ""))
        rows.append(ran(crossed))
        off = crossed + (3 * MINUTE if undo else 2 * HOUR)
        rows.append(person(off + wobble_of(3 * day), "off"))
    return rows
