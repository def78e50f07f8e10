"""What is taken from `.storage`, and what is left where it is.

Registries are read by Home Assistant's own helpers from copies. Of the accounts go only
ids and names along: no password, token or key leaves the folder.
"""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import shutil
from typing import Any, Final

FOLDER: Final = ".storage"
COPIED: Final = (
    "core.area_registry",
    "core.category_registry",
    "core.config",
    "core.device_registry",
    "core.entity_registry",
    "core.floor_registry",
    "core.label_registry",
)
ACCOUNTS: Final = "auth"


def copy(source: Path, target: Path) -> list[str]:
    """Copy what is needed into another configuration folder; return what is missing."""
    (target / FOLDER).mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    for name in COPIED:
        try:
            shutil.copyfile(source / FOLDER / name, target / FOLDER / name)
        except OSError:
            missing.append(name)
    accounts = read(source, ACCOUNTS)
    if accounts.get("users"):
        content = {
            "version": 1,
            "minor_version": 1,
            "key": ACCOUNTS,
            "data": {
                "users": accounts["users"],
                "groups": accounts.get("groups", []),
                "credentials": [],
                "refresh_tokens": [],
            },
        }
        (target / FOLDER / ACCOUNTS).write_text(json.dumps(content), "utf-8")
    else:
        missing.append(ACCOUNTS)
    return missing


def read(folder: Path, name: str) -> Mapping[str, Any]:
    """Return the data of a file of the storage; nothing where it cannot be read."""
    data = _data(folder, name)
    return data if isinstance(data, dict) else {}


def _data(folder: Path, name: str) -> object:
    try:
        content = json.loads((folder / FOLDER / name).read_text("utf-8"))
    except OSError, ValueError:
        return None
    return content.get("data") if isinstance(content, dict) else None


def rows(folder: Path, name: str, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list in the data of a file."""
    listed = read(folder, name).get(key)
    for row in listed if isinstance(listed, list) else ():
        if isinstance(row, dict):
            yield row


def entry_options(folder: Path, domain: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield id and options of a domain's config entries; their data stay unread."""
    for entry in rows(folder, "core.config_entries", "entries"):
        options = entry.get("options")
        if entry.get("domain") == domain and isinstance(options, dict):
            yield str(entry.get("entry_id")), options


def last_states(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the states that Home Assistant kept for its next start.

    Also of entities that the recorder leaves out.
    """
    listed = _data(folder, "core.restore_state")
    for row in listed if isinstance(listed, list) else ():
        state = row.get("state") if isinstance(row, dict) else None
        if isinstance(state, dict):
            yield state
