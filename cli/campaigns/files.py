"""Campaigns as files: JSON or TOML with the fields of the contract, in words as people write them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import files

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_pb2 import Campaign

_PAGE = "docs/campaigns.md"


def read(path: Path) -> "Campaign":
    """Returns the campaign of a file; CommandError says what cannot be read."""
    from angarium.campaign.v1.campaign_pb2 import Campaign

    return files.read(path, Campaign(), "campaign", _PAGE, _spelled)


def changes(path: Path) -> "tuple[Campaign, list[str]]":
    """Returns the campaign of a file and the fields that it names; CommandError says what cannot be read."""
    from angarium.campaign.v1.campaign_pb2 import Campaign

    spelled = {name: one.name for one in Campaign.DESCRIPTOR.fields for name in (one.name, one.json_name)}
    names: list[str] = []

    def noted(found: dict[str, Any]) -> dict[str, Any]:
        known = _spelled(found)
        names.extend(spelled[name] for name in known if name in spelled)
        return known

    return files.read(path, Campaign(), "campaign", _PAGE, noted), names


def _spelled(found: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields of a file as the contract spells them: variables are a table, words lack their prefix."""
    from angarium.campaign.v1.campaign_pb2 import Campaign

    known: dict[str, Any] = files.words(Campaign.DESCRIPTOR, found)
    if isinstance(variables := known.get("variables"), dict):
        known = {name: value for name, value in known.items() if name != "variables"}
        known["variables_json"] = json.dumps(files.plain(variables), ensure_ascii=False)
    return known
