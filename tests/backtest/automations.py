"""Automations of every kind that a replay supports, in several styles of writing."""

from typing import Any, Final

NOOP: Final = {"action": "scripted.act", "target": {"entity_id": "light.desk"}}


def wait(**length: int) -> list[dict[str, Any]]:
    """Return actions that take a while."""
    return [NOOP, {"delay": length}, NOOP]


def at(*times: str) -> dict[str, Any]:
    """Return a trigger at times of the day."""
    return {"trigger": "time", "at": list(times)}


def every(minutes: int, **more: Any) -> dict[str, Any]:
    """Return a trigger every so many minutes."""
    return {"trigger": "time_pattern", "minutes": f"/{minutes}", **more}


MOTION_ON: Final = {
    "trigger": "state",
    "entity_id": "binary_sensor.motion",
    "to": "on",
}

AUTOMATIONS: Final[dict[str, dict[str, Any]]] = {
    # The clock.
    "time": {"trigger": {"platform": "time", "at": "07:30:00"}},
    "times": {"triggers": [at("06:15", "02:30:00", "23:59:59", "00:00")]},
    "time on weekdays": {
        "triggers": [
            {"trigger": "time", "at": "01:10", "weekday": ["sat", "sun"]},
            {"trigger": "time", "at": "12:00", "weekday": "mon"},
            {"trigger": "time", "at": "12:01", "weekday": ["wed", "thu"]},
        ]
    },
    "helper": {"triggers": [at("input_datetime.wake")]},
    "helper with an offset": {
        "triggers": [
            {
                "trigger": "time",
                "at": {"entity_id": "input_datetime.wake", "offset": "-00:45:00"},
            }
        ]
    },
    "pattern of minutes": {"triggers": [every(20)]},
    "pattern of hours": {"trigger": {"platform": "time_pattern", "hours": "/3"}},
    "pattern of one minute": {
        "triggers": [{"trigger": "time_pattern", "minutes": 30, "seconds": "15"}]
    },
    "pattern within an hour": {
        "triggers": [{"trigger": "time_pattern", "hours": "2", "minutes": "/15"}]
    },
    "pattern of any hour": {
        "triggers": [{"trigger": "time_pattern", "hours": "*", "minutes": 5}]
    },
    # The sun.
    "sunset": {"triggers": [{"trigger": "sun", "event": "sunset"}]},
    "before sunrise": {
        "triggers": [{"trigger": "sun", "event": "sunrise", "offset": "-00:25:30"}]
    },
    "long after sunset": {
        "trigger": [{"platform": "sun", "event": "sunset", "offset": {"hours": 7}}]
    },
    "horizon": {
        "triggers": [
            {"trigger": "state", "entity_id": "sun.sun", "to": "below_horizon"}
        ]
    },
    # States.
    "to": {"triggers": [MOTION_ON]},
    "from and to": {
        "trigger": {
            "platform": "state",
            "entity_id": "binary_sensor.motion",
            "from": "on",
            "to": "off",
        }
    },
    "any change": {
        "triggers": [{"trigger": "state", "entity_id": "media_player.tv", "to": None}]
    },
    "lists": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": ["media_player.tv", "binary_sensor.door"],
                "from": ["off", "idle"],
                "to": ["playing", "on"],
            }
        ]
    },
    "not from": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": "binary_sensor.motion",
                "not_from": ["unavailable", "unknown"],
                "to": "on",
            }
        ]
    },
    "not to": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": "media_player.tv",
                "not_to": ["unavailable", "off"],
            }
        ]
    },
    "for": {
        "triggers": [{**MOTION_ON, "to": "off", "for": "00:04:00"}],
    },
    "for after any of several": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": "media_player.tv",
                "to": ["playing", "paused"],
                "for": {"minutes": 3, "seconds": 20},
            }
        ]
    },
    "for since it left": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": "media_player.tv",
                "from": ["off", "idle"],
                "for": 300,
            }
        ]
    },
    "for after not": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": "media_player.tv",
                "not_to": "off",
                "for": "0:02",
            }
        ]
    },
    "several entities for": {
        "triggers": [
            {
                "trigger": "state",
                "entity_id": "binary_sensor.motion, binary_sensor.door",
                "to": "off",
                "for": {"minutes": 5},
            }
        ]
    },
    # Numbers.
    "above": {
        "triggers": [
            {"trigger": "numeric_state", "entity_id": "sensor.lux", "above": 60}
        ]
    },
    "below for": {
        "triggers": [
            {
                "trigger": "numeric_state",
                "entity_id": "sensor.lux",
                "below": "35.5",
                "for": {"minutes": 6},
            }
        ]
    },
    "between": {
        "trigger": {
            "platform": "numeric_state",
            "entity_id": ["sensor.lux", "sensor.temperature"],
            "above": 18,
            "below": 45,
        }
    },
    "nobody home": {
        "triggers": [{"trigger": "numeric_state", "entity_id": "zone.home", "below": 1}]
    },
    "both home": {
        "triggers": [{"trigger": "state", "entity_id": "zone.home", "to": "2"}]
    },
    # Zones.
    "comes home": {
        "triggers": [
            {
                "trigger": "zone",
                "entity_id": ["person.anna", "person.ben"],
                "zone": "zone.home",
            }
        ]
    },
    "leaves work": {
        "triggers": [
            {
                "trigger": "zone",
                "entity_id": "person.anna",
                "zone": "zone.work",
                "event": "leave",
            }
        ]
    },
    # Several, named and switched off.
    "several with ids": {
        "triggers": [
            {**MOTION_ON, "id": "moved"},
            {"trigger": "time_pattern", "hours": "/4", "id": "clock"},
            {"trigger": "time_pattern", "minutes": "/1", "enabled": False},
            {"triggers": [at("11:11:11")]},
        ],
        "conditions": [{"condition": "trigger", "id": ["clock", "3"]}],
    },
    # Conditions.
    "state": {
        "triggers": [every(10)],
        "conditions": {
            "condition": "state",
            "entity_id": "media_player.tv",
            "state": ["playing", "paused"],
        },
    },
    "state of several": {
        "triggers": [every(10)],
        "conditions": [
            {
                "condition": "state",
                "entity_id": ["binary_sensor.motion", "binary_sensor.door"],
                "state": "on",
                "match": "any",
            }
        ],
    },
    "state for": {
        "triggers": [every(5)],
        "conditions": [
            {
                "condition": "state",
                "entity_id": "binary_sensor.motion",
                "state": "off",
                "for": {"minutes": 8},
            }
        ],
    },
    "its own state": {
        "triggers": [{"trigger": "state", "entity_id": "binary_sensor.motion"}],
        "conditions": [
            {
                "condition": "state",
                "entity_id": "binary_sensor.motion",
                "state": "on",
            }
        ],
    },
    "number": {
        "triggers": [every(10)],
        "condition": [
            {
                "condition": "numeric_state",
                "entity_id": "sensor.lux",
                "below": 50,
                "above": 20,
            }
        ],
    },
    "hours": {
        "triggers": [every(20)],
        "conditions": [{"condition": "time", "after": "09:20:00", "before": "17:40"}],
    },
    "hours over midnight": {
        "triggers": [MOTION_ON],
        "conditions": [
            {
                "condition": "time",
                "after": "22:00",
                "before": "06:30",
                "weekday": ["wed", "sun", "mon"],
            }
        ],
    },
    "before a helper": {
        "triggers": [every(20)],
        "conditions": [{"condition": "time", "before": "input_datetime.wake"}],
    },
    "after sunset": {
        "triggers": [every(20)],
        "conditions": [{"condition": "sun", "after": "sunset"}],
    },
    "before sunset": {
        "triggers": [every(20)],
        "conditions": [
            {"condition": "sun", "before": "sunset", "before_offset": "-01:00:00"}
        ],
    },
    "while it is dark": {
        "triggers": [every(20)],
        "conditions": [
            {
                "condition": "sun",
                "after": "sunset",
                "before": "sunrise",
                "after_offset": "00:30:00",
            }
        ],
    },
    "while it is light": {
        "triggers": [every(20)],
        "conditions": [
            {
                "condition": "sun",
                "after": "sunrise",
                "after_offset": {"minutes": 45},
                "before": "sunset",
            }
        ],
    },
    "in a zone": {
        "triggers": [every(20)],
        "conditions": [
            {
                "condition": "zone",
                "entity_id": ["person.anna"],
                "zone": ["zone.home", "zone.work"],
            }
        ],
    },
    "nested": {
        "triggers": [every(5)],
        "conditions": [
            {
                "or": [
                    {
                        "condition": "state",
                        "entity_id": "binary_sensor.door",
                        "state": "on",
                    },
                    {
                        "condition": "and",
                        "conditions": [
                            {
                                "condition": "numeric_state",
                                "entity_id": "sensor.temperature",
                                "above": 21,
                            },
                            {
                                "not": {
                                    "condition": "state",
                                    "entity_id": "person.ben",
                                    "state": "home",
                                }
                            },
                        ],
                    },
                ]
            },
            {
                "condition": "not",
                "conditions": [
                    {"condition": "time", "after": "03:00", "before": "05:00"},
                    {
                        "condition": "state",
                        "entity_id": "media_player.tv",
                        "state": "playing",
                        "enabled": False,
                    },
                ],
            },
        ],
    },
    "list as a condition": {
        "triggers": [every(20)],
        "conditions": [
            {
                "condition": [
                    {
                        "condition": "state",
                        "entity_id": "input_boolean.guests",
                        "state": "off",
                    },
                    {"condition": "time", "after": "10:00"},
                ]
            }
        ],
    },
    # Modes.
    "single": {"triggers": [MOTION_ON], "actions": wait(minutes=12)},
    "restart": {
        "triggers": [MOTION_ON],
        "actions": wait(minutes=12),
        "mode": "restart",
    },
    "queued": {
        "triggers": [MOTION_ON],
        "actions": wait(minutes=12),
        "mode": "queued",
        "max": 2,
    },
    "parallel": {
        "triggers": [MOTION_ON, every(4)],
        "actions": wait(minutes=14),
        "mode": "parallel",
        "max": 3,
    },
    "single in one branch": {
        "triggers": [MOTION_ON],
        "actions": [
            {
                "choose": [
                    {
                        "conditions": {
                            "condition": "state",
                            "entity_id": "binary_sensor.door",
                            "state": "on",
                        },
                        "sequence": wait(minutes=15),
                    }
                ],
                "default": [{"delay": "00:01:30"}],
            }
        ],
    },
}


