"""Phases of a run: their times, what went wrong in them, and how a person is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from logging import DEBUG
from time import monotonic
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, ISSUE_RECORDER_MISSING, LOGGER
from .parts import Parts
from .store.errors import StoreDamaged, StoreError, StoreLocked


class PhaseFailed(Exception):  # noqa: N818
    """A phase that the rest of the run needs has failed."""

    def __init__(self, phase: str, cause: Exception) -> None:
        """Keep the name of the phase and what was raised in it."""
        super().__init__(phase)
        self.phase = phase
        self.cause = cause


@dataclass(slots=True)
class Phases:
    """What the run row says about the phases so far."""

    done: list[dict[str, Any]] = field(default_factory=list)
    """`{name, seconds, error}` of each phase, in order."""
    errors: list[str] = field(default_factory=list)
    """One line for each failure, whether or not it ended the run."""

    @contextmanager
    def phase(self, name: str, *, vital: bool = True) -> Iterator[None]:
        """Time a block and note its failure.

        Raises:
            PhaseFailed: the block failed, and the run cannot go on without it.
        """
        started = monotonic()
        failure: Exception | None = None
        try:
            yield
        except Exception as err:  # noqa: BLE001 - one phase must not take all down
            failure = err
        finally:
            self.done.append(
                {
                    "name": name,
                    "seconds": round(monotonic() - started, 4),
                    "error": _line(failure) if failure else None,
                }
            )
        if failure is None:
            return
        self.errors.append(f"{name}: {_line(failure)}")
        LOGGER.warning(
            "Phase %s of the analysis failed: %s",
            name,
            _line(failure),
            exc_info=failure if LOGGER.isEnabledFor(DEBUG) else None,
        )
        if vital:
            raise PhaseFailed(name, failure) from failure


def told(failed: PhaseFailed, parts: Parts) -> HomeAssistantError:
    """Return the failure of a phase as a person is told of it."""
    if isinstance(failed.cause, parts.missing):
        return _refusal("recorder_missing")
    if isinstance(failed.cause, parts.migrating):
        return _refusal("recorder_migrating")
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="phase_failed",
        translation_placeholders={
            "phase": failed.phase,
            "error": _line(failed.cause),
        },
    )


def store_error(err: StoreError) -> HomeAssistantError:
    """Return an error of the store as a person is told of it."""
    match err:
        case StoreLocked():
            key = "store_locked"
        case StoreDamaged():
            key = "store_damaged"
        case _:
            key = "store_failed"
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"error": str(err)},
    )


@callback
def report_recorder(hass: HomeAssistant, *, missing: bool) -> None:
    """Raise a repair issue where there is no recorder, or take it back."""
    if not missing:
        ir.async_delete_issue(hass, DOMAIN, ISSUE_RECORDER_MISSING)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_RECORDER_MISSING,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=ISSUE_RECORDER_MISSING,
    )


def _refusal(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _line(err: Exception) -> str:
    text = " ".join(str(err).split())[:300]
    return f"{type(err).__name__}: {text}" if text else type(err).__name__
