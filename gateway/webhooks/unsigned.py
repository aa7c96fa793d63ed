"""Providers that sign nothing (GAT-24): the account's token in the path, and a shared secret where one is set.

Whoever may call can be narrowed to networks as well; a receipt that was recorded before changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import postmark


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
    _url: str = "",
) -> bool:
    """Returns whether the caller, who knows the account's token, knows its secret too where it has one."""
    return not verification.shared_secret or postmark.is_genuine(verification, headers, raw_body, now)
