"""Everything that is kept in one database."""

from dataclasses import dataclass

from .database import Database
from .installed import InstalledStore
from .model_calls import ModelCallStore
from .notices import NoticeStore
from .refinements import RefinementStore
from .rounds import RoundStore
from .runs import RunStore
from .suggestions import SuggestionStore
from .texts import TextStore
from .trials import TrialStore
from .watched import WatchedStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The open database and what is kept in it."""

    database: Database
    suggestions: SuggestionStore
    runs: RunStore
    installed: InstalledStore
    refinements: RefinementStore
    trials: TrialStore
    watched: WatchedStore
    model_calls: ModelCallStore
    texts: TextStore
    rounds: RoundStore
    notices: NoticeStore

    @classmethod
    def of(cls, database: Database) -> Stores:
        """Return the stores of a database."""
        return cls(
            database,
            SuggestionStore(database),
            RunStore(database),
            InstalledStore(database),
            RefinementStore(database),
            TrialStore(database),
            WatchedStore(database),
            ModelCallStore(database),
            TextStore(database),
            RoundStore(database),
            NoticeStore(database),
        )
