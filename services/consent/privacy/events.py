"""Events of privacy requests (EVT-114)."""

from angarium.consent.v1 import consent_events_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.consent.privacy.domain import Request


def created(uow: UnitOfWork, request: Request) -> None:
    """Emits `privacy.request_created`."""
    payload = pb.PrivacyRequestCreated(
        privacy_request_id=str(request.request_id), kind=request.kind, contact_id=str(request.contact_id)
    )
    uow.emit(Event("privacy.request_created", "privacy_request", str(request.request_id), payload))


def completed(uow: UnitOfWork, request: Request) -> None:
    """Emits `privacy.request_completed`; one about an erasure names the stand-in."""
    about = request.tombstone_id if request.kind == "erasure" else request.contact_id
    payload = pb.PrivacyRequestCompleted(
        privacy_request_id=str(request.request_id), kind=request.kind, contact_id=str(about)
    )
    uow.emit(Event("privacy.request_completed", "privacy_request", str(request.request_id), payload))


def contact_erased(uow: UnitOfWork, request: Request) -> None:
    """Emits `contact.erased`, the only event that names an erased contact."""
    payload = pb.ContactErased(contact_id=str(request.contact_id), privacy_request_id=str(request.request_id))
    uow.emit(Event("contact.erased", "contact", str(request.contact_id), payload))
