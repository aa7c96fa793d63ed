"""Every grpcurl line of the operator's page is true: its method exists, its body is a valid request, it answers."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

import protovalidate
import pytest
from google.protobuf import field_mask_pb2, json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from services.common.security.jwt import issue_person
from tests.house import Served

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
PORTS = {"9101": "consent", "9102": "campaign", "9103": "delivery", "9104": "analytics"}
# What an example's made-up ids answer with.
STREAMS = ("WatchEvents", "WatchMessages")
"""Feeds have no end."""

NOT_THERE = {
    "ListContactSegments",
    "MergeContacts",
    "UpdateContactAttributes",
    "UpdateContactTags",
    "ActivateTemplateVersion",
    "DeactivateTemplate",
    "DeleteTemplate",
    "DeleteTranslation",
    "ListTemplateVersions",
    "PreviewTemplate",
    "SubmitWhatsAppTemplate",
    "ListSegmentContacts",
    "RefreshSegment",
    "AddSegmentMembers",
    "RemoveSegmentMembers",
    "CheckSegmentMembership",
    "DeleteSegment",
    "UpdateSegment",
    "AddCouponCodes",
    "GetAutomation",
    "UpdateAutomation",
    "DeleteAutomation",
    "EnableAutomation",
    "DisableAutomation",
    "TriggerAutomation",
    "GetAutomationRun",
    "CancelAutomationRun",
    "RecordCart",
    "CompleteCart",
    "RecordView",
    "ApplyReferral",
    "ClearReferralFraud",
    "CreateFollowup",
    "DeleteFollowup",
    "GetReferral",
    "GetReferralCode",
    "MarkReferralFraud",
    "UpdateFollowup",
    "DeactivateCoupon",
    "GetCoupon",
    "ListCouponRedemptions",
    "ReverseRedemption",
    "UpdateCoupon",
    "ValidateCoupon",
    "HandleFeedback",
    "SubmitFeedback",
    "ApproveCampaign",
    "CancelCampaign",
    "DeleteCampaign",
    "UpdateCampaign",
    "DryRunCampaign",
    "EstimateCampaign",
    "ExportCampaignRecipients",
    "GetCampaign",
    "ListCampaignRecipients",
    "ListCampaignRuns",
    "PauseCampaign",
    "RerunCampaign",
    "ResumeCampaign",
    "ScheduleCampaign",
    "SendCampaign",
    "SendTestMessage",
    "SubmitCampaign",
    "GetInboundEvent",
    "ReplayInboundEvent",
    "RotateIntakeKey",
    "RevokeIntakeKey",
    "GetMessage",
    "ReconcileCampaign",
    "GetCampaignReport",
    "GetPrivacyRequest",
    "ResendConsentConfirmation",
}
# Consent asks campaign about the contact, and in this house it does not find it.
UNREACHED = {
    "CancelOptOut",
    "CreateErasure",
    "CreateExport",
    "ExplainSend",
    "GetContactConsent",
    "GetPreferences",
    "RevokeLinks",
}


def lines() -> list[str]:
    return [line for line in PAGE.read_text().splitlines() if line.startswith("grpcurl ")]


def words(line: str) -> tuple[str, str, dict[str, Any]]:
    """The service that a line asks, what it asks for, and its body."""
    parts = shlex.split(line)
    body = json.loads(parts[parts.index("-d") + 1]) if "-d" in parts else {}
    place = next(index for index, part in enumerate(parts) if re.fullmatch(r"127\.0\.0\.1:\d+", part))
    return PORTS[parts[place].rpartition(":")[2]], " ".join(parts[place + 1 :]), body


def _masked(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its mask as the JSON form spells it; grpcurl takes the message's own fields."""
    mask = body.get("update_mask")
    if mask is None:
        return body
    masked = field_mask_pb2.FieldMask(paths=mask["paths"])
    return {**body, "update_mask": masked.ToJsonString()}


def methods(served: Served) -> dict[str, MethodDescriptor]:
    return {
        f"{method.containing_service.full_name}/{method.name}": method
        for registration in served.service.registrations
        for method in registration.descriptor.methods
    }


@pytest.mark.req("W9")
async def test_every_line_names_a_method_that_exists_and_a_request_that_is_valid(
    house: dict[str, Served],
) -> None:
    assert len(lines()) >= 12
    for line in lines():
        service, asked, body = words(line)
        if asked == "list" or asked.startswith(("describe ", "grpc.health")):
            continue
        method = methods(house[service]).get(asked)
        assert method is not None, f"{service} has no {asked}"
        request = json_format.ParseDict(_masked(body), GetMessageClass(method.input_type)())
        protovalidate.validate(request)


@pytest.mark.req("W9")
@pytest.mark.skipif(
    shutil.which("grpcurl") is None, reason="grpcurl is not on PATH; the test above checks the lines"
)
async def test_every_line_answers_when_grpcurl_asks(house: dict[str, Served]) -> None:
    tenant = "7f3b2c1e-5a4d-4f6e-8b9a-0c1d2e3f4a5b"
    settings = house["campaign"].settings
    tokens = {
        "ADMIN": issue_person(settings, UUID(tenant), "root", ["platform_admin"], []),
        "TOKEN": issue_person(settings, UUID(tenant), "anna", ["super_owner"], []),
    }
    for line in lines():
        service, asked, _ = words(line)
        command = re.sub(r"127\.0\.0\.1:\d+", house[service].address, line)
        for name, token in tokens.items():
            command = command.replace(f"${name}", token)
        parts = shlex.split(command)
        if asked.endswith(STREAMS):
            parts[1:1] = ["-max-time", "1"]
        process = await asyncio.create_subprocess_exec(
            *parts, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        _, error = await process.communicate()
        expected = (
            "NotFound"
            if asked.rpartition("/")[2] in NOT_THERE
            else "Unavailable"
            if asked.rpartition("/")[2] in UNREACHED
            else "DeadlineExceeded"
            if asked.endswith(STREAMS)
            else ""
        )
        assert (expected in error.decode()) if expected else process.returncode == 0, (line, error.decode())
