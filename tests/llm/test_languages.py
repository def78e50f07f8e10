"""Which language a text is in, by the catalogues that there are."""

# ruff: noqa: RUF001 - letters of other scripts are the matter here

from collections.abc import Mapping
from itertools import product
import json
from pathlib import Path
import re
from typing import Any, Final

import homeassistant
import pytest

from custom_components.automation_scout.llm.languages import (
    NAMES,
    Languages,
    load_all,
    name_of,
    words_of,
)
from custom_components.automation_scout.llm.plain_text import values_in
from custom_components.automation_scout.words.catalogue import Catalogue

TEXTS: Final[Mapping[str, str]] = {
    "en": (
        "Let the hallway light greet you Your kitchen lamp would come on by itself "
        "whenever the front door opens after dark. You have been doing this by "
        "hand almost every evening. A cosy start to the evening, without reaching "
        "for the switch."
    ),
    "de": (
        "Das Licht im Flur begrüßt dich Die Lampe würde von selbst angehen, sobald "
        "abends die Haustür geöffnet wird. Bisher machst du das fast jeden Abend "
        "selbst. So kommst du immer in ein helles Zuhause und musst nicht nach dem "
        "Schalter tasten."
    ),
    "nl": (
        "Het licht in de gang verwelkomt je De lamp gaat vanzelf aan zodra 's "
        "avonds de voordeur opengaat. Tot nu toe doe je dat bijna elke avond zelf. "
        "Zo kom je altijd thuis in een verlichte woning."
    ),
    "fr": (
        "La lumière de l'entrée vous accueille La lampe s'allumerait toute seule "
        "dès que la porte s'ouvre le soir. Jusqu'ici, vous le faites presque tous "
        "les soirs vous-même. Vous rentrez ainsi toujours dans une maison "
        "éclairée."
    ),
    "es": (
        "La luz del pasillo te recibe La lámpara se encendería sola en cuanto se "
        "abra la puerta por la noche. Hasta ahora lo haces tú casi todas las "
        "noches. Así siempre llegas a una casa iluminada."
    ),
    "it": (
        "La luce del corridoio ti accoglie La lampada si accenderebbe da sola "
        "appena si apre la porta di sera. Finora lo fai tu quasi ogni sera. Così "
        "torni sempre in una casa illuminata."
    ),
    "pt": (
        "A luz do corredor recebe-o O candeeiro acenderia sozinho assim que a "
        "porta se abrisse à noite. Até agora faz isso quase todas as noites. Assim "
        "chega sempre a uma casa iluminada."
    ),
    "pt-BR": (
        "A luz do corredor recebe você O abajur acenderia sozinho assim que a porta "
        "fosse aberta à noite. Até agora você faz isso quase todas as noites. Assim "
        "você sempre chega a uma casa iluminada."
    ),
    "sv": (
        "Ljuset i hallen välkomnar dig Lampan tänds av sig själv så snart "
        "ytterdörren öppnas på kvällen. Hittills har du gjort det själv nästan "
        "varje kväll. Så kommer du alltid hem till ett upplyst hus."
    ),
    "da": (
        "Lyset i gangen byder dig velkommen Lampen tænder af sig selv, så snart "
        "hoveddøren åbnes om aftenen. Hidtil har du gjort det selv næsten hver "
        "aften. Så kommer du altid hjem til et oplyst hus."
    ),
    "nb": (
        "Lyset i gangen ønsker deg velkommen Lampen slår seg på av seg selv så "
        "snart ytterdøren åpnes om kvelden. Til nå har du gjort det selv nesten "
        "hver kveld. Da kommer du alltid hjem til et opplyst hus."
    ),
    "cs": (
        "Světlo v chodbě vás přivítá Lampa se sama rozsvítí, jakmile se večer "
        "otevřou dveře. Zatím to děláte sami téměř každý večer. Vždy tak přijdete "
        "do osvětleného domova."
    ),
    "pl": (
        "Światło w korytarzu cię przywita Lampa zapali się sama, gdy tylko "
        "wieczorem otworzą się drzwi. Do tej pory robisz to sam prawie każdego "
        "wieczoru. Dzięki temu zawsze wracasz do oświetlonego domu."
    ),
    "fi": (
        "Käytävän valo toivottaa sinut tervetulleeksi Lamppu syttyisi itsestään "
        "heti kun ulko-ovi avataan illalla. Tähän asti olet tehnyt sen itse "
        "melkein joka ilta. Näin tulet aina valaistuun kotiin."
    ),
    "tr": (
        "Koridor ışığı sizi karşılasın Akşamları kapı açılır açılmaz lamba "
        "kendiliğinden yanar. Şimdiye kadar bunu neredeyse her akşam kendiniz "
        "yapıyorsunuz. Böylece her zaman aydınlık bir eve gelirsiniz."
    ),
    "uk": (
        "Світло в коридорі зустріне вас Лампа вмикатиметься сама, щойно ввечері "
        "відчиняться двері. Досі ви робите це самі майже щовечора. Так ви завжди "
        "повертатиметеся до освітленого дому."
    ),
    "zh-Hans": (
        "走廊的灯欢迎您回家 晚上一打开大门，灯就会自动亮起。到目前为止，您几乎每天晚"
        "上都自己动手。 这样您回到家总是明亮的。"
    ),
    "ru": (
        "Свет в коридоре встретит вас Лампа будет включаться сама, как только "
        "вечером откроется дверь. До сих пор вы делаете это сами почти каждый "
        "вечер. Так вы всегда будете возвращаться в освещённый дом."
    ),
}
"""What a model might write; Russian is the one that there is no catalogue of."""


