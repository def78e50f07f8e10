"""Names that two or more modules share."""

from datetime import time
from logging import Logger, getLogger
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "automation_scout"
NAME: Final = "Automation Scout"
LOGGER: Final[Logger] = getLogger(__package__)

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.TODO,
)

DATABASE_NAME: Final = f"{DOMAIN}.db"

EVENT_ANALYSIS_FINISHED: Final = f"{DOMAIN}_analysis_finished"
"""An analysis has ended. Tells what the action `analyze` answers with."""
EVENT_SUGGESTION_NEW: Final = f"{DOMAIN}_suggestion_new"
"""A suggestion is open that was not before. Tells its `id`, `kind`, `title`,
`category`, `priority`, `confidence`, `entities`, `description`, `rationale`, `areas`.
"""

ANSWER_ACCEPT: Final = "AUTOMATION_SCOUT_ACCEPT_"
ANSWER_DISMISS: Final = "AUTOMATION_SCOUT_DISMISS_"
ANSWER_LATER: Final = "AUTOMATION_SCOUT_LATER_"
"""What a button of a notification says, before the id of the suggestion."""

ISSUE_AUTOMATIONS_LEFT: Final = "automations_left"
ISSUE_HISTORY_SHORT: Final = "history_short"
ISSUE_MACHINE_USER: Final = "machine_user"
ISSUE_NOT_RECORDED: Final = "not_recorded"
ISSUE_NOTIFY_FAILED: Final = "notify_failed"
ISSUE_OVERRULED: Final = "overruled"
ISSUE_RECORDER_MISSING: Final = "recorder_missing"
ISSUE_STORE_SET_ASIDE: Final = "store_set_aside"

SECTION_SCHEDULE: Final = "schedule"
SECTION_SCOPE: Final = "scope"
SECTION_SUGGESTIONS: Final = "suggestions"
SECTION_WORDS: Final = "words"
CONF_RUN_AT: Final = "run_at"
CONF_RETENTION_DAYS: Final = "retention_days"
CONF_SENSITIVITY: Final = "sensitivity"
CONF_MAX_OPEN: Final = "max_open"
CONF_EXCLUDE_USERS: Final = "exclude_users"
CONF_PROVIDER: Final = "provider"
CONF_AI_TASK: Final = "ai_task_entity"
CONF_BASE_URL: Final = "base_url"
CONF_PRICE_IN: Final = "price_in"
CONF_PRICE_OUT: Final = "price_out"
CONF_BUDGET: Final = "monthly_budget"
CONF_CONCURRENCY: Final = "concurrency"
CONF_PSEUDONYMS: Final = "pseudonyms"
CONF_HEADLINES: Final = "headlines"
CONF_PEOPLE: Final = "people"

DEFAULT_RUN_AT: Final = time(3)
DEFAULT_RETENTION_DAYS: Final = 180
DEFAULT_MAX_OPEN: Final = 5
DEFAULT_CONCURRENCY: Final = 5
