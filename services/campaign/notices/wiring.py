"""What notices give to the bootstrap."""

from collections.abc import Mapping

from services.campaign.notices.domain import Listener, Source
from services.campaign.notices.keeping import forget_old
from services.campaign.notices.notices import Notices
from services.campaign.notices.worker import NoticeWorker
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.rpc.client import Channels
from services.common.service import Loop

__all__ = ["forget_old", "loops", "of"]


def of(settings: CampaignSettings) -> Notices:
    """Returns what notices are written down with."""
    return Notices(settings.encryption_keys, settings.hash_keys)


def loops(
    database: Database, channels: Channels, notices: Notices, listeners: Mapping[Source, Listener]
) -> list[Loop]:
    """Returns the loop that hands notices over and tells their sources what became of them."""
    return [Loop("notices", NoticeWorker(database, channels, notices, listeners).loop)]
