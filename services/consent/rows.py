"""Errors of single rows of an import, as the contract reports them."""

from collections.abc import Mapping

from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.rpc.status import item_status

MAX_ROWS = 1000


def row_errors(errors: Mapping[int, ServiceError]) -> list[pb.ImportRowError]:
    """Returns errors by the index of their row, in order."""
    return [
        pb.ImportRowError(index=place, status=item_status(error, "consent"))
        for place, error in sorted(errors.items())
    ]
