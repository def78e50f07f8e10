"""A home with one thing of each kind that a change may name."""

from typing import Final

from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts

FACTS: Final = HomeFacts(
    "UTC",
    {
        item.entity_id: item
        for item in (
            EntityFacts("light.desk", "Desk"),
            EntityFacts("light.hall", "Hall"),
            EntityFacts("cover.blind", "Blind"),
            EntityFacts("climate.study", "Study"),
            EntityFacts("media_player.tv", "TV"),
            EntityFacts("switch.fan", "Fan"),
            EntityFacts("binary_sensor.door", "Door"),
            EntityFacts("person.anna", "Anna"),
            EntityFacts("sensor.damp", "Damp", is_numeric=True),
            EntityFacts("sensor.warm", "Warm", is_numeric=True),
        )
    },
    latitude=52.1,
    longitude=5.1,
)
