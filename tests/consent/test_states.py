"""The states of a consent against a table: any sequence of acts ends where the table says (section 4 of the rules)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common.errors import ServiceError
from tests.consent.confirming import confirm, end_what_is_over, resend, token_of
from tests.consent.kit import SMS, RunningConsent, Tenant, evidence, grant_request, stamp
from tests.consent.test_consents import STAFF, WEB_FORM, opt_out, revocation
from tests.consent.test_inbound import text

TABLE = {
    "grant": {"none": "granted", "revoked": "granted", "expired": "granted", "granted": "granted"},
    "ask": {"none": "pending", "revoked": "pending", "expired": "pending", "granted": "granted"},
    "confirm": {"pending": "granted"},
    "start": dict.fromkeys(("none", "pending", "granted", "revoked", "expired"), "granted"),
    "revoke": dict.fromkeys(("none", "pending", "granted", "revoked", "expired"), "revoked"),
}
"""What each act makes of each state; what is not named stays as it is."""


@dataclass
class Model:
    """One consent as the table and the clock have it."""

    state: str = "none"
    ends: datetime | None = None
    confirm_by: datetime | None = None
    asked_at: datetime | None = None
    count: int = 0
    withdrew: bool = False
    """True when the person withdrew and nothing was granted since."""
    told: list[tuple[str | None, str]] = field(default_factory=list)

    def at(self, now: datetime) -> str:
        over = self.ends is not None and self.ends <= now
        late = self.state == "pending" and self.confirm_by is not None and self.confirm_by <= now
        return "expired" if self.state in ("granted", "pending") and (over or late) else self.state

    def record(self, state: str) -> None:
        """Writes the trail: what was on record before may have ended unrecorded since."""
        self.told.append((self.told[-1][1] if self.told else None, state))
        self.state = state

    def grant(self, now: datetime, *, ask: bool, by_person: bool, proof: bool, ends: datetime | None) -> bool:
        """Whether the grant is taken."""
        if self.withdrew and not by_person and not proof:
            return False
        state = self.at(now)
        if state == "pending":
            assert self.asked_at is not None
            if self.count < 3 and now >= self.asked_at + timedelta(minutes=10):
                self.ask(now, self.count + 1)
        else:
            self.ends = ends
            if TABLE["ask" if ask else "grant"][state] == "pending":
                self.ask(now, 1)
            else:
                self.record("granted")
                self.withdrew = False
        return True

    def ask(self, now: datetime, count: int) -> None:
        self.asked_at, self.confirm_by, self.count = now, now + timedelta(hours=72), count
        self.record("pending")

    def become(self, act: str, now: datetime) -> None:
        state = TABLE[act].get(self.at(now))
        if state is not None:
            self.record(state)
            self.withdrew = False if state == "granted" else self.withdrew


ACTS = st.one_of(
    st.tuples(
        st.just("grant"),
        st.fixed_dictionaries(
            {
                "ask": st.booleans(),
                "by_person": st.booleans(),
                "proof": st.booleans(),
                "hours": st.sampled_from([None, None, 1, 100]),
            }
        ),
    ),
    st.tuples(st.sampled_from(["confirm", "confirm old", "start", "stop", "job"]), st.none()),
    st.tuples(st.just("again"), st.sampled_from([0, 10])),
    st.tuples(st.sampled_from(["revoke", "opt out"]), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 10, 60, 24 * 60, 72 * 60])),
)


class History:
    """One contact's consent, and the model beside it."""

    def __init__(self, tenant: Tenant, contact: UUID) -> None:
        self.tenant = tenant
        self.contact = contact
        self.model = Model()
        self.tokens: list[tuple[int, datetime, str]] = []
        self.consent_id = ""

    @property
    def now(self) -> datetime:
        return self.tenant.consent.clock.now()

    async def do(self, act: str, how: Any) -> None:
        if act == "grant":
            await self.grant(**how)
        elif act == "wait":
            self.tenant.consent.clock.advance(timedelta(minutes=how))
        elif act == "job":
            await end_what_is_over(self.tenant.consent)
            if self.model.at(self.now) != self.model.state:
                self.model.record("expired")
        elif act == "again":
            self.tenant.consent.clock.advance(timedelta(minutes=how))
            await self.again()
        elif act.startswith("confirm"):
            await self.follow(newest=act == "confirm")
        elif act == "start":
            await text(self.tenant, self.tenant.phone(self.contact), "START")
            self.model.ends = self.model.ends if self.model.at(self.now) == "pending" else None
            self.model.become("start", self.now)
        else:
            await self.withdraw(act, own=bool(how))

    async def grant(self, *, ask: bool, by_person: bool, proof: bool, hours: int | None) -> None:
        ends = self.now + timedelta(hours=hours) if hours else None
        request = grant_request(
            self.contact,
            SMS,
            source=WEB_FORM if by_person else STAFF,
            # Never an equal grant: what a repeat does is told elsewhere.
            evidence=evidence(form=uuid4().hex) if proof else None,
            double_opt_in=ask,
            expire_time=stamp(ends) if ends else None,
            wording_version=uuid4().hex,
        )
        caller = self.tenant.service("campaign") if by_person else self.tenant.staff()
        taken = self.model.grant(self.now, ask=ask, by_person=by_person, proof=proof, ends=ends)
        if not taken:
            with pytest.raises(ServiceError) as refused:
                await caller.grant(request)
            assert refused.value.reason == "EVIDENCE_REQUIRED"
            return
        self.consent_id = (await caller.grant(request)).consent.consent_id
        await self.keep_token()

    async def again(self) -> None:
        if not self.consent_id:
            return
        model = self.model
        waits = model.at(self.now) == "pending"
        soon = model.asked_at is not None and self.now < model.asked_at + timedelta(minutes=10)
        if waits and not soon and model.count < 3:
            model.ask(self.now, model.count + 1)
            await resend(self.tenant.staff(), self.consent_id)
            await self.keep_token()
            return
        with pytest.raises(ServiceError) as refused:
            await resend(self.tenant.staff(), self.consent_id)
        assert refused.value.reason == ("RATE_LIMITED" if waits else "VALIDATION_FAILED")

    async def keep_token(self) -> None:
        if self.model.at(self.now) == "pending":
            assert self.model.asked_at is not None
            token = await token_of(self.tenant, self.consent_id)
            self.tokens.append((self.model.count, self.model.asked_at, token))

    async def follow(self, *, newest: bool) -> None:
        if not self.tokens:
            return
        count, asked_at, token = self.tokens[-1 if newest else 0]
        if self.now >= asked_at + timedelta(hours=72):
            with pytest.raises(ServiceError) as over:
                await confirm(self.tenant, token)
            assert over.value.reason == "TOKEN_EXPIRED"
            return
        answer = await confirm(self.tenant, token)
        is_newest = (count, asked_at) == (self.model.count, self.model.asked_at)
        if is_newest and self.model.at(self.now) == "pending":
            self.model.become("confirm", self.now)
        else:
            assert answer.already_confirmed == (self.model.at(self.now) == "granted")

    async def withdraw(self, act: str, *, own: bool) -> None:
        model = self.model
        caller = self.tenant.service("campaign") if own else self.tenant.staff()
        if act == "revoke":
            source = WEB_FORM if own else STAFF
            await caller.call(
                caller.consents.RevokeConsent, revocation(self.contact, SMS, message_class=2, source=source)
            )
        elif act == "opt out":
            wish = consent_pb2.OPT_OUT_SOURCE_CUSTOMER_REQUEST if own else consent_pb2.OPT_OUT_SOURCE_MANUAL
            await caller.call(caller.consents.OptOut, opt_out(self.contact, channel=SMS, source=wish))
        else:
            own = True
            await text(self.tenant, self.tenant.phone(self.contact), "STOP")
        if model.state != "revoked" or (own and not model.withdrew):
            model.become("revoke", self.now)
            model.withdrew = own

    async def check(self) -> None:
        """Holds the service against the model: the state now, and the trail that led to it."""
        caller = self.tenant.staff()
        request = pb.CheckConsentRequest(
            subject=consent_pb2.Subject(contact_id=str(self.contact)), channel=SMS, message_class=2
        )
        found = await caller.call(caller.consents.CheckConsent, request)
        shown = consent_pb2.Consent.State.Name(found.consent.state).removeprefix("STATE_").lower()
        state = self.model.at(self.now)
        assert ("none" if shown == "unspecified" else shown) == state
        assert found.has_consent == (state == "granted")
        rows = await self.tenant.consent.rows(
            "SELECT old_value, new_value FROM consent_audit"
            " WHERE contact_id = %s AND field_changed = 'sms_consent' ORDER BY sequence",
            self.contact,
        )
        assert rows == self.model.told


@pytest.mark.req("CON-1", "CON-55", "CON-57", "CON-58", "CON-16", "CON-115", "REL-15")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # Sequences are short, and each step is a call: a failure is told at once instead of being made smaller.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.lists(ACTS, max_size=14))
async def test_any_sequence_of_acts_ends_where_the_table_says_and_the_trail_tells_each_step(
    consent: RunningConsent, acts: list[tuple[str, Any]]
) -> None:
    tenant = await consent.tenant()
    history = History(tenant, await tenant.contact())
    for act, how in acts:
        await history.do(act, how)
        await history.check()
