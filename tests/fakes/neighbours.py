"""The services delivery asks, as real servers that answer what a test tells them to."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from angarium.campaign.v1 import contact_pb2
from angarium.campaign.v1 import contact_service_pb2 as contact_pb
from angarium.campaign.v1 import contact_service_pb2_grpc as contact_grpc
from angarium.campaign.v1 import settings_service_pb2 as settings_pb
from angarium.campaign.v1 import settings_service_pb2_grpc as settings_grpc
from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.campaign.v1 import template_service_pb2_grpc as template_grpc
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as pb
from angarium.consent.v1 import compliance_service_pb2_grpc as pb_grpc
from angarium.consent.v1 import consent_service_pb2 as consent_pb
from angarium.consent.v1 import consent_service_pb2_grpc as consent_grpc
from angarium.consent.v1 import preference_service_pb2
from angarium.consent.v1 import preference_service_pb2 as preference_pb
from angarium.consent.v1 import preference_service_pb2_grpc as preference_grpc
from services.common.errors import not_found, unavailable
from services.common.rpc.context import tenant
from services.common.rpc.server import RunningServer, start_server
from services.common.service import Registration, Service
from services.common.settings import CommonSettings
from tests.common.given import ReadyDatabase

Answer = tuple[Any, Any, datetime | None]
ALLOW: Answer = (pb.OUTCOME_ALLOW, pb.DECISION_REASON_UNSPECIFIED, None)


def deny(reason: Any) -> Answer:
    return (pb.OUTCOME_DENY, reason, None)


def defer(reason: Any, until: datetime | None) -> Answer:
    return (pb.OUTCOME_DEFER, reason, until)


MOST_KEPT = 1000
CHECK_OF = {
    pb.DECISION_REASON_SUPPRESSED: pb.CHECK_SUPPRESSION,
    pb.DECISION_REASON_OPTED_OUT: pb.CHECK_OPT_OUT,
    pb.DECISION_REASON_DAILY_CAP_REACHED: pb.CHECK_MARKETING_CAPS,
    pb.DECISION_REASON_QUIET_HOURS: pb.CHECK_QUIET_HOURS,
    pb.DECISION_REASON_DIGEST: pb.CHECK_FREQUENCY,
}


def checks_of(decision: Any) -> list[Any]:
    """The checks that ran, as consent tells them: all of them, or up to the one that denied."""
    stopped = CHECK_OF.get(decision.reason, 0)
    last = stopped if decision.outcome == pb.OUTCOME_DENY and stopped else 15
    return [
        pb.CheckResult(
            check=number,
            outcome=decision.outcome if number == stopped else pb.OUTCOME_ALLOW,
            detail="what stopped it" if number == stopped else f"fact {number}",
        )
        for number in range(1, last + 1)
    ]


class FakeConsent(pb_grpc.ComplianceServiceServicer):
    """Allows everybody unless told otherwise; holds caps against the usage it is given, as consent does."""

    def __init__(self) -> None:
        self.rule: Callable[[Any, Any], Answer] = lambda context, item: ALLOW
        self.is_down = False
        self.daily_cap: int | None = None
        self.delay = 0.0
        self.requests: list[Any] = []
        self.asked: Counter[str] = Counter()
        self.kept: list[Any] = []
        """Decisions about messages that were to leave, newest first."""

    async def EvaluateSendBatch(self, request: Any, context: Any) -> Any:
        if self.is_down:
            raise unavailable("consent")
        if self.delay:
            await asyncio.sleep(self.delay)
        self.requests.append(request)
        purpose = "send" if request.context.purpose == pb.EVALUATION_PURPOSE_SEND else "preview"
        self.asked[purpose] += len(request.items)
        response = pb.EvaluateSendBatchResponse()
        for item in request.items:
            outcome, reason, until = self.rule(request.context, item)
            if (
                outcome == pb.OUTCOME_ALLOW
                and self.daily_cap is not None
                and purpose == "send"
                and item.usage.marketing_today >= self.daily_cap
            ):
                outcome, reason = pb.OUTCOME_DENY, pb.DECISION_REASON_DAILY_CAP_REACHED
            decision = response.decisions.add(outcome=outcome, reason=reason)
            if until is not None:
                decision.defer_time.FromDatetime(until)
            if reason == pb.DECISION_REASON_DIGEST:
                decision.digest_frequency = preference_service_pb2.FREQUENCY_DAILY
            if outcome == pb.OUTCOME_ALLOW and request.context.category == enums_pb2.CATEGORY_OFFER:
                decision.unsubscribe_token = f"token-{item.contact_id or 'address'}"
            if request.context.explain:
                decision.checks.extend(checks_of(decision))
            if purpose == "send":
                self._keep(item.message_id, decision)
        return response

    def _keep(self, message_id: str, decision: Any) -> None:
        kept = pb.StoredDecision(decision=decision, message_id=message_id)
        kept.decision.checks.extend(checks_of(decision))
        kept.create_time.GetCurrentTime()
        self.kept.insert(0, kept)
        del self.kept[MOST_KEPT:]

    async def ListDecisions(self, request: Any, context: Any) -> Any:
        if self.is_down:
            raise unavailable("consent")
        found = [one for one in self.kept if one.message_id == request.message_id]
        return pb.ListDecisionsResponse(decisions=found)


class FakeTexts(consent_grpc.ConsentServiceServicer):
    """Understands the words STOP, START and HELP, and remembers whom it stopped."""

    WORDS: ClassVar = {
        "STOP": (consent_pb.INBOUND_ACTION_STOPPED, "sms-stopped"),
        "START": (consent_pb.INBOUND_ACTION_STARTED, "sms-started"),
        "HELP": (consent_pb.INBOUND_ACTION_HELP, "sms-help"),
    }

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.stopped: set[str] = set()
        self.is_down = False

    async def HandleInboundText(self, request: Any, context: Any) -> Any:
        if self.is_down:
            raise unavailable("consent")
        self.asked.append(request)
        action, reply = self.WORDS.get(request.text.upper(), (consent_pb.INBOUND_ACTION_NONE, ""))
        if reply == "sms-stopped":
            self.stopped.add(request.from_address)
        return consent_pb.HandleInboundTextResponse(action=action, reply_key=reply, language_code="en")


class FakeTemplates(template_grpc.TemplateServiceServicer):
    """Knows the versions a test added."""

    def __init__(self) -> None:
        self.versions: dict[tuple[UUID, str], Any] = {}
        self.asked = 0
        self.is_down = False
        self.time_zone = "UTC"
        self.sms_fallback_enabled = True
        self.amp_enabled = False

    def add(
        self,
        tenant_id: UUID,
        *,
        name: str = "hello",
        category: Any = enums_pb2.CATEGORY_ORDER,
        channel: Any = enums_pb2.CHANNEL_EMAIL,
        subject: str = "Hello {{ name }}",
        text: str = "Dear {{ name }}, welcome.",
        html: str = "",
        required: bool = True,
        variables: Mapping[str, Any] | None = None,
    ) -> UUID:
        version_id = uuid4()
        response = template_pb.ResolveTemplateResponse()
        response.template.template_id = str(uuid4())
        response.template.name = name
        response.template.channel = channel
        response.template.category = category
        response.version.template_version_id = str(version_id)
        response.version.version = 1
        response.version.fallback_language_code = "en"
        for variable, kind in (variables or {"name": template_pb.VARIABLE_TYPE_STRING}).items():
            response.version.variables.add(name=variable, type=kind, is_required=required)
        response.version.contents.add(language_code="en", subject=subject, body_text=text, body_html=html)
        response.sender.tenant_name = "Salon"
        response.sender.email_from_address = "news@salon.example"
        response.sender.email_from_name = "Salon"
        response.sender.postal_address = "1 Main Street"
        response.sender.default_time_zone = self.time_zone
        response.sender.default_language_code = "en"
        response.sender.sms_fallback_enabled = self.sms_fallback_enabled
        response.sender.amp_enabled = self.amp_enabled
        self.versions[tenant_id, str(version_id)] = response
        return version_id

    async def ResolveTemplate(self, request: Any, context: Any) -> Any:
        if self.is_down:
            raise unavailable("campaign")
        self.asked += 1
        if request.template_id:
            for (owner, _), one in self.versions.items():
                if (owner, one.template.template_id) == (tenant(), request.template_id):
                    return one
            raise not_found("template", request.template_id)
        if request.name:
            named = [
                one
                for (owner, _), one in self.versions.items()
                if (owner, one.template.name, one.template.channel)
                == (tenant(), request.name, request.channel)
            ]
            if not named:
                raise not_found("template", request.name)
            return named[-1]
        found = self.versions.get((tenant(), request.template_version_id))
        if found is None:
            raise not_found("template_version", request.template_version_id)
        return found


class FakePeople(contact_grpc.ContactServiceServicer, preference_grpc.PreferenceServiceServicer):
    """Knows the contacts and staff a test added, and what channels they prefer."""

    def __init__(self) -> None:
        self.contacts: dict[str, Any] = {}
        self.staff: dict[str, Any] = {}
        self.preferred: dict[str, int] = {}
        self.asked: list[Any] = []
        self.is_down = False

    def add(self, *, prefers: int = enums_pb2.CHANNEL_WHATSAPP, **fields: Any) -> str:
        contact_id = str(uuid4())
        known = {"name": "Anna Ott", "email": "anna@example.com", "phone": "+491711234567", **fields}
        self.contacts[contact_id] = contact_pb.ReachableContact(contact_id=contact_id, **known)
        self.preferred[contact_id] = prefers
        return contact_id

    def add_staff(self, staff_id: str, **fields: Any) -> str:
        self.staff[staff_id] = contact_pb2.StaffMember(staff_id=staff_id, name="Ada", **fields)
        return staff_id

    async def ResolveRecipients(self, request: Any, context: Any) -> Any:
        if self.is_down:
            raise unavailable("campaign")
        self.asked.append(request)
        return contact_pb.ResolveRecipientsResponse(
            contacts=[self.contacts[one] for one in request.contact_ids if one in self.contacts],
            staff_members=[self.staff[one] for one in request.staff_ids if one in self.staff],
        )

    async def ResolvePreferredChannels(self, request: Any, context: Any) -> Any:
        channels = [self.preferred.get(one, enums_pb2.CHANNEL_WHATSAPP) for one in request.contact_ids]
        return preference_pb.ResolvePreferredChannelsResponse(channels=channels)


class Neighbours:
    """All of them on one port."""

    def __init__(
        self,
        server: RunningServer,
        consent: FakeConsent,
        templates: FakeTemplates,
        texts: FakeTexts,
        people: FakePeople,
        tenants: FakeSettings,
    ) -> None:
        self.people = people
        self.tenants = tenants
        self.server = server
        self.consent = consent
        self.templates = templates
        self.texts = texts

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"


class FakeSettings(settings_grpc.SettingsServiceServicer):
    """Every tenant is the same one, with the branding a test gives it."""

    def __init__(self) -> None:
        self.tenant = settings_pb.Tenant(name="The Salon", default_language_code="en")
        self.settings = settings_pb.MarketingSettings()

    async def GetTenant(self, request: Any, context: Any) -> Any:
        return settings_pb.GetTenantResponse(tenant=self.tenant)

    async def GetMarketingSettings(self, request: Any, context: Any) -> Any:
        return settings_pb.GetMarketingSettingsResponse(settings=self.settings)


async def start_neighbours(settings: CommonSettings) -> Neighbours:
    """Starts consent's and campaign's servers, with the tokens and surroundings real ones have."""
    consent, templates, texts, people = FakeConsent(), FakeTemplates(), FakeTexts(), FakePeople()
    tenants = FakeSettings()
    database: Any = ReadyDatabase()
    service = Service(
        "consent",
        database,
        [
            Registration(
                pb.DESCRIPTOR.services_by_name["ComplianceService"],
                pb_grpc.add_ComplianceServiceServicer_to_server,
                consent,
            ),
            Registration(
                consent_pb.DESCRIPTOR.services_by_name["ConsentService"],
                consent_grpc.add_ConsentServiceServicer_to_server,
                texts,
            ),
            Registration(
                template_pb.DESCRIPTOR.services_by_name["TemplateService"],
                template_grpc.add_TemplateServiceServicer_to_server,
                templates,
            ),
            Registration(
                contact_pb.DESCRIPTOR.services_by_name["ContactService"],
                contact_grpc.add_ContactServiceServicer_to_server,
                people,
            ),
            Registration(
                preference_pb.DESCRIPTOR.services_by_name["PreferenceService"],
                preference_grpc.add_PreferenceServiceServicer_to_server,
                people,
            ),
            Registration(
                settings_pb.DESCRIPTOR.services_by_name["SettingsService"],
                settings_grpc.add_SettingsServiceServicer_to_server,
                tenants,
            ),
        ],
    )
    return Neighbours(await start_server(service, settings), consent, templates, texts, people, tenants)


__all__ = ["ALLOW", "FakeConsent", "FakeTemplates", "Neighbours", "defer", "deny", "start_neighbours"]
