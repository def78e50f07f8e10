"""On the demo home nothing that is automated already is suggested.

Each form is a configuration folder that Home Assistant sets up by itself; what is known
of the home is collected from it, and the habits of the demo home are judged by that.
"""

from homeassistant.core import HomeAssistant
import pytest

from .conftest import Past, SetUp
from .forms import HABITS, Form, forms_in

IT = "automation.it"
SAME = [*forms_in("kitchen"), *forms_in("nested"), *forms_in("others")]
UNLIKE = forms_in("unlike")


def test_there_are_enough_forms() -> None:
    assert len({(form.habit, form.name) for form in SAME}) == len(SAME) > 40
    assert {form.habit for form in SAME} == set(HABITS)


def test_the_habits_are_there(past: Past) -> None:
    assert {draft.rule.action for draft in past.drafts} >= set(HABITS.values())


@pytest.mark.parametrize("form", SAME, ids=lambda form: f"{form.habit}: {form.name}")
async def test_the_same_in_another_form(
    hass: HomeAssistant, past: Past, set_up: SetUp, form: Form
) -> None:
    facts = await set_up(form)
    judged = past.judged(facts)
    assert form.action not in {draft.rule.action for draft in judged.kept}
    stopped = [item for item in judged.rejections if item.rule.action == form.action]
    assert stopped
    for rejection in stopped:
        assert rejection.gate == "already_automated"
        assert IT in rejection.covered_by
    state = hass.states.get(IT)
    assert state is not None
    assert state.state == "on"
    ways = [way for automation in facts.automations for way in automation.ways]
    done = {target for way in ways for target in way.targets}
    for rejection in judged.rejections:
        assert done >= {(one.entity_id, one.state) for one in rejection.rule.actions}


@pytest.mark.parametrize("form", UNLIKE, ids=lambda form: f"{form.habit}: {form.name}")
async def test_something_else_that_looks_alike(
    hass: HomeAssistant, past: Past, set_up: SetUp, form: Form
) -> None:
    judged = past.judged(await set_up(form))
    assert form.action in {draft.rule.action for draft in judged.kept}
    assert form.action not in {item.rule.action for item in judged.rejections}
    assert hass.states.get(IT) is not None
