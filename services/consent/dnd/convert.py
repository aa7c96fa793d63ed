"""Registries between the contract and the domain."""

from angarium.consent.v1 import dnd_service_pb2 as pb
from services.common.errors import invalid
from services.common.rpc.context import current_caller
from services.common.security.permissions import PLATFORM_ADMIN
from services.consent.dnd.domain import DndImport, Listing
from services.consent.dnd.importing import Block, Header, Progress
from services.consent.rows import row_errors
from services.consent.words import DND_MODE, DND_STATE, text_of, timestamp

MAX_PHONES = 10_000


def header(given: pb.DndImportHeader) -> Header:
    """Returns what is imported."""
    mode = DND_MODE.word(given.mode)
    return Header(
        given.registry,
        "full" if mode == "full" else "delta",
        given.checksum,
        given.file_name,
        given.expected_count,
    )


def block(rows: pb.DndRows) -> Block:
    """Returns a block of numbers; VALIDATION_FAILED when it has none, too many, or a number no line can hold."""
    if not 1 <= len(rows.phones) <= MAX_PHONES:
        raise invalid("rows.phones", f"must be 1 to {MAX_PHONES} numbers")
    return Block(rows.phones, rows.is_removal, rows.categories)


def dnd_import(found: DndImport) -> pb.DndImport:
    """Returns an import; who asked for it, and by what file, is for the own tenant and for admins of the deployment."""
    caller = current_caller()
    is_ours = PLATFORM_ADMIN in caller.roles or found.requested_in == caller.tenant_id
    return pb.DndImport(
        dnd_import_id=text_of(found.import_id),
        registry=found.registry,
        file_name=found.file_name if is_ours else "",
        checksum=found.checksum,
        mode=DND_MODE.number(found.mode),  # type: ignore[arg-type]
        total_count=found.total,
        added_count=found.added,
        removed_count=found.removed,
        invalid_count=found.invalid,
        state=DND_STATE.number(found.status),  # type: ignore[arg-type]
        start_time=timestamp(found.started_at),
        end_time=timestamp(found.finished_at),
        requested_by=(found.requested_by or "") if is_ours else "",
        error=found.error or "",
    )


def import_response(progress: Progress) -> pb.ImportDndRegistryResponse:
    """Returns how far an import is."""
    errors = {place: invalid("phones", "is not a phone number") for place in progress.bad_rows}
    return pb.ImportDndRegistryResponse(dnd_import=dnd_import(progress.dnd_import), errors=row_errors(errors))


def listing(found: Listing) -> pb.DndListing:
    """Returns a number's place in a registry."""
    return pb.DndListing(
        registry=found.registry, list_time=timestamp(found.listed_at), categories=found.categories
    )
