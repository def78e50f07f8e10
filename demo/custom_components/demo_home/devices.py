"""The devices of the demo home: plain values, shared by history and entities.

Each device has one entity, whose object id is the device's name in lower case with
underscores, as Home Assistant named them before it put the area first.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Device:
    """One device with its one entity."""

    domain: str
    name: str
    area: str
    idle: str
    """State when nobody has touched it."""
    device_class: str | None = None
    auto_off_s: float | None = None
    """Seconds after which it switches itself off, as a kettle does."""
    dimmable: bool = False

    @property
    def default_setting(self) -> float:
        """Temperature or brightness in percent that nobody has set."""
        return 100.0 if self.domain == "light" else 20.0

    @property
    def unit(self) -> str | None:
        """Unit of what a sensor measures."""
        return UNITS.get(self.device_class or "") if self.domain == "sensor" else None

    @property
    def object_id(self) -> str:
        """Part of the entity id after the dot; also the unique id."""
        return self.name.lower().replace("'", "").replace(" ", "_")

    @property
    def entity_id(self) -> str:
        """Entity id that the entity asks for."""
        return f"{self.domain}.{self.object_id}"


UNITS: Final = {"temperature": "°C", "humidity": "%"}
COVER_TRAVEL_S: Final = 12.0
"""Seconds a cover takes from end to end. More than the 5 s for which an entity keeps
the context of a call, so the arrival is recorded as nobody's, as with real covers."""

KETTLE_BOIL_S: Final = 210.0


def _light(name: str, area: str, *, dimmable: bool = False) -> Device:
    return Device("light", name, area, "off", dimmable=dimmable)


def _sensor(name: str, area: str, device_class: str) -> Device:
    return Device("binary_sensor", name, area, "off", device_class)


def _temperature(area: str) -> Device:
    name = f"{area.capitalize()} temperature"
    return Device("sensor", name, area, "20.5", "temperature")


DEVICES: Final = (
    _light("Hall light", "Hall"),
    _light("Stairs light", "Hall"),
    Device("lock", "Front door lock", "Hall", "locked"),
    _sensor("Front door", "Hall", "door"),
    _sensor("Hall motion", "Hall", "motion"),
    _light("Living room light", "Living Room", dimmable=True),
    _light("Floor lamp", "Living Room", dimmable=True),
    _light("Reading lamp", "Living Room"),
    Device("switch", "Fairy lights", "Living Room", "off", "outlet"),
    Device("media_player", "TV", "Living Room", "off", "tv"),
    Device("media_player", "Living room speaker", "Living Room", "off", "speaker"),
    Device("cover", "Living room blinds", "Living Room", "open", "blind"),
    Device("fan", "Ceiling fan", "Living Room", "off"),
    Device("climate", "Living room thermostat", "Living Room", "heat"),
    _sensor("Living room motion", "Living Room", "motion"),
    _temperature("Living Room"),
    _light("Kitchen light", "Kitchen"),
    _light("Counter light", "Kitchen", dimmable=True),
    _light("Dining light", "Kitchen", dimmable=True),
    Device("switch", "Kettle", "Kitchen", "off", "outlet", auto_off_s=KETTLE_BOIL_S),
    Device("switch", "Coffee machine", "Kitchen", "off", "outlet"),
    Device("media_player", "Kitchen radio", "Kitchen", "off", "speaker"),
    Device("cover", "Kitchen blind", "Kitchen", "open", "blind"),
    _sensor("Kitchen motion", "Kitchen", "motion"),
    _temperature("Kitchen"),
    _light("Bedroom light", "Bedroom", dimmable=True),
    _light("Anna's bedside lamp", "Bedroom"),
    _light("Ben's bedside lamp", "Bedroom"),
    _light("Wardrobe light", "Bedroom"),
    Device("media_player", "Bedroom speaker", "Bedroom", "off", "speaker"),
    Device("cover", "Bedroom blinds", "Bedroom", "closed", "blind"),
    Device("climate", "Bedroom thermostat", "Bedroom", "heat"),
    _sensor("Bedroom window", "Bedroom", "window"),
    _temperature("Bedroom"),
    _light("Bathroom light", "Bathroom"),
    _light("Mirror light", "Bathroom"),
    Device("switch", "Towel rail", "Bathroom", "off", "switch"),
    Device("fan", "Bathroom fan", "Bathroom", "off"),
    _sensor("Bathroom motion", "Bathroom", "motion"),
    _temperature("Bathroom"),
    Device("sensor", "Bathroom humidity", "Bathroom", "50", "humidity"),
    _light("Laundry light", "Laundry"),
    Device("switch", "Dehumidifier", "Laundry", "off", "outlet"),
    _sensor("Washing machine", "Laundry", "running"),
    _light("Office light", "Office"),
    _light("Desk lamp", "Office", dimmable=True),
    Device("switch", "Treadmill", "Office", "off", "outlet"),
    Device("climate", "Office thermostat", "Office", "heat"),
    _sensor("Office occupancy", "Office", "occupancy"),
    _temperature("Office"),
    _light("Porch light", "Garden"),
    _light("Garden lights", "Garden"),
    Device("switch", "Garden pump", "Garden", "off", "switch"),
    Device("cover", "Garage door", "Garage", "closed", "garage"),
    _light("Garage light", "Garage"),
    Device("device_tracker", "Anna's phone", "", "home"),
    Device("device_tracker", "Ben's phone", "", "home"),
)


def of_domain(domain: str) -> tuple[Device, ...]:
    """Return the devices of one domain."""
    return tuple(device for device in DEVICES if device.domain == domain)