PURPOSES: Final[dict[str, dict[str, Any]]] = {
    "purpose": {
        "triggers": [
            {
                "trigger": "switch.turned_on",
                "target": {"entity_id": ["switch.pump"]},
            }
        ]
    },
    "purpose for": {
        "triggers": [
            {
                "trigger": "motion.cleared",
                "target": {"entity_id": "binary_sensor.motion"},
                "options": {"for": {"minutes": 4}},
            }
        ]
    },
    "purpose of the sun": {
        "triggers": [
            {
                "trigger": "sun.sunset",
                "options": {"offset": "00:20:00", "offset_type": "after"},
            },
            {"trigger": "sun.sunrise", "options": {"offset": "00:20:00"}},
        ]
    },
    "purpose asked": {
        "triggers": [every(10)],
        "conditions": [
            {
                "condition": "switch.is_on",
                "target": {"entity_id": "switch.pump"},
                "options": {"behavior": "all"},
            }
        ],
    },
}
"""What versions of Home Assistant since 2026.10 understand."""


def written(name: str) -> dict[str, Any]:
    """Return one of them, complete."""
    config = {**AUTOMATIONS, **PURPOSES}[name]
    acts = {} if "actions" in config else {"actions": [NOOP]}
    slug = name.replace(" ", "_")
    return {"id": slug, "alias": slug, **acts, **config}
