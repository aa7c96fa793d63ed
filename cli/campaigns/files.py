"""Campaigns as files: JSON or TOML with the fields of the contract."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli import files

if TYPE_CHECKING:
    from angarium.campaign.v1.campaign_pb2 import Campaign


def read(path: Path) -> "Campaign":
    """Returns the campaign of a file; CommandError says what cannot be read."""
    from angarium.campaign.v1.campaign_pb2 import Campaign

    return files.read(path, Campaign(), "campaign", "docs/campaigns.md")
