"""Campaigns as files: JSON or TOML with the fields of the contract."""

import json
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.output import CommandError

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_pb2 import Campaign


def read(path: Path) -> "Campaign":
    """Returns the campaign of a file; CommandError says what cannot be read."""
    from google.protobuf import json_format

    from angarium.campaign.v1.campaign_pb2 import Campaign

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
    try:
        return json_format.ParseDict(_plain(found), Campaign())
    except json_format.ParseError as error:
        raise CommandError(
            f"{path} is no campaign: {error}.", "The fields are those of the contract: see docs/campaigns.md"
        ) from None


def _plain(value: Any) -> Any:
    """Returns a value as JSON has it: instants as the contract writes them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date | time) else value
