"""What passes give to the bootstrap."""

from services.campaign.passes.orders import PassOrders
from services.campaign.passes.store import forget_old
from services.common.db.database import Database
from services.common.rpc.client import Channels
from services.common.service import Loop

__all__ = ["forget_old", "loop"]


def loop(database: Database, channels: Channels) -> Loop:
    """Returns the loop that tells delivery what becomes of passes."""
    return Loop("pass-orders", PassOrders(database, channels).loop)
