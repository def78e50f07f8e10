"""What Assist understands without a model, and who may say it."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import conversation
from homeassistant.components.conversation.agent_manager import (
    async_get_agent,
    get_agent_manager,
)
from homeassistant.components.conversation.default_agent import DefaultAgent
from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.automation_scout.assist.confirming import VALID_FOR
from custom_components.automation_scout.assist.sentences import FOLDER, languages_for
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.words.catalogue import load

from ..installer.conftest import Automations
from ..scripted import Script, at, proven, result
from .conftest import LAMP, Say

CONFIRM = "confirm suggestion study heating"
ACCEPT_HEATING = "accept the suggestion study heating"


async def statuses(home: ScoutCoordinator) -> dict[str, str]:
    return {item["title"]: item["status"] for item in await home.async_list()}


async def test_everybody_may_ask(
    home: ScoutCoordinator, say: Say, resident: MockUser
) -> None:
    for user in (resident, None):
        answer = await say("What does Automation Scout suggest?", user)
        assert answer.startswith(
            "Automation Scout suggests: Turn on Desk lamp at 07:00"
        )
        answer = await say("why does automation scout suggest the desk lamp", user)
        assert "19 of them you did it yourself" in answer
        # By its place in the list.
        assert "Front door" in await say("explain suggestion 2", user)


async def test_an_administrator_accepts_and_undoes(
    home: ScoutCoordinator, say: Say, file: Automations
) -> None:
    answer = await say("Accept the suggestion to turn on desk lamp.")
    assert answer == f"Done. The automation is set up: {LAMP}."
    assert [item["alias"] for item in file.data()] == [LAMP]
    assert (await statuses(home))[LAMP] == "accepted"
    answer = await say("undo the suggestion desk lamp")
    assert answer == f"The automation is removed: {LAMP}."
    assert file.data() == []


async def test_a_suggestion_is_put_away(home: ScoutCoordinator, say: Say) -> None:
    assert await say("dismiss the suggestion hall light") == (
        "Put away: Turn on Hall light when Front door opens."
    )
    found = await statuses(home)
    assert found["Turn on Hall light when Front door opens"] == "dismissed"


@pytest.mark.parametrize(
    "text",
    [
        "accept the suggestion desk lamp",
        "dismiss the suggestion desk lamp",
        CONFIRM,
        "undo the suggestion desk lamp",
    ],
)
async def test_nobody_else_decides(
    home: ScoutCoordinator,
    say: Say,
    resident: MockUser,
    file: Automations,
    text: str,
) -> None:
    before = await statuses(home)
    assert await say(text, resident) == "Only an administrator can do this."
    assert "cannot tell who is speaking" in await say(text, None)
    left = MockUser(is_owner=True, is_active=False)
    left.add_to_hass(home.hass)
    assert await say(text, left) == "Only an administrator can do this."
    gone = Context(user_id="nobody")
    assert await say(text, context=gone) == "Only an administrator can do this."
    assert await statuses(home) == before
    assert file.data() == []


async def test_what_heats_asks_back(
    home: ScoutCoordinator, say: Say, file: Automations
) -> None:
    answer = await say(ACCEPT_HEATING)
    assert "say: confirm suggestion Set Study heating" in answer
    assert "It concerns something that heats." in answer
    # Said twice it is still no confirmation.
    assert await say(ACCEPT_HEATING) == answer
    assert file.data() == []
    assert (await say(CONFIRM)).startswith("Done.")
    (written,) = file.data()
    assert written["actions"][0]["action"] == "climate.set_hvac_mode"


async def test_a_confirmation_answers_a_question(
    home: ScoutCoordinator,
    say: Say,
    file: Automations,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody confirms what was not asked: too late, or of somebody else."""
    assert "say: confirm suggestion" in await say(CONFIRM)
    freezer.tick(VALID_FOR)
    assert "say: confirm suggestion" in await say(CONFIRM)
    other = MockUser(is_owner=True)
    other.add_to_hass(home.hass)
    assert "say: confirm suggestion" in await say(CONFIRM, other)
    assert file.data() == []


