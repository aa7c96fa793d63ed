"""Names, texts and enums of requests: how long, which characters, which values (GEN-24, GEN-40)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from angarium.campaign.v1 import segment_service_pb2
from angarium.delivery.v1 import message_service_pb2
from buf.validate import validate_pb2
from services.common.errors import ServiceError
from services.common.rpc import plainness
from services.common.rpc.validation import check_of
from tests.contract.descriptors import ROOT, files, methods

LARGEST = {"name": 100, "description": 2_000, "reason": 500, "note": 2_000, "notes": 2_000}
OTHERWISE = {
    # Names that the texts of their areas give other lengths, or that others chose.
    "angarium.campaign.v1.ApplyReferralRequest.referred_name": "a person's name, as of contacts",
    "angarium.campaign.v1.CartItem.name": "a neighbour's name of a thing",
    "angarium.campaign.v1.Contact.name": "200 (CAM-5)",
    "angarium.campaign.v1.ContactPackage.name": "a neighbour's name of a thing",
    "angarium.campaign.v1.RecordWhatsAppTemplateStatusRequest.reason": "the provider's words",
    "angarium.campaign.v1.RecordWhatsAppTemplateStatusRequest.whatsapp_template_name": "512 at WhatsApp",
    "angarium.consent.v1.DndImportHeader.file_name": "255, as file systems have it",
    "angarium.delivery.v1.PassFields.attendee_name": "a person's name, as of contacts",
    "angarium.delivery.v1.PassFields.event_name": "a neighbour's name of a thing",
    "angarium.delivery.v1.PassFields.venue_name": "a neighbour's name of a thing",
    # Judged where they mean something.
    "angarium.campaign.v1.AutomationEventMatch.event_name": "a name of the catalogue",
    "angarium.campaign.v1.SendNotificationAction.template_name": "a template that there is",
    "angarium.campaign.v1.TemplateVariable.name": "64 characters of its own alphabet (CAM-86)",
    "angarium.campaign.v1.TemplateContent.whatsapp_template_name": "a name that WhatsApp approved",
    "angarium.delivery.v1.Recipient.name": "read row by row with its block",
    "angarium.delivery.v1.SubmitTemplateRequest.name": "campaign's own name of an approved text",
    # Output only.
    "angarium.campaign.v1.Campaign.pause_reason": "",
    "angarium.campaign.v1.Campaign.rejection_reason": "",
    "angarium.campaign.v1.Campaign.segment_name": "",
    "angarium.campaign.v1.Campaign.template_name": "",
    "angarium.campaign.v1.ReferralReward.description": "",
    "angarium.campaign.v1.TriggerConfig.template_name": "",
    "angarium.campaign.v1.WhatsAppApproval.reason": "",
    "angarium.campaign.v1.WhatsAppApproval.whatsapp_template_name": "",
    "angarium.delivery.v1.WebhookSubscription.disabled_reason": "",
}


def request_types() -> list[type[Message]]:
    for file in files():
        module = file.name.removesuffix(".proto").replace("/", ".")
        importlib.import_module(f"{module}_pb2")
    pool = descriptor_pool.Default()
    names = {
        method.path.rpartition("/")[0].rpartition(".")[0] + "." + method.request.name for method in methods()
    }
    return [GetMessageClass(pool.FindMessageTypeByName(name)) for name in sorted(names)]


def fields_of_requests() -> Iterator[Any]:
    """Every field that stands in a request, at any depth, once."""
    seen: set[str] = set()
    waiting = [one.DESCRIPTOR for one in request_types()]
    while waiting:
        found: Any = waiting.pop()
        if found.full_name in seen or not found.full_name.startswith("angarium."):
            continue
        seen.add(found.full_name)
        for field in found.fields:
            yield field
            if field.message_type is not None:
                waiting.append(field.message_type)


def rules_of(field: Any) -> Any:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return rules.repeated.items if field.is_repeated else rules


@pytest.mark.req("GEN-24")
def test_names_descriptions_reasons_and_notes_have_a_largest_length() -> None:
    too_long = {
        field.full_name
        for field in fields_of_requests()
        if field.type == FieldDescriptor.TYPE_STRING
        and not field.is_repeated
        and (most := LARGEST.get(field.name.rpartition("_")[2]))
        and not 0 < rules_of(field).string.max_len <= most
    }
    assert too_long == set(OTHERWISE)


def filled(kind: type[Message], plain: plainness.Plain) -> Iterator[tuple[Message, str]]:
    """Messages of a type, each with one fault, and where it is; two messages deep."""
    for name, is_many, _ in plain.texts:
        message = kind()
        if is_many:
            getattr(message, name).append("a\x00b")
        else:
            setattr(message, name, "a\x00b")
        yield message, name
    for name, is_many, _ in plain.enums:
        message = kind()
        if is_many:
            getattr(message, name).append(0)
        else:
            setattr(message, name, 99_999)
        yield message, name


@pytest.mark.req("GEN-24")
@pytest.mark.parametrize("kind", request_types(), ids=lambda one: one.DESCRIPTOR.name)
def test_control_characters_and_unknown_values_are_refused_by_their_field(kind: type[Message]) -> None:
    plain = plainness.of(kind.DESCRIPTOR)
    if plain is None:
        return
    check = check_of(kind)
    assert check is not None
    cases = list(filled(kind, plain))
    for name, is_many, inside in plain.inside:
        of_field: Any = kind.DESCRIPTOR.fields_by_name[name].message_type
        for part, place in filled(GetMessageClass(of_field), inside):
            message = kind()
            if is_many:
                getattr(message, name).append(part)
                cases.append((message, f"{name}[0].{place}"))
            else:
                getattr(message, name).CopyFrom(part)
                cases.append((message, f"{name}.{place}"))
    for message, place in cases:
        with pytest.raises(ServiceError) as refused:
            check(message)
        assert refused.value.reason == "VALIDATION_FAILED"
        assert place in {one.field for one in refused.value.violations}


@pytest.mark.req("GEN-24")
def test_no_enum_of_a_request_takes_a_value_that_it_does_not_know() -> None:
    """By its own rule, or by the one that holds everywhere; rows of blocks by who reads them."""
    looked_at: set[str] = set()

    def enter(plain: plainness.Plain, descriptor: Any, seen: set[str]) -> None:
        if descriptor.full_name in seen:
            return
        seen.add(descriptor.full_name)
        looked_at.update(descriptor.fields_by_name[name].full_name for name, _, _ in plain.enums)
        for name, _, inside in plain.inside:
            enter(inside, descriptor.fields_by_name[name].message_type, seen)

    for kind in request_types():
        if plain := plainness.of(kind.DESCRIPTOR):
            enter(plain, kind.DESCRIPTOR, set())
    open_enums = {
        field.full_name
        for field in fields_of_requests()
        if field.type == FieldDescriptor.TYPE_ENUM
        and not rules_of(field).enum.defined_only
        and not getattr(rules_of(field).enum, "in")
    }
    # Rows of blocks, and what their answers show.
    blocks = {one for one in open_enums if re.search(r"ImportRow\.|consent\.v1\.Consent\.", one)}
    assert len(looked_at) > 20
    assert open_enums - looked_at == blocks


def test_lines_of_a_text_are_no_control_characters() -> None:
    plain = plainness.of(segment_service_pb2.CreateSegmentRequest.DESCRIPTOR)
    assert plain is not None
    request = segment_service_pb2.CreateSegmentRequest()
    request.segment.description = "One line\r\n\tand another"
    assert plain.violations(request) == []
    request.segment.name = "One line\nand another"
    assert [one.field for one in plain.violations(request)] == ["segment.name"]


CANONICAL = {
    "channel": "common.v1.Channel",
    "message_class": "common.v1.MessageClass",
    "priority (lane)": "common.v1.Priority",
    "consent_status": "consent.v1.Consent.State",
    "frequency": "consent.v1.Frequency",
    "campaign_type": "campaign.v1.Campaign.Kind",
    "campaign_status": "campaign.v1.Campaign.State",
    "recipient_status": "campaign.v1.CampaignRecipient.State",
    "message_status": "delivery.v1.Message.State",
    "message_origin": "delivery.v1.Origin",
    "template_type": "campaign.v1.TemplateType",
    "whatsapp_template_status": "common.v1.WhatsAppApprovalState",
    "segment_type": "campaign.v1.Segment.Kind",
    "trigger_type": "campaign.v1.TriggerType",
    "referral_status": "campaign.v1.Referral.State",
    "reward_on": "campaign.v1.ReferralSettings.RewardOn",
    "follow-up status": "campaign.v1.Followup.State",
    "recurrence_pattern": "campaign.v1.Recurrence.Pattern",
}


def canonical() -> dict[str, set[str]]:
    """The table of canonical values, without what stands in brackets."""
    text = (ROOT / "docs" / "requirements" / "README.md").read_text()
    table = text.partition("**GEN-40**")[2].partition("**GEN-41**")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)
    found = {}
    for name, values in rows[1:]:
        found[name.strip()] = set(re.sub(r"\([^)]*\)", "", values).replace(" ", "").split(","))
    return found


def enums() -> dict[str, list[str]]:
    """Values of every enum without their prefix, by its name without `angarium.`."""

    def values(enum: Any) -> list[str]:
        prefix = enum.value[0].name.removesuffix("UNSPECIFIED")
        assert all(one.name.startswith(prefix) for one in enum.value), enum.name
        return [one.name.removeprefix(prefix).lower() for one in enum.value]

    found = {}
    for file in files():
        package = file.package.removeprefix("angarium.")
        found |= {f"{package}.{enum.name}": values(enum) for enum in file.enum_type}
        for message in file.message_type:
            found |= {f"{package}.{message.name}.{enum.name}": values(enum) for enum in message.enum_type}
    return found


@pytest.mark.req("GEN-40")
@pytest.mark.parametrize("name", CANONICAL)
def test_the_contract_has_the_canonical_values(name: str) -> None:
    values = enums()[CANONICAL[name]]
    # A template that was never handed in has no state.
    assert canonical()[name] - {"none"} <= set(values)
    assert values[0] == "unspecified"


@pytest.mark.req("GEN-40")
def test_what_must_be_said_is_not_left_unspecified() -> None:
    """Where a zero is taken at all, the field says what it means; in a list it means nothing and is refused."""
    send = check_of(message_service_pb2.SendMessageRequest)
    assert send is not None
    for request in (
        message_service_pb2.SendMessageRequest(),
        message_service_pb2.SendMessageRequest(channels=[0]),  # type: ignore[list-item]
    ):
        request.content.template_name = "order-shipped"
        with pytest.raises(ServiceError) as refused:
            send(request)
        named = {one.field for one in refused.value.violations}
        assert "content.category" in named
        assert not request.channels or any(one.startswith("channels") for one in named)
    refusing = [
        field.full_name
        for field in fields_of_requests()
        if field.type == FieldDescriptor.TYPE_ENUM and 0 in rules_of(field).enum.not_in
    ]
    assert len(refusing) > 50
