"""The configuration folder of the demo: files, storage, users.

Users and the core settings are written by Home Assistant's own managers, before its
first start, because the history names the users. Nobody of them is the owner, so the
onboarding asks for one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
import json
from pathlib import Path
import shutil
from typing import Any, Final

from homeassistant.auth import auth_manager_from_config
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.providers.homeassistant import HassAuthProvider
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util.yaml import dump

from .home import AUTOMATIONS, CORE_SETTINGS, SCRIPTS

HERE: Final = Path(__file__).parent
INTEGRATION: Final = HERE.parent / "custom_components" / "automation_scout"
DEMO_HOME: Final = HERE / "custom_components" / "demo_home"

CONFIGURATION: Final = """\
frontend:
config:
history:
logbook:
conversation:
mobile_app:
logger:
  default: warning
  filters:
    # There are no cameras, so nobody misses the library.
    homeassistant.components.camera.img_util:
      - Error loading libturbojpeg
recorder:
  # The history is older than the ten days that are kept by default.
  purge_keep_days: 3650
automation: !include automations.yaml
script: !include scripts.yaml
demo_home:
"""
HTTP: Final = """\
http:
  server_host: 127.0.0.1
  server_port: {port}
"""


def write_files(folder: Path, *, link: bool) -> None:
    """Write the YAML files, and bring the two custom components.

    Args:
        folder: Configuration folder, made where it is not there.
        link: Whether the components are links to the source, or copies of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION, "utf-8")
    for name, content in (
        ("automations.yaml", list(AUTOMATIONS)),
        ("scripts.yaml", dict(SCRIPTS)),
    ):
        if not (folder / name).exists():
            (folder / name).write_text(dump(content), "utf-8")
    components = folder / "custom_components"
    components.mkdir(exist_ok=True)
    for source in (INTEGRATION, DEMO_HOME):
        _bring(source, components / source.name, link=link)


def _bring(source: Path, target: Path, *, link: bool) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)
    if link:
        target.symlink_to(source)
    else:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


def write_port(folder: Path, port: int) -> None:
    """Make the server listen on this port of the loopback address, and only there.

    `http:` in configuration.yaml would first listen everywhere, on port 8123, except
    in those versions that know nothing else. May be called once for a configuration.
    """
    if find_spec("homeassistant.components.http.config") is None:
        with (folder / "configuration.yaml").open("a", encoding="utf-8") as file:
            file.write(HTTP.format(port=port))
        return
    stable = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": False,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    write_storage(folder, "http", data, version=2, minor_version=2)


def write_storage(
    folder: Path, key: str, data: object, *, version: int, minor_version: int = 1
) -> None:
    """Write one file of Home Assistant's storage."""
    storage = folder / ".storage"
    storage.mkdir(exist_ok=True)
    content = {
        "version": version,
        "minor_version": minor_version,
        "key": key,
        "data": data,
    }
    (storage / key).write_text(json.dumps(content), "utf-8")


def skip_core_config_step(folder: Path) -> None:
    """Leave out the onboarding step that sets up services on the internet."""
    write_storage(folder, "onboarding", {"done": ["core_config"]}, version=4)


def write_restore_state(folder: Path, states: Sequence[Mapping[str, Any]]) -> None:
    """Let the entities come up as the history left them."""
    data = [
        {"state": state, "extra_data": None, "last_seen": state["last_updated"]}
        for state in states
    ]
    write_storage(folder, "core.restore_state", data, version=1)


def make_users(folder: Path, people: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Create users and the core settings; return the user id of each key.

    Args:
        folder: Configuration folder; no Home Assistant may run on it.
        people: Key of a person to name and password; the key is the login name.
    """
    return asyncio.run(_make_users(folder, people))


async def _make_users(
    folder: Path, people: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    hass = HomeAssistant(str(folder))
    try:
        hass.config_entries = ConfigEntries(hass, {})
        await hass.config_entries.async_initialize()
        # Older versions set it up where it is loaded.
        if hasattr(dr, "async_setup"):
            dr.async_setup(hass)
        await asyncio.gather(dr.async_load(hass), er.async_load(hass))
        await ir.async_load(hass)
        await hass.config.async_update(**CORE_SETTINGS)
        hass.auth = await auth_manager_from_config(
            hass, [{"type": "homeassistant"}], []
        )
        return {
            login: await _make_user(hass, login, name, password)
            for login, (name, password) in people.items()
        }
    finally:
        await hass.async_stop(force=True)


async def _make_user(hass: HomeAssistant, login: str, name: str, password: str) -> str:
    provider = hass.auth.auth_providers[0]
    if not isinstance(provider, HassAuthProvider):
        raise TypeError(f"unexpected provider {type(provider)}")
    await provider.async_initialize()
    await provider.async_add_auth(login, password)
    credentials = await provider.async_get_or_create_credentials({"username": login})
    # The manager makes the first user the owner; that is for the onboarding to do.
    user = await hass.auth._store.async_create_user(  # noqa: SLF001
        name, is_owner=False, is_active=True, group_ids=[GROUP_ID_USER]
    )
    await hass.auth.async_link_user(user, credentials)
    return user.id
