"""Messages of the contract as people write them into files: JSON or TOML."""

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cli.output import CommandError

if TYPE_CHECKING:
    from google.protobuf.message import Message

M = TypeVar("M", bound="Message")


def read(
    path: Path,
    message: M,
    what: str,
    page: str,
    spelled: Callable[[dict[str, Any]], dict[str, Any]] = lambda found: found,
) -> M:
    """Fills a message from a file with its fields and returns it.

    Args:
        path: TOML by its ending, JSON otherwise.
        message: What is filled.
        what: What the file should hold, for the error.
        page: Page of the documentation that says how.
        spelled: Turns spellings that only people use into those of the contract.

    Raises:
        CommandError: The file cannot be read, or holds something else.
    """
    from google.protobuf import json_format

    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}.", "Name a .json or .toml file."
        ) from None
    except ValueError as error:
        raise CommandError(
            f"{path} is no valid {path.suffix.removeprefix('.') or 'JSON'}: {error}."
        ) from None
    mend = f"The fields are those of the contract: see {page}"
    if not isinstance(found, dict):
        raise CommandError(f"{path} is no {what}: it holds no fields.", mend)
    try:
        return json_format.ParseDict(_plain(spelled(found)), message)
    except json_format.ParseError as error:
        raise CommandError(f"{path} is no {what}: {error}.", mend) from None


def _plain(value: Any) -> Any:
    """Returns a value as JSON has it: instants as the contract writes them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date | time) else value