async def test_one_breath_confirms_nothing(
    home: ScoutCoordinator, say: Say, hass_admin_user: MockUser, file: Automations
) -> None:
    """As a script would that goes through both sentences."""
    context = Context(user_id=hass_admin_user.id)
    for text in (ACCEPT_HEATING, CONFIRM):
        assert "say: confirm suggestion" in await say(text, context=context)
    assert file.data() == []


async def test_names_that_fit_several_or_none(home: ScoutCoordinator, say: Say) -> None:
    answer = await say("accept suggestion turn on")
    assert answer.startswith("That may be several suggestions: Turn on Desk lamp")
    assert "Hall light" in answer
    assert "Front lock" not in answer
    answer = await say("accept suggestion <b>unicorn</b>")
    assert answer == "I know no suggestion called unicorn."
    assert set((await statuses(home)).values()) == {"open"}


async def test_a_refusal_is_said(
    hass: HomeAssistant, home: ScoutCoordinator, say: Say, file: Automations
) -> None:
    """In words, and nothing is done."""
    file.write("not: [a list\n")
    answer = await say("accept the suggestion desk lamp")
    assert "nothing was changed" in answer
    assert "automations.yaml" in answer
    assert (await statuses(home))[LAMP] == "open"


async def test_nothing_to_suggest(
    home: ScoutCoordinator, say: Say, script: Script
) -> None:
    for item in await home.async_list():
        await home.async_dismiss(item["id"], None)
    answer = await say("what does automation scout suggest")
    assert answer == "Automation Scout has nothing to suggest at the moment."


async def test_other_sentences_are_left_alone(
    hass: HomeAssistant, home: ScoutCoordinator, say: Say
) -> None:
    agent = async_get_agent(hass)
    assert isinstance(agent, DefaultAgent)
    for text in (
        "turn on the desk lamp",
        "why is the sky blue",
        "confirm the order",
        "undo",
        "accept the call",
        "what do you suggest for dinner",
        "list my suggestions",
    ):
        said = conversation.ConversationInput(
            text, Context(), None, None, None, "en", "conversation.home_assistant"
        )
        assert await agent.async_recognize_sentence_trigger(said) is None, text


async def test_sentences_end_with_the_entry(
    hass: HomeAssistant, home: ScoutCoordinator, say: Say
) -> None:
    sentences = get_agent_manager(hass).trigger_sentences
    assert len(sentences) >= 6
    entry = home.config_entry
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert get_agent_manager(hass).trigger_sentences == sentences
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert get_agent_manager(hass).trigger_sentences == []


def test_every_language_has_every_sentence_and_answer() -> None:
    english = languages_for("en")[0]
    for path in FOLDER.glob("*.json"):
        language = languages_for(path.stem)[0]
        assert set(language.sentences) == set(english.sentences), path
        for request, sentences in language.sentences.items():
            assert all(("{name}" in one) is (request != "list") for one in sentences)
        assert set(load(path.stem).texts["speech"]) == set(load("en").texts["speech"])


def test_a_language_without_sentences_has_the_english_ones() -> None:
    assert [item.words.language for item in languages_for("xx-YY")] == ["en"]


@pytest.mark.parametrize(
    ("tag", "found"),
    [("pt-BR", "pt-BR"), ("pt", "pt"), ("pt-PT", "pt"), ("de-AT", "de")],
)
def test_a_region_has_its_own_sentences_or_those_of_the_language(
    tag: str, found: str
) -> None:
    """And never both, which would have a home answered in the other's words."""
    assert [item.words.language for item in languages_for(tag)] == [found, "en"]


async def test_a_title_said_back_is_one_plain_line(
    home: ScoutCoordinator, say: Say, script: Script
) -> None:
    """Whatever a name holds."""
    script.result = result(proven(at(1000), "light.porch"))
    await home.async_analyze()
    row = await home._stores.suggestions.required(home.data.open[-1]["id"])
    row.payload["title"] = "Ignore <b>all</b>\nand\u202e `accept`" + "x" * 10_000
    await home._stores.suggestions.store_batch([row])
    answer = await say("what does automation scout suggest")
    assert not set("<>`\n\u202e") & set(answer)
    assert len(answer) < 1000
