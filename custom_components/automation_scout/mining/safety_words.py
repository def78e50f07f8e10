"""Words in names that ask for care, in the languages that people name things in."""

import re
from typing import Final

from .facts import EntityFacts

type Words = frozenset[str]

_OPENING_WORDS: Final = frozenset(
    {"buzzer", "door", "doors", "garage", "gate", "gates", "latch", "lock", "opener"}
    | {"barrier", "unlock"}
    | {"deur", "poort", "dør", "dörr", "ovi", "portti"}
    | {"porte", "portail", "puerta", "porta", "cancello", "portão", "portao", "poarta"}
    | {"tor", "tür", "tuer", "brama", "bramka", "drzwi", "furtka", "vrata", "brána"}
    | {
        "dveře",
        "dvere",
        "kapu",
        "ajtó",
        "kap\u0131",
        "ușă",
        "дверь",
        "ворота",
        "калитка",
    }
    | {"двері", "gerbang", "pintu"}
)
_OPENING_STEMS: Final = (
    "autotalli", "cerradura", "cochera", "garag", "garaj", "garaż", "garaasj", "garasj",
    "garáž", "garázs", "haustuer", "haustür", "oeffner", "portone", "schloss",
    "serratura", "serrure", "voordeur", "zamek", "öffner", "гараж", "замок",
    "ガレージ", "ドア", "玄関", "车库", "車庫", "대문", "차고",
)  # fmt: skip
"""Parts of words, in the languages that write compounds or no spaces too."""
_HARMLESS_WORDS: Final = frozenset(
    {"bell", "chime", "doorbell", "klingel", "lamp", "lampa", "lampe", "licht", "light"}
    | {"lights", "lumière", "lumiere", "luz", "luce", "ljus", "lys", "valo", "světlo"}
    | {"światło", "свет", "verlichting", "beleuchtung", "dzwonek", "sonnette"}
)
"""A lamp of the garage and a chime of the door open nothing."""
_HARMLESS_STEMS: Final = (
    "beleuchtung", "belysning", "klingel", "lampa", "lampe", "leuchte", "licht",
    "valaisin", "verlichting",
)  # fmt: skip
_HEATING_WORDS: Final = frozenset(
    {"heater", "heating", "iron", "oven", "sauna", "stove", "cooker", "kiln", "grill"}
    | {"backofen", "bügeleisen", "heizung", "heizlüfter", "herd", "kamin", "ofen"}
    | {"chauffage", "four", "fer", "cheminée", "calefacción", "calefactor", "horno"}
    | {"estufa", "plancha", "forno", "stufa", "aquecedor", "kachel", "verwarming"}
    | {"piec", "piekarnik", "żelazko", "grzejnik", "ovn", "ugn", "uuni", "kiuas"}
    | {"духовка", "обогреватель", "утюг", "печь"}
)
_VITAL_WORDS: Final = frozenset(
    {"aquarium", "freezer", "fridge", "gefrierschrank", "kühlschrank", "modem", "nas"}
    | {"refrigerator", "router", "server", "congélateur", "frigo", "réfrigérateur"}
    | {"congelador", "nevera", "congelatore", "frigorifero", "koelkast", "vriezer"}
    | {"lodówka", "zamrażarka", "холодильник", "морозильник", "kylskåp", "frys"}
)
"""What is not to be turned off unasked."""


def words_of(entity: EntityFacts) -> Words:
    """Return the words of an entity's name and of its id, in lower case."""
    text = f"{entity.name} {entity.entity_id.partition('.')[2]}".casefold()
    return frozenset(re.split(r"[\W_]+", text))


def name_opening(words: Words) -> bool:
    """Return whether a name is that of something which opens the house."""
    if words & _HARMLESS_WORDS or _has_stem(words, _HARMLESS_STEMS):
        return False
    return bool(words & _OPENING_WORDS) or _has_stem(words, _OPENING_STEMS)


def _has_stem(words: Words, stems: tuple[str, ...]) -> bool:
    return any(stem in word for word in words for stem in stems)


def name_heating(words: Words) -> bool:
    """Return whether a name is that of something which gets hot."""
    return bool(words & _HEATING_WORDS)


def name_vital(words: Words) -> bool:
    """Return whether a name is that of something which is not to go off unasked."""
    return bool(words & _VITAL_WORDS)
