"""The contract as protoc sees it, comments included."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    MethodOptions,
)
from grpc_tools import protoc

from angarium.options.v1 import options_pb2
from scripts import gen_protos

ROOT = Path(__file__).resolve().parent.parent.parent
PROTOS = ROOT / "protos" / "angarium"
SERVICES = ("consent", "campaign", "delivery", "analytics")

REPEATABLE = {
    "angarium.common.v1.ContactDataService/EraseContactData": "finishes what was left, and tells all that was done",
    "angarium.delivery.v1.InboxService/MarkRead": "an item that is read stays as it is",
    "angarium.delivery.v1.InboxService/MarkAllRead": "items that are read stay as they are",
    "angarium.delivery.v1.InboxService/ArchiveInboxItem": "an archived item stays as it is",
    "angarium.delivery.v1.WebhookService/TestWebhook": "a test is an event of its own; it counts nowhere",
    "angarium.delivery.v1.WebhookService/CallWebhook": "a call is known by its id",
    "angarium.delivery.v1.MediaService/UploadMedia": "the same file is the same asset",
    "angarium.delivery.v1.MediaService/DeleteMedia": "what is gone stays gone",
    "angarium.delivery.v1.WalletService/VoidWalletPass": "a pass is voided once",
    "angarium.delivery.v1.WalletService/OfferWalletPasses": "an offer is known by its id",
    "angarium.delivery.v1.WalletService/VoidWalletPasses": "a pass is voided once",
    "angarium.delivery.v1.WalletService/UpdateEventPasses": "a pass that shows it already stays as it is",
    "angarium.analytics.v1.IngestService/RebuildRollups": "computes the same from the same facts",
    "angarium.analytics.v1.IngestService/IngestEvents": "an event is known by its id",
    "angarium.campaign.v1.CampaignService/ReconcileCampaign": "settles what is open; the settled stays as it is",
    "angarium.campaign.v1.ContactService/BatchUpsertContacts": "rows are found by external_id",
    "angarium.campaign.v1.CouponService/AddCouponCodes": "a code is in a pool once",
    "angarium.consent.v1.DndService/ImportDndRegistry": "a list is known by its checksum",
    "angarium.campaign.v1.EventIntakeService/IngestEvents": "an event is known by its id",
    "angarium.campaign.v1.EventIntakeService/StreamEvents": "an event is known by its id",
    "angarium.campaign.v1.WhatsAppTemplateService/RecordWhatsAppTemplateStatus": "a state that stands changes nothing",
    "angarium.delivery.v1.TemplateReviewService/SubmitTemplate": "a name is taken once; campaign looks up what is there",
    "angarium.consent.v1.ComplianceService/EvaluateSend": "reservations are keyed by message_id",
    "angarium.consent.v1.ComplianceService/EvaluateSendBatch": "reservations are keyed by message_id",
    "angarium.consent.v1.ConsentService/ConfirmConsent": "the token names what to confirm; a used one changes nothing",
    "angarium.consent.v1.ConsentService/HandleInboundText": "a text is known by the provider's own id",
    "angarium.consent.v1.ConsentService/ImportConsents": "a row is a state, not a change",
    "angarium.consent.v1.PreferenceService/IssueUnsubscribeToken": "signs, stores nothing",
    "angarium.consent.v1.PreferenceService/Unsubscribe": "the token names what to end; ended stays ended",
    "angarium.consent.v1.PreferenceService/UpdatePreferencesByToken": "sets values; what stands so already stays as it is",
    "angarium.consent.v1.SuppressionService/FollowStopLink": "the token names what to stop; stopped stays stopped",
    "angarium.consent.v1.SuppressionService/ImportSuppressions": "a row is a state, not a change",
    "angarium.delivery.v1.DeviceService/RegisterDevice": "a token is known once per tenant and app",
    "angarium.delivery.v1.DeviceService/UnregisterDevice": "gone stays gone",
    "angarium.delivery.v1.LaneService/PauseLane": "paused stays paused",
    "angarium.delivery.v1.LaneService/ResumeLane": "running stays running",
    "angarium.delivery.v1.MessageService/HoldMessages": "held stays held",
    "angarium.delivery.v1.MessageService/ReleaseMessages": "released stays released",
    "angarium.delivery.v1.MessageService/StreamMessages": "each block carries its key",
    "angarium.delivery.v1.ProviderService/VerifyProviderAccount": "asks the provider, changes its health only",
    "angarium.delivery.v1.ReceiptService/RecordEngagement": "every hit is kept as it came; the caller does not retry",
    "angarium.delivery.v1.ReceiptService/RecordInboundMessage": "deduplicated by the provider's own id of the text",
    "angarium.delivery.v1.ReceiptService/RecordReceipts": "deduplicated by the provider's own event key",
}
"""Methods that change something and need no idempotency key, and why a repeat does no harm."""

# Numbers of the fields of descriptor.proto, of which a source location's path is made.
_MESSAGE, _ENUM, _SERVICE = 4, 5, 6
_FIELD, _NESTED, _NESTED_ENUM, _ONEOF = 2, 3, 4, 8
_METHOD, _VALUE = 2, 2


@dataclass(frozen=True)
class Element:
    """Anything that must have a comment."""

    kind: str
    name: str
    comment: str


@dataclass(frozen=True)
class Method:
    """One RPC."""

    service: str  # full name, such as angarium.consent.v1.ConsentService
    name: str
    options: MethodOptions
    request: DescriptorProto
    response: DescriptorProto
    client_streaming: bool
    server_streaming: bool

    @property
    def path(self) -> str:
        return f"{self.service}/{self.name}"

    @property
    def access(self) -> options_pb2.Access:
        return self.options.Extensions[options_pb2.access]

    @property
    def reads_only(self) -> bool:
        return self.options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS

    @property
    def keyed(self) -> bool:
        return "idempotency_key" in self.request_fields

    @property
    def request_fields(self) -> set[str]:
        return {field.name for field in self.request.field}

    @property
    def response_fields(self) -> set[str]:
        return {field.name for field in self.response.field}

    def __str__(self) -> str:
        return self.path


@cache
def files() -> tuple[FileDescriptorProto, ...]:
    """The contract's own files with source information."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "contract.binpb"
        status = protoc.main(
            [
                "protoc",
                f"--proto_path={gen_protos.SOURCES}",
                f"--proto_path={gen_protos.VENDORED}",
                f"--proto_path={gen_protos.WELL_KNOWN}",
                f"--descriptor_set_out={out}",
                "--include_source_info",
                "--include_imports",
                *map(str, sorted(PROTOS.rglob("*.proto"))),
            ]
        )
        assert status == 0
        found = FileDescriptorSet.FromString(out.read_bytes())
    return tuple(file for file in found.file if file.package.startswith("angarium."))


