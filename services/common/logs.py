"""Logs: one JSON object per line in production, readable lines for a terminal; addresses and tokens never appear.

`structlog.get_logger()` is used everywhere; `setup` decides once what becomes of it. Records of the standard
library's loggers take the same way.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, Protocol, TextIO

import orjson
import structlog
from google.protobuf.message import Message
from structlog.typing import Processor

from services.common.privacy import STRUCK, mask_email, mask_phone, redact_message, redact_text
from services.common.rpc import context
from services.common.settings import BaseSettings

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}

_SECRET_KEYS = frozenset(
    {
        "access_key",
        "api_key",
        "authorization",
        "body",
        "content",
        "cookie",
        "credentials",
        "dsn",
        "password",
        "private_key",
        "secret",
        "signing_key",
        "token",
        "variables",
    }
)
_SECRET_ENDINGS = ("_token", "_secret", "_password")
_PLAIN_KEYS = frozenset(
    {"code", "level", "logger", "method", "reason", "request_id", "timestamp", "traceparent"}
)
_EMAIL_KEYS = frozenset({"email", "from_email", "recipient_email", "to_email"})
_PHONE_KEYS = frozenset({"msisdn", "phone", "phone_number"})


_out: TextIO | None = None


class CallLine(Protocol):
    """Writes the one line of a finished call."""

    def __call__(
        self, *, method: str, code: str, reason: str, ms: float, caller: str, tenant: str, request_id: str
    ) -> None:
        """Writes it."""


def setup(settings: BaseSettings, role: str = "", stream: TextIO | None = None) -> None:
    """Makes every logger of the process write to `stream` (standard output) in the wanted form and level."""
    global _out  # noqa: PLW0603 - one place to write per process, chosen once at start
    level = LEVELS[settings.log_level]
    out = _out = stream or sys.stdout
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _Origin(settings.service_name, role),
        _add_level,
        _add_time,
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = (
        _render_json
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), sort_keys=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.root.handlers[:] = [handler]
    # Libraries are heard when something is wrong; their news is not ours.
    logging.root.setLevel(max(level, logging.WARNING))
    for ours in ("services", "gateway", "sandbox", "cli"):
        logging.getLogger(ours).setLevel(level)


def call_line(settings: BaseSettings, role: str = "") -> CallLine:
    """Returns what writes the line of each RPC: of all lines it is written most, so JSON takes a short way."""
    if LEVELS[settings.log_level] > logging.INFO:
        return _no_line
    if settings.log_format == "json":
        return _JsonCallLine(settings.service_name, role, _out or sys.stdout)
    info = structlog.get_logger("rpc").bind().info
    return lambda **fields: info("rpc", **{name: value for name, value in fields.items() if value != ""})


class _JsonCallLine:
    """Writes what the long way would write, without the walk through every processor."""

    def __init__(self, service: str, role: str, stream: TextIO) -> None:
        self._origin = {"service": service, "role": role}
        self._write = stream.write
        self._flush = stream.flush

    def __call__(self, *, caller: str, **fields: Any) -> None:
        line = {
            "event": "rpc",
            "caller": redact_text(caller),
            **fields,
            **self._origin,
            "level": "info",
            "timestamp": datetime.now(UTC),
        }
        self._write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())
        self._flush()


def _no_line(**_fields: Any) -> None:
    """Writes nothing: the level leaves calls out."""


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Strikes out secrets, masks addresses and shortens messages in every value of a log event (GEN-35)."""
    for key, value in event.items():
        if key not in _PLAIN_KEYS:
            event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if isinstance(value, str):
        if key in _SECRET_KEYS or key.endswith(_SECRET_ENDINGS):
            return STRUCK
        if key in _EMAIL_KEYS:
            return mask_email(value)
        return mask_phone(value) if key in _PHONE_KEYS else redact_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, Message):
        return redact_message(value)
    if isinstance(value, Mapping):
        return {str(name): _redacted(str(name), item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redacted(key, item) for item in value]
    return _redacted(key, str(value))


class _Origin:
    """Adds who speaks, and for which request."""

    def __init__(self, service: str, role: str) -> None:
        self._service = service
        self._role = role

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if self._service:
            event["service"] = self._service
        if self._role:
            event["role"] = self._role
        if request_id := context.request_id():
            event["request_id"] = request_id
        return event


def _add_level(_logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["level"] = "error" if name == "exception" else name
    return event


def _add_time(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return event


def _render_json(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS, default=str).decode()
