"""Use cases of follow-ups."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from google.protobuf.message import Message

from angarium.campaign.v1 import followup_service_pb2 as pb
from services.campaign.branches import store as branches
from services.campaign.contacts import handlers as contacts
from services.campaign.contacts.domain import Contact
from services.campaign.followups import access, convert, store
from services.campaign.followups.domain import (
    USUAL_TIME,
    Followup,
    FollowupState,
    at_another_time,
    moved,
)
from services.campaign.followups.store import Filter
from services.campaign.notices.notices import Notices
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, invalid, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.masks import apply_mask
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import current_caller, tenant
from services.common.zones import at, local_day

_SERVICE: Final = "FollowupService"
_USUAL_DAYS: Final = 30


class Followups:
    """What staff wants to be reminded of."""

    def __init__(self, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices

    async def page(self, request: pb.ListFollowupsRequest) -> pb.ListFollowupsResponse:
        """Returns a page of somebody's follow-ups, the earliest first."""
        size = page_size(request.page_size)
        caller = current_caller()
        wanted = Filter(
            access.whose(request.staff_id),
            request.state,
            convert.day("from_date", request.from_date) if request.from_date else None,
            convert.day("to_date", request.to_date) if request.to_date else None,
            UUID(request.contact_id) if request.contact_id else None,
        )
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                wanted,
                caller=caller.subject,
                branch_ids=caller.own_branches(),
                after=_position(request, request.page_token),
                limit=size + 1,
            )
        answer = pb.ListFollowupsResponse(followups=map(convert.followup_to_proto, rows[:size]))
        if len(rows) > size:
            answer.next_page_token = _token(request, rows[size - 1].due_at, rows[size - 1].followup_id)
        return answer

    async def create(self, request: pb.CreateFollowupRequest) -> pb.CreateFollowupResponse:
        """Makes a follow-up about a contact that its staff member may see (LIF-85)."""
        given = request.followup
        staff_id = access.whose(given.staff_id)
        day = convert.day("followup.reminder_date", given.reminder_date)
        moment = convert.moment("followup.reminder_time_of_day", given.reminder_time_of_day)

        async def effect(uow: UnitOfWork) -> pb.CreateFollowupResponse:
            await tenants.refuse_closed(uow)
            member = await access.member(uow, staff_id)
            contact = await contacts.get(uow, UUID(given.contact_id), None)
            if member.branch_ids and contact.branch_id not in member.branch_ids:
                raise not_found("contact", given.contact_id)
            assert contact.contact_id is not None  # noqa: S101 - a stored contact has its id
            made = Followup(
                followup_id=uuid7(),
                staff_id=staff_id,
                contact_id=contact.contact_id,
                reminder_date=day,
                reminder_time=moment,
                due_at=await _due_at(uow, contact, day, moment),
                note=given.note,
                created_by=current_caller().subject,
                created_at=uow.now(),
            )
            await store.insert(uow, made)
            await _record(uow, "followup.create", made)
            return pb.CreateFollowupResponse(followup=convert.followup_to_proto(made))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.CreateFollowup", request, pb.CreateFollowupResponse, effect)

    async def update(self, request: pb.UpdateFollowupRequest) -> pb.UpdateFollowupResponse:
        """Changes what the mask names; what is done or put off is not told of any more."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)

        async def effect(uow: UnitOfWork) -> pb.UpdateFollowupResponse:
            known = await _visible(uow, request.followup.followup_id)
            if request.followup.etag != str(known.version):
                raise aborted("the follow-up was changed meanwhile: read it again")
            after = await _changed(uow, known, request.followup, paths)
            if after != known:
                after = replace(after, version=known.version + 1)
                await store.save(uow, after)
                if after.state is not FollowupState.PENDING or after.due_at != known.due_at:
                    await self._notices.cancel(uow, known.correlation_key, "changed")
                await _record(uow, "followup.update", after)
            return pb.UpdateFollowupResponse(followup=convert.followup_to_proto(after))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.UpdateFollowup", request, pb.UpdateFollowupResponse, effect)

    async def delete(self, request: pb.DeleteFollowupRequest) -> pb.DeleteFollowupResponse:
        """Removes a follow-up, and its reminder as far as that is not there yet."""

        async def effect(uow: UnitOfWork) -> pb.DeleteFollowupResponse:
            known = await _visible(uow, request.followup_id)
            await store.delete(uow, known.followup_id)
            await self._notices.cancel(uow, known.correlation_key, "deleted")
            await _record(uow, "followup.delete", known)
            return pb.DeleteFollowupResponse(followup=convert.followup_to_proto(known))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(uow, f"{_SERVICE}.DeleteFollowup", request, pb.DeleteFollowupResponse, effect)

    async def absent(self, request: pb.ListInactiveContactsRequest) -> pb.ListInactiveContactsResponse:
        """Returns a page of contacts that did not visit for some time, the longest first (LIF-41)."""
        size = page_size(request.page_size)
        staff_id = access.whose(request.staff_id)
        async with self._database.tenant(tenant()) as uow:
            now = uow.now()
            rows = await store.absent(
                uow,
                staff_id,
                now - timedelta(days=request.days or _USUAL_DAYS),
                branch_ids=current_caller().own_branches(),
                after=_position(request, request.page_token),
                limit=size + 1,
            )
        answer = pb.ListInactiveContactsResponse(
            contacts=[convert.absent_to_proto(one, now) for one in rows[:size]]
        )
        if len(rows) > size:
            answer.next_page_token = _token(request, rows[size - 1].last_visit_at, rows[size - 1].contact_id)
        return answer


async def _visible(uow: UnitOfWork, followup_id: str) -> Followup:
    """Returns a follow-up the caller looks after, locked; NOT_FOUND for any other (SEC-6)."""
    caller = current_caller()
    found = await store.by_id(uow, UUID(followup_id), caller.subject, caller.own_branches(), lock=True)
    if found is None or (found.staff_id != caller.subject and not access.may_manage()):
        raise not_found("follow-up", followup_id)
    return found


async def _changed(uow: UnitOfWork, known: Followup, given: pb.Followup, paths: list[str]) -> Followup:
    after = known
    if "note" in paths:
        after = replace(after, note=given.note)
    if "state" in paths:
        if not given.state:
            raise invalid("followup.state", "is needed")
        after = moved(after, FollowupState(given.state), uow.now())
    if {"reminder_date", "reminder_time_of_day"} & set(paths):
        day, moment = known.reminder_date, known.reminder_time
        if "reminder_date" in paths:
            day = convert.day("followup.reminder_date", given.reminder_date)
        if "reminder_time_of_day" in paths:
            moment = convert.moment("followup.reminder_time_of_day", given.reminder_time_of_day)
        contact = await contacts.get(uow, known.contact_id, None)
        is_new_day = day != known.reminder_date
        due_at = await _due_at(uow, contact, day, moment, may_be_past=not is_new_day)
        after = at_another_time(after, day, moment, due_at)
    return after


async def _due_at(
    uow: UnitOfWork, contact: Contact, day: date, moment: str | None, *, may_be_past: bool = False
) -> datetime:
    """Returns the instant of a day and time in the zone of the contact's branch; invalid for a day in the past."""
    zone = await _zone(uow, contact)
    if day < local_day(uow.now(), zone) and not may_be_past:
        raise invalid("followup.reminder_date", "lies in the past")
    return at(day, time.fromisoformat(moment) if moment else USUAL_TIME, zone)


async def _zone(uow: UnitOfWork, contact: Contact) -> ZoneInfo:
    branch = await branches.by_id(uow, contact.branch_id) if contact.branch_id else None
    if branch is not None and branch.time_zone:
        return ZoneInfo(branch.time_zone)
    return ZoneInfo((await tenants.tenant(uow, tenant())).default_time_zone)


def _position(request: Message, page_token: str) -> tuple[datetime, UUID] | None:
    key = PageToken.decode(page_token, parameters_hash(request), length=2)
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except ValueError:
        raise bad_token() from None


def _token(request: Message, at: datetime, last: UUID) -> str:
    return PageToken.encode([at.isoformat(), last], parameters_hash(request))


async def _record(uow: UnitOfWork, action: str, after: Followup) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="staff_followup",
        resource_id=after.followup_id,
        before=None,
        after={
            "staff_id": after.staff_id,
            "state": after.state.name.lower(),
            "due_at": after.due_at.isoformat(),
        },
    )
