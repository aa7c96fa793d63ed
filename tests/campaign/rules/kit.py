"""Rules as neighbours meet them: an event is told, and the notices that follow are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson

from angarium.campaign.v1 import contact_pb2
from angarium.campaign.v1 import contact_service_pb2 as staff_pb
from angarium.campaign.v1 import event_intake_service_pb2 as intake_pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign.contacts.projections import ContactStep
from services.campaign.intake.sealing import Vault
from services.campaign.intake.worker import IntakeWorker
from services.campaign.notices import store, wiring
from services.campaign.orders.projections import OrderStep
from services.campaign.rules.wiring import step, ticket_step
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.ids import uuid7
from services.common.security.envelope import Envelope
from tests.campaign.intake.kit import envelope
from tests.house import Served

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CS_TEAM = "cs@angarium.example"


@dataclass(frozen=True)
class Told:
    """A notice as a test reads it."""

    who: str
    """Neighbour's id of a contact, id of a staff member, or an address."""
    category: str
    priority: str
    mode: str
    channels: tuple[str, ...]
    template: str
    due: datetime
    expires: datetime
    rule: str
    state: str
    reason: str
    correlation: str
    countdown: datetime | None
    time_zone: str
    variables: dict[str, Any] = field(compare=False, hash=False, default_factory=dict)


@dataclass
class Desk:
    """A tenant whose neighbours tell of events; its clock stands until a test moves it."""

    served: Served
    clock: FixedClock

    @property
    def settings(self) -> CampaignSettings:
        assert isinstance(self.served.settings, CampaignSettings)
        return self.served.settings

    async def tell(self, kind: str, data: dict[str, Any], **changes: Any) -> UUID:
        """Tells an event that happened now, and has it handled."""
        event_id = await self.announce(kind, data, **changes)
        await self.handle()
        return event_id

    async def announce(self, kind: str, data: dict[str, Any], **changes: Any) -> UUID:
        """Tells an event without having it handled."""
        told = envelope(
            self.served.tenant_id,
            kind,
            **{
                # Of two events of one instant the one with the later id is the later one.
                "event_id": str(uuid7()),
                "occurred_at": self.clock.now().isoformat(),
                "aggregate_id": uuid4().hex,
                "data": data,
                **changes,
            },
        )
        stub = self.served.person(EventIntakeServiceStub, "service", subject="orders")
        answer = await stub.IngestEvents(intake_pb.IngestEventsRequest(events_json=orjson.dumps(told)))
        assert answer.accepted_count + answer.duplicate_count == 1, answer
        return UUID(told["event_id"])

    async def handle(self) -> None:
        vault = Vault(Envelope(self.settings.encryption_keys), self.settings.hash_keys)
        steps = (
            ContactStep(self.settings.hash_keys),
            OrderStep(self.settings.hash_keys),
            step(self.settings),
            ticket_step(self.settings),
        )
        await IntakeWorker(self.served.service.database, vault, steps).run_until_idle()

    async def state(self, event_id: UUID) -> int:
        stub = self.served.person(EventIntakeServiceStub)
        found = await stub.GetInboundEvent(intake_pb.GetInboundEventRequest(event_id=str(event_id)))
        return int(found.inbound_event.state)

    async def notices(self, *events: UUID, rule: str = "") -> list[Told]:
        """Returns notices of events, or all; by rule and reader."""
        notices = wiring.of(self.settings)
        columns = ", ".join(f"n.{name}" for name in store.Due.__slots__)
        async with self.served.service.database.tenant(self.served.tenant_id) as uow:
            rows = await uow.fetch_all(
                f"SELECT n.state, n.reason, c.external_id, {columns} FROM notice AS n"
                " LEFT JOIN contact AS c ON c.tenant_id = n.tenant_id AND c.contact_id = n.contact_id"
                " WHERE n.tenant_id = %s ORDER BY n.notice_id",
                (self.served.tenant_id,),
            )
            dues = [store.Due(*row[3:]) for row in rows]
            wanted = [
                place
                for place, due in enumerate(dues)
                if (not events or due.event_id in events) and rule in ("", due.rule)
            ]
            waiting = [place for place in wanted if dues[place].sealed is not None]
            opened = dict(
                zip(waiting, await notices.opened(uow, [dues[one] for one in waiting]), strict=True)
            )
        found = [_told(rows[one], dues[one], opened.get(one) or {}) for one in wanted]
        return sorted(found, key=lambda one: (one.rule, one.who, one.due))

    async def staff(self, staff_id: str, *roles: str, **changes: Any) -> None:
        member = contact_pb2.StaffMember(
            staff_id=staff_id,
            name=changes.pop("name", "Ada Voss"),
            roles=roles,
            email=changes.pop("email", f"{staff_id}@example.com"),
            is_email_verified=changes.pop("is_email_verified", True),
            **changes,
        )
        stub = self.served.person(ContactServiceStub)
        await stub.UpsertStaffMember(staff_pb.UpsertStaffMemberRequest(staff_member=member))


def person(user_id: str, **changes: Any) -> dict[str, Any]:
    """A person as a neighbour names them."""
    return {"user_id": user_id, "email": f"{user_id}@example.com", "name": f"Kim {user_id}", **changes}


def at(span: timedelta = timedelta(0)) -> str:
    """An instant after noon, as data holds it."""
    return (NOON + span).isoformat()


def _told(row: Sequence[Any], due: store.Due, opened: dict[str, Any]) -> Told:
    state, reason, external_id = row[:3]
    return Told(
        who=external_id or due.staff_id or opened.get("email", ""),
        category=_word(enums_pb2.Category, due.category),
        priority=_word(enums_pb2.Priority, due.priority),
        mode={1: "all", 2: "first"}[due.mode],
        channels=tuple(_word(enums_pb2.Channel, one) for one in due.channels),
        template=due.template,
        due=due.due_at,
        expires=due.expires_at,
        rule=due.rule,
        state=state,
        reason=reason or "",
        correlation=due.correlation_key,
        countdown=due.countdown_to,
        time_zone=due.time_zone,
        variables=opened.get("variables", {}),
    )


def _word(enum: Any, number: int) -> str:
    name: str = enum.Name(number)
    return name.split("_", 1)[1].lower()
