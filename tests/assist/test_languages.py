"""What Assist understands and answers in every language."""

from itertools import islice
from typing import Final

from hassil import Intents, parse_sentence, recognize_all
from hassil.intents import TextSlotList
from hassil.sample import sample_sentence
from homeassistant.core import HomeAssistant
import pytest

from custom_components.automation_scout.assist.sentences import FOLDER, languages_for
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.words.catalogue import Catalogue, load

from ..languages.said import LANGUAGES
from .conftest import Say

NAME: Final = "Zyx 42"
MOST: Final = 200
"""Ways to say a sentence that are tried, of those that may be hundreds."""


def ways(sentence: str, name: str = NAME) -> list[str]:
    """Return ways to say a sentence."""
    found = sample_sentence(
        parse_sentence(sentence), {"name": TextSlotList.from_strings([name])}
    )
    return [" ".join(way.split()) for way in islice(found, MOST)]


def first(language: str, request: str, name: str = NAME) -> str:
    return ways(languages_for(language)[0].sentences[request][0], name)[0]


def test_every_language_has_sentences() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_sentence_is_two_requests(tag: str) -> None:
    sentences = languages_for(tag)[0].sentences
    intents = Intents.from_dict(
        {
            "language": tag,
            "intents": {
                request: {"data": [{"sentences": list(known)}]}
                for request, known in sentences.items()
            },
            "lists": {"name": {"wildcard": True}},
        }
    )
    for request, known in sentences.items():
        for way in (way for sentence in known for way in ways(sentence)):
            found = list(recognize_all(way, intents))
            assert {item.intent.name for item in found} == {request}, way
            if request != "list":
                names = {str(item.entities["name"].value).strip() for item in found}
                assert NAME in names, (way, names)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_is_to_be_said_to_confirm_is_understood(tag: str) -> None:
    asked = load(tag).fill("speech", "confirm", title=NAME, reasons="")
    confirms = [
        way
        for sentence in languages_for(tag)[0].sentences["confirm"]
        for way in ways(sentence)
    ]
    assert any(way.casefold() in asked.casefold() for way in confirms), asked


@pytest.fixture
def language(hass: HomeAssistant, request: pytest.FixtureRequest) -> Catalogue:
    """Have a home speak a language."""
    hass.config.language = request.param
    return load(request.param)


@pytest.mark.parametrize("language", LANGUAGES, indirect=True)
async def test_a_conversation(
    language: Catalogue, home: ScoutCoordinator, say: Say
) -> None:
    """In the order in which somebody would say it."""
    tag = language.language
    lamp, *_, heating = (item["title"] for item in home.data.open)
    assert lamp in await say(first(tag, "list"))
    assert await say(first(tag, "why", lamp))
    answer = await say(first(tag, "accept", heating))
    why = language.fill("safety", "heating")
    assert answer == language.fill("speech", "confirm", title=heating, reasons=why)
    answer = await say(first(tag, "confirm", heating))
    assert answer == language.fill("speech", "accepted", title=heating)
    answer = await say(first(tag, "undo", heating))
    assert answer == language.fill("speech", "undone", title=heating)
    answer = await say(first(tag, "dismiss", lamp))
    assert answer == language.fill("speech", "dismissed", title=lamp)
    answer = await say(first(tag, "dismiss", NAME))
    assert answer == language.fill("speech", "unknown", name=NAME)
