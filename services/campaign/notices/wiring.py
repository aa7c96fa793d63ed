"""What notices give to the bootstrap."""

from collections.abc import Mapping

from angarium.campaign.v1 import notice_service_pb2, notice_service_pb2_grpc
from services.campaign.notices.domain import Listener, Source
from services.campaign.notices.keeping import forget_old
from services.campaign.notices.listing import NoticeLists
from services.campaign.notices.notices import Notices
from services.campaign.notices.servicer import NoticeServicer
from services.campaign.notices.worker import NoticeWorker
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.rpc.client import Channels
from services.common.service import Loop, Registration

__all__ = ["forget_old", "loops", "of", "registration"]


def of(settings: CampaignSettings) -> Notices:
    """Returns what notices are written down with."""
    return Notices(settings.encryption_keys, settings.hash_keys)


def registration(database: Database) -> Registration:
    """Returns the RPC service that shows them."""
    return Registration(
        notice_service_pb2.DESCRIPTOR.services_by_name["NoticeService"],
        notice_service_pb2_grpc.add_NoticeServiceServicer_to_server,
        NoticeServicer(NoticeLists(database)),
    )


def loops(
    database: Database, channels: Channels, notices: Notices, listeners: Mapping[Source, Listener]
) -> list[Loop]:
    """Returns the loop that hands notices over and tells their sources what became of them."""
    return [Loop("notices", NoticeWorker(database, channels, notices, listeners).loop)]
