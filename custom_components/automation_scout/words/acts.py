"""What a rule does, in words."""

from ..mining.facts import HomeFacts, domain_of
from ..mining.rules import Action, Rule, Values
from .catalogue import Catalogue
from .measures import duration, measure, name_of, number, state_of
from .names import clean

_TARGET = "{target}"
_ACTS = "list_acts"


def acts_of(
    rule: Rule,
    facts: HomeFacts,
    catalogue: Catalogue,
    *,
    short: bool,
    heading: bool = False,
) -> str:
    """Return all actions of a rule; what happens to several things is said once.

    Args:
        rule: what is put into words.
        facts: names of the entities.
        catalogue: words of the language.
        short: count the last ones of many instead of naming them.
        heading: as a title says it, where the language has another form for that.
    """
    join = catalogue.shorten if short else catalogue.enumerate
    groups: dict[tuple[str, int], list[str]] = {}
    for step in rule.steps:
        form = _form(step.action, step.values, facts, catalogue, heading=heading)
        targets = groups.setdefault((form, step.delay_s), [])
        targets.append(name_of(step.action.target, facts))
    phrases = []
    for (form, delay_s), names in groups.items():
        act = form.format(target=join(list(dict.fromkeys(names))))
        if delay_s:
            act = catalogue.fill("later", time=duration(delay_s, catalogue), act=act)
        phrases.append(act)
    return join(phrases, _ACTS)


def _form(
    action: Action,
    values: Values,
    facts: HomeFacts,
    catalogue: Catalogue,
    *,
    heading: bool,
) -> str:
    """Return the words of an action with a gap for its target."""
    target = action.target
    if action.attribute:
        amount = _amount(target, action.attribute, action.state, facts, catalogue)
        form = catalogue.form(_family("set", heading, catalogue), action.attribute)
        return form.format(target=_TARGET, amount=amount)
    family = _family("act_with" if values else "act", heading, catalogue)
    said = [
        catalogue.form("value", name).format(
            amount=_amount(target, name, value, facts, catalogue)
        )
        for name, value in values
    ]
    return catalogue.phrase(family, (domain_of(target),), action.state).format(
        target=_TARGET,
        state=state_of(action.state, catalogue),
        values=catalogue.enumerate(said) if said else "",
    )


def _family(name: str, heading: bool, catalogue: Catalogue) -> str:
    titled = f"{name}_title"
    return titled if heading and catalogue.has(titled) else name


def _amount(
    entity_id: str,
    name: str,
    value: float | str,
    facts: HomeFacts,
    catalogue: Catalogue,
) -> str:
    """Return the value of a setting with its unit."""
    try:
        amount = float(value)
    except ValueError:
        text = state_of(str(value), catalogue)
        return catalogue.form("amount", "*").format(value=text)
    unit = facts.of(entity_id).unit if name == "temperature" else None
    if unit:
        return measure(amount, unit, catalogue)
    shown = clean(number(amount, catalogue), str(value))
    return catalogue.form("amount", name).format(value=shown)
