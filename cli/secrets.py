"""The secrets of an installation: drawn once, kept in a file that only its owner can read."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.embedded.state import write_private

SERVICES = ("consent", "campaign", "delivery", "analytics")


def password_variable(service: str) -> str:
    """Returns the name under which migrations learn the database password of a service."""
    return f"{service.upper()}_DB_PASSWORD"


def _text() -> str:
    return secrets.token_urlsafe(36)


def _keys() -> str:
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


# Each name is the environment variable that carries the secret.
_DRAWN: Mapping[str, Callable[[], str]] = {
    **{password_variable(service): _text for service in SERVICES},
    "JWT_SECRET": _text,
    "SERVICE_TOKEN_SECRET": _text,
    "ENCRYPTION_KEYS": _keys,
    "HASH_KEYS": _keys,
    "TOKEN_KEYS": _keys,
    "RECEIPT_KEYS": _keys,
}
NAMES = tuple(_DRAWN)


class SecretsError(Exception):
    """The file of secrets cannot be used; a new one would make stored data unreadable."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


def load_or_draw(path: Path) -> dict[str, str]:
    """Returns the secrets by variable name; draws those that are missing and writes them down before use."""
    known = load(path)
    missing = [name for name in NAMES if name not in known]
    if missing:
        known.update({name: _DRAWN[name]() for name in missing})
        write_private(path, json.dumps(known, indent=2) + "\n")
    path.chmod(0o600)
    return known


def load(path: Path) -> dict[str, str]:
    """Returns the secrets that were drawn; empty when there is no file, SecretsError when it cannot be read."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SecretsError(
            f"{path} cannot be read: {type(error).__name__}.",
            "Restore it from a backup: data encrypted with its keys is lost without it. To start afresh instead, "
            "remove the data: angarium clean",
        ) from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise SecretsError(f"{path} does not hold secrets by name.", "Restore it from a backup.")
    return found
