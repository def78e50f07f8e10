"""Everything that is kept in one database."""

from dataclasses import dataclass

from .database import Database
from .installed import InstalledStore
from .notices import NoticeStore
from .refinements import RefinementStore
from .runs import RunStore
from .suggestions import SuggestionStore
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
            NoticeStore(database),
        )
