"""The evidence of who caused what: events and contexts, gathered into a ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from homeassistant.components.recorder.core import Recorder
from homeassistant.const import EVENT_CALL_SERVICE, STATE_ON
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads
from sqlalchemy.orm.session import Session

from ..mining.facts import domain_of
from ..mining.origin import Origin
from ..mining.provenance import LEVELS, Call, Ledger
from . import statements
from .columns import Context
from .settings import Texts, called
from .statements import Span
from .targets import TargetIndex

RUNS: Final[Mapping[str, Origin]] = {
    "automation_triggered": Origin.AUTOMATION,
    "script_started": Origin.SCRIPT,
}
ULID_LENGTH: Final = 16


def context_key(context: Context) -> bytes:
    """Return the id of a context; where there is none, a stand-in for its kind.

    A context whose id is no ULID is stored without it.
    """
    own, user, parent = context
    return own or b"?".join((b"", user or b"", parent or b""))


def ulid_ms(context: bytes) -> int:
    """Return when a context was made; -1 where its id does not tell."""
    return int.from_bytes(context[:6]) if len(context) == ULID_LENGTH else -1


class _Content(NamedTuple):
    """The data of an event, as far as they matter here."""

    entity_id: str = ""
    service: str = ""
    named: frozenset[str] = frozenset()
    texts: Texts = ()


class Setting(NamedTuple):
    """A call that sets something."""

    t_ms: int
    key: bytes
    context: Context
    named: frozenset[str]
    texts: Texts
    """Settings that it asks for, in the order of the domain's."""


@dataclass(slots=True)
class Gatherer:
    """Fills a ledger with what the recorder knows of contexts."""

    session: Session
    instance: Recorder
    targets: TargetIndex
    ledger: Ledger
    calls: int = 0
    """Service calls read."""
    settings: list[Setting] = field(default_factory=list)
    """Those of the span that set something."""
    _run_types: dict[int, Origin] = field(default_factory=dict)
    _call_types: frozenset[int] = frozenset()
    _runners: dict[int, str] = field(default_factory=dict)
    _parsed: dict[str | None, _Content] = field(default_factory=dict)

    def open(self, span: Span) -> None:
        """Read the events and the runs of a span of time."""
        ids = self.instance.event_type_manager.get_many(
            (*RUNS, EVENT_CALL_SERVICE), self.session
        )
        self._run_types = {
            type_id: origin
            for name, origin in RUNS.items()
            if (type_id := ids.get(name)) is not None
        }
        call_type = ids.get(EVENT_CALL_SERVICE)
        self._call_types = frozenset(() if call_type is None else (call_type,))
        self._runners = statements.runners(self.session)
        types = self._call_types | self._run_types.keys()
        self.calls = self._add_events(statements.events(self.session, types, span))
        self._add_traces(statements.traces(self.session, self._runners, span))

    def complete(self, contexts: Iterable[Context], span: Span) -> None:
        """Look up what the span does not hold, for the contexts of changes.

        A context made within the span has all of its events there. An older one, as
        of an automation with a delay, and the parents of a context that explains
        nothing itself are looked up one by one.
        """
        ledger = self.ledger
        made = (round(span[0] * 1000), round(span[1] * 1000))
        asked = len(self.settings)
        known: set[bytes] = set()
        older: set[bytes] = set()
        for context in contexts:
            own, user, parent = context
            key = context_key(context)
            ledger.add_link(key, user.hex() if user else "", parent or b"")
            known.add(key)
            if own and not made[0] <= ulid_ms(own) < made[1]:
                older.add(own)
        self._look_up(older)
        links = known
        for _ in range(LEVELS):
            links = {
                parent
                for link in links
                if not ledger.runs_in(link) and (parent := ledger.parents.get(link))
            } - known
            self._look_up(links, parents=True)
            known |= links
        # What is looked up was done before.
        del self.settings[asked:]
        ledger.seal()

    def _look_up(self, contexts: Iterable[bytes], *, parents: bool = False) -> None:
        session, ledger = self.session, self.ledger
        todo = {context for context in contexts if not ledger.runs_in(context)}
        if not todo:
            return
        self._add_events(statements.events_of(session, self._run_types, todo))
        self._add_traces(statements.traces_of(session, self._runners, todo))
        todo = {context for context in todo if not ledger.runs_in(context)}
        self._add_events(statements.events_of(session, self._call_types, todo))
        if parents:
            for own, user, parent in statements.links_of(session, todo):
                ledger.add_link(own, user.hex() if user else "", parent or b"")

    def _add_events(self, rows: Iterable[Sequence[Any]]) -> int:
        """Add events (`EVENT`) and return how many service calls were among them."""
        calls = 0
        for time_s, event_id, type_id, own, user, parent, text in rows:
            key = own or b"!%d" % event_id
            user_id = user.hex() if user else ""
            self.ledger.add_link(key, user_id, parent or b"")
            content = self._parse(text)
            if origin := self._run_types.get(type_id):
                self.ledger.add_run(key, origin, content.entity_id)
                continue
            calls += 1
            t_ms = int((time_s or 0) * 1000)
            self.ledger.add_call(
                Call(t_ms, key, user_id, content.service, content.named)
            )
            if any(content.texts):
                context = own, user, parent
                self.settings.append(
                    Setting(t_ms, key, context, content.named, content.texts)
                )
        return calls

    def _parse(self, text: str | None) -> _Content:
        """Return what the data of an event say: nothing if junk or too long to keep."""
        known = self._parsed.get(text)
        if known is None:
            try:
                data = json_loads(text or "")
            except JSON_DECODE_EXCEPTIONS:
                data = None
            known = _Content()
            if isinstance(data, dict):
                service = f"{data.get('domain', '')}.{data.get('service', '')}"
                known = _Content(
                    str(data.get("entity_id") or ""),
                    service,
                    self.targets.named(service, data.get("service_data")),
                    called(service, data.get("service_data")),
                )
            self._parsed[text] = known
        return known

    def _add_traces(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take a run from the state of an automation or a script.

        An automation that runs writes its state again without changing it; a script
        that runs is on.
        """
        for own, user, parent, metadata_id, state, changed, updated in rows:
            if not own:
                continue
            self.ledger.add_link(own, user.hex() if user else "", parent or b"")
            runner = self._runners[metadata_id]
            if domain_of(runner) == "script":
                origin, runs = Origin.SCRIPT, state == STATE_ON
            else:
                origin = Origin.AUTOMATION
                runs = changed is not None and changed != updated
            if runs:
                self.ledger.add_run(own, origin, runner, traced=True)
