"""Campaigns as files: JSON or TOML with the fields of the contract."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import files

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_pb2 import Campaign


def read(path: Path) -> "Campaign":
    """Returns the campaign of a file; CommandError says what cannot be read."""
    from angarium.campaign.v1.campaign_pb2 import Campaign

    return files.read(path, Campaign(), "campaign", "docs/campaigns.md")


def changes(path: Path) -> "tuple[Campaign, list[str]]":
    """Returns the campaign of a file and the fields that it names; CommandError says what cannot be read."""
    from angarium.campaign.v1.campaign_pb2 import Campaign

    spelled = {name: one.name for one in Campaign.DESCRIPTOR.fields for name in (one.name, one.json_name)}
    names: list[str] = []

    def noted(found: dict[str, Any]) -> dict[str, Any]:
        names.extend(spelled[name] for name in found if name in spelled)
        return found

    return files.read(path, Campaign(), "campaign", "docs/campaigns.md", noted), names
