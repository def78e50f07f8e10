"""The forms: configuration folders written out in `forms/`.

A form begins with `--- name`, or `--- habit | name`; `+++ path` begins a further file.
`DEVICE(entity)` and `ENTRY(entity)` stand for the ids in the registries.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Final

from custom_components.automation_scout.mining.rules import Action

FOLDER: Final = Path(__file__).parent / "forms"
MAIN: Final = "configuration.yaml"
HABITS: Final = {
    "bathroom fan": Action("fan.bathroom_fan", "on"),
    "bedroom light": Action("light.bedroom_light", "on"),
    "blinds": Action("cover.bedroom_blinds", "open"),
    "floor lamp": Action("light.floor_lamp", "on"),
    "garden lights": Action("light.garden_lights", "on"),
    "hall light": Action("light.hall_light", "on"),
    "kettle": Action("switch.kettle", "on"),
    "kitchen light": Action("light.kitchen_light", "on"),
    "laundry light": Action("light.laundry_light", "on"),
    "treadmill": Action("switch.treadmill", "on"),
    "tv off": Action("media_player.tv", "off"),
}
"""Name of each habit that the demo home shows to what is done."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing an automation."""

    name: str
    habit: str
    files: dict[str, str]
    """Path in the configuration folder to content."""

    @property
    def action(self) -> Action:
        """What the habit does."""
        return HABITS[self.habit]

    def write(self, folder: Path, id_of: Callable[[str, str], str]) -> None:
        """Write the files, with the ids that `id_of(kind, entity_id)` gives."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                re.sub(
                    r"(DEVICE|ENTRY)\(([\w.]+)\)",
                    lambda found: id_of(found[1], found[2]),
                    content,
                ),
                "utf-8",
            )


def forms_in(name: str, habit: str = "kitchen light") -> list[Form]:
    """Return the forms of a file; `habit` is that of forms that name none."""
    return list(_read((FOLDER / f"{name}.yaml").read_text("utf-8"), habit))


def _read(text: str, habit: str) -> Iterator[Form]:
    _, *parts = re.split(r"^--- (.+)$", text, flags=re.MULTILINE)
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        named, _, name = title.rpartition(" | ")
        first, *more = re.split(r"^\+\+\+ (.+)$", body, flags=re.MULTILINE)
        files = {MAIN: first, **dict(zip(more[::2], more[1::2], strict=True))}
        yield Form(name, named or habit, files)
