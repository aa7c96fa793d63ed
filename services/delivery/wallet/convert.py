"""Passes between the contract and the domain."""

from collections.abc import Iterable
from datetime import UTC

from angarium.delivery.v1 import wallet_service_pb2 as pb
from services.common.errors import Violation, invalid_many
from services.common.zones import zone
from services.delivery.enums import wire
from services.delivery.wallet.domain import Fields, Pass

UPDATABLE = frozenset(field.name for field in pb.PassFields.DESCRIPTOR.fields)
"""What of a pass an update may change."""


OF_EVENT = frozenset({"event_name", "event_time", "time_zone", "venue_name", "venue_address"})
"""What of it an event has in common with all its passes."""


def fields(given: pb.PassFields) -> Fields:
    """Returns what a pass shows; VALIDATION_FAILED names every field at fault."""
    found = Fields(
        event_name=given.event_name,
        event_ref=given.event_ref,
        venue_name=given.venue_name,
        venue_address=given.venue_address,
        event_at=given.event_time.ToDatetime(tzinfo=UTC) if given.HasField("event_time") else None,
        time_zone=given.time_zone,
        seat=given.seat,
        attendee_name=given.attendee_name,
        terms=given.terms,
        language=given.language_code,
        barcode=given.barcode_payload,
    )
    wrong = [Violation(*problem) for problem in found.problems()]
    if found.time_zone and not _is_zone(found.time_zone):
        wrong.append(Violation("fields.time_zone", "must be an IANA time zone"))
    if wrong:
        raise invalid_many(wrong)
    return found


def shown(one: Fields) -> pb.PassFields:
    """Returns what a pass shows, as the contract has it."""
    found = pb.PassFields(
        event_name=one.event_name,
        event_ref=one.event_ref,
        venue_name=one.venue_name,
        venue_address=one.venue_address,
        time_zone=one.time_zone,
        seat=one.seat,
        attendee_name=one.attendee_name,
        terms=one.terms,
        language_code=one.language,
        barcode_payload=one.barcode,
    )
    if one.event_at is not None:
        found.event_time.FromDatetime(one.event_at)
    return found


def merged(before: Fields, given: pb.PassFields, paths: Iterable[str]) -> Fields:
    """Returns what a pass shows once some fields have other values; VALIDATION_FAILED names every field at fault."""
    found = shown(before)
    for path in paths:
        found.ClearField(path)
        if path != "event_time":
            setattr(found, path, getattr(given, path))
        elif given.HasField("event_time"):
            found.event_time.CopyFrom(given.event_time)
    return fields(found)


def wallet_pass(one: Pass, download_url: str) -> pb.WalletPass:
    """Returns a pass as the contract has it."""
    found = pb.WalletPass(
        pass_id=str(one.pass_id),
        contact_id=str(one.contact_id),
        ticket_ref=one.ticket_ref,
        kind=wire(one.kind),
        fields=shown(one.fields),
        state=wire(one.state),
        pass_version=one.version,
        download_url=download_url,
    )
    found.download_expire_time.FromDatetime(one.download_expires_at)
    found.create_time.FromDatetime(one.created_at)
    found.update_time.FromDatetime(one.updated_at)
    return found


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True