@cache
def methods() -> tuple[Method, ...]:
    messages = {
        f".{file.package}.{message.name}": message for file in files() for message in file.message_type
    }
    return tuple(
        _method(f"{file.package}.{service.name}", method, messages)
        for file in files()
        for service in file.service
        for method in service.method
    )


def _method(service: str, method: MethodDescriptorProto, messages: dict[str, DescriptorProto]) -> Method:
    return Method(
        service,
        method.name,
        method.options,
        messages[method.input_type],
        messages[method.output_type],
        method.client_streaming,
        method.server_streaming,
    )


def elements() -> Iterator[Element]:
    """Every element of the contract with the comment that stands above or behind it."""
    for file in files():
        comments = {
            tuple(location.path): (location.leading_comments or location.trailing_comments).strip()
            for location in file.source_code_info.location
        }
        for path, kind, name in _walk(file):
            yield Element(kind, f"{file.package}.{name}", comments.get(path, ""))


def _walk(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str, str]]:
    for i, service in enumerate(file.service):
        yield (_SERVICE, i), "service", service.name
        for j, method in enumerate(service.method):
            yield (_SERVICE, i, _METHOD, j), "method", f"{service.name}.{method.name}"
    for i, message in enumerate(file.message_type):
        yield from _walk_message(message, (_MESSAGE, i), message.name)
    for i, enum in enumerate(file.enum_type):
        yield from _walk_enum(enum, (_ENUM, i), enum.name)


def _walk_message(
    message: DescriptorProto, path: tuple[int, ...], name: str
) -> Iterator[tuple[tuple[int, ...], str, str]]:
    if message.options.map_entry:
        return
    yield path, "message", name
    for i, field in enumerate(message.field):
        yield (*path, _FIELD, i), "field", f"{name}.{field.name}"
    for i, oneof in enumerate(message.oneof_decl):
        if not oneof.name.startswith("_"):  # protoc's own, for a field marked optional
            yield (*path, _ONEOF, i), "oneof", f"{name}.{oneof.name}"
    for i, nested in enumerate(message.nested_type):
        yield from _walk_message(nested, (*path, _NESTED, i), f"{name}.{nested.name}")
    for i, enum in enumerate(message.enum_type):
        yield from _walk_enum(enum, (*path, _NESTED_ENUM, i), f"{name}.{enum.name}")


def _walk_enum(
    enum: EnumDescriptorProto, path: tuple[int, ...], name: str
) -> Iterator[tuple[tuple[int, ...], str, str]]:
    yield path, "enum", name
    for i, value in enumerate(enum.value):
        yield (*path, _VALUE, i), "enum value", f"{name}.{value.name}"
