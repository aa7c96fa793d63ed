"""What is absent is NOT_FOUND and a natural key that is taken ALREADY_EXISTS, with ids for programs (API-18)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.campaign.v1 import (
    automation_service_pb2,
    contact_service_pb2,
    coupon_service_pb2,
    segment_service_pb2,
    settings_service_pb2,
    template_service_pb2,
)
from angarium.campaign.v1.automation_service_pb2_grpc import AutomationServiceStub
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.coupon_service_pb2_grpc import CouponServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.campaign.v1.template_service_pb2_grpc import TemplateServiceStub
from services.common.errors import ServiceError
from tests.campaign.conftest import create_tenant
from tests.campaign.templates.given import active_template
from tests.house import Served


async def error_of(call: Any) -> ServiceError:
    with pytest.raises(ServiceError) as refused:
        await call
    return refused.value


@pytest.mark.req("API-18")
async def test_what_is_absent_is_named_by_kind_and_id(campaign: Served) -> None:
    await create_tenant(campaign)
    unknown = str(uuid4())
    calls = {
        "segment": campaign.person(SegmentServiceStub).GetSegment(
            segment_service_pb2.GetSegmentRequest(segment_id=unknown)
        ),
        "template": campaign.person(TemplateServiceStub).GetTemplate(
            template_service_pb2.GetTemplateRequest(template_id=unknown)
        ),
        "contact": campaign.person(ContactServiceStub).GetContact(
            contact_service_pb2.GetContactRequest(contact_id=unknown)
        ),
        "coupon": campaign.person(CouponServiceStub).GetCoupon(
            coupon_service_pb2.GetCouponRequest(coupon_id=unknown)
        ),
        "automation": campaign.person(AutomationServiceStub).GetAutomation(
            automation_service_pb2.GetAutomationRequest(automation_id=unknown)
        ),
    }
    for kind, call in calls.items():
        error = await error_of(call)
        assert (error.status, error.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
        assert (error.metadata["resource_type"], error.metadata["resource_id"]) == (kind, unknown)


@pytest.mark.req("API-18")
async def test_a_natural_key_that_is_taken_is_named(campaign: Served) -> None:
    await create_tenant(campaign)
    branch_id = str(uuid4())
    request = settings_service_pb2.CreateBranchRequest(
        branch=settings_service_pb2.BranchSettings(branch_id=branch_id, name="North")
    )
    settings = campaign.person(SettingsServiceStub)
    await settings.CreateBranch(request)
    branch = await error_of(settings.CreateBranch(request))
    await active_template(campaign, "spring")
    template = await error_of(active_template(campaign, "spring"))
    for error, key in ((branch, branch_id), (template, "spring")):
        assert (error.status, error.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")
        assert error.metadata["resource_type"]
        assert key in error.metadata["resource_id"]