@pytest.fixture(scope="module")
def languages() -> Languages:
    return load_all()


def same(tag: str, other: str) -> bool:
    """Return whether two tags are of one language, whatever their regions."""
    return tag.partition("-")[0] == other.partition("-")[0]


def test_texts_are_taken_for_their_language_alone(languages: Languages) -> None:
    tags = [tag for tag in TEXTS if languages.vocabulary(tag)]
    assert "en" in tags
    wrong = [
        (tag, expected)
        for tag, expected in product(tags, tags)
        if languages.is_foreign(TEXTS[tag], expected) is same(tag, expected)
    ]
    assert wrong == []


def texts_of_the_host(tag: str, most: int) -> list[str]:
    """Return what Home Assistant itself says in a language, as long as an answer."""
    folder = Path(homeassistant.__file__).parent / "components"
    found: set[str] = set()
    for path in sorted(folder.glob(f"*/translations/{tag}.json")):
        for text in values_in(json.loads(path.read_text("utf-8"))):
            plain = re.sub(r"\{[^}]*\}|\[[^\]]*\]\([^)]*\)|`[^`]*`", " ", str(text))
            # A Chinese character says as much as three letters.
            weight = 3 if tag == "zh-Hans" else 1
            if 80 <= weight * sum(map(str.isalpha, plain)) <= 300:
                found.add(plain)
        if len(found) >= most:
            break
    return sorted(found)


def test_texts_that_no_catalogue_has_seen(languages: Languages) -> None:
    """What translators wrote for Home Assistant, by how often it is taken wrongly.

    At most one in fifty is refused. Of other languages one in twenty may pass, between
    Danish and Norwegian and in English words that were left as they are; on average it
    is one in a hundred.
    """
    texts = {tag: texts_of_the_host(tag, 120) for tag in NAMES}
    assert min(map(len, texts.values())) >= 40
    refused, passed = {}, {}
    for tag in NAMES:
        own = [languages.is_foreign(text, tag) for text in texts[tag]]
        refused[tag] = sum(own) / len(own)
        foreign = [other for other in NAMES if not same(tag, other)]
        others = [text for other in foreign for text in texts[other][:20]]
        passed[tag] = sum(not languages.is_foreign(o, tag) for o in others) / len(
            others
        )
    assert max(refused.values()) <= 0.02, refused
    assert max(passed.values()) <= 0.06, passed
    assert sum(passed.values()) / len(passed) <= 0.015, passed


def test_another_script_is_foreign(languages: Languages) -> None:
    for tag in ("uk", "zh-Hans", "ru"):
        assert languages.is_foreign(TEXTS[tag], "en")
        assert languages.is_foreign(TEXTS[tag][:12], "en")


def test_russian_is_not_ukrainian() -> None:
    """By the letters that the catalogue has nowhere: there is no Russian one."""
    letters = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
    words = " ".join(map("".join, product(letters, letters)))
    ukrainian = Languages.of([Catalogue("uk", {"a": words})])
    assert ukrainian.is_foreign(TEXTS["ru"], "uk")
    assert not ukrainian.is_foreign(TEXTS["uk"], "uk")


def test_a_few_words_say_too_little(languages: Languages) -> None:
    assert not languages.is_foreign("Hue Eco", "en")
    assert not languages.is_foreign("", "en")
    assert not languages.is_foreign("40 % – 07:00 🌙", "en")


def test_what_has_no_catalogue_is_not_judged(languages: Languages) -> None:
    assert not languages.is_foreign(TEXTS["de"], "xx")
    assert not Languages.of([]).is_foreign(TEXTS["de"], "en")


def small(tag: str, **texts: Any) -> Catalogue:
    return Catalogue(tag, texts)


def test_small_catalogues_tell_what_they_can() -> None:
    """Of a language without a catalogue nobody knows; of two, the likelier one."""
    english = small("en", a="turn on {name} when the door opens in the evening")
    german = small(
        "de", a={"b": ["schalte {name} ein, wenn abends die Tür aufgeht", "das Licht"]}
    )
    alone = Languages.of([english])
    both = Languages.of([english, german])
    text = "Schalte das Licht ein, wenn abends die Tür aufgeht"
    assert not alone.is_foreign(text, "en")
    assert both.is_foreign(text, "en")
    assert not both.is_foreign(text, "de")
    assert both.is_foreign("Turn on the light when the door opens", "de")
    assert "name" not in both.vocabulary("en")


def test_names_and_words() -> None:
    assert name_of("de") == "German"
    assert name_of("pt-BR") == "Brazilian Portuguese"
    assert "xx-Y" in name_of("xx-Y")
    assert len(NAMES) == 17
    assert words_of("Ünder_the 3 LAMPS, l'eau") == ["ünder", "the", "lamps", "l", "eau"]
