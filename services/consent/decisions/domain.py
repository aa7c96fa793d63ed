"""The compliance decision: fifteen ordered checks over what is known of one person (CON-69 to CON-88).

`decide` is a pure function of stored facts, the question and the instant. Each check is one function that says
allow, deny or defer, and why. The first denial ends the decision; deferrals are collected, and the checks that
depend on the clock run again for the latest of them until it stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.consent.decisions.categories import CONSENT_CHANNELS, UNSWITCHABLE, is_on
from services.consent.decisions.facts import (
    CheckResult,
    Decision,
    Facts,
    Finding,
    Outcome,
    Question,
    Usage,
)
from services.consent.decisions.windows import (
    closed_until,
    is_zone,
    next_digest,
    next_local_day,
    opens_at,
    zone_of,
)

LOOK_AHEAD = timedelta(days=14)
"""How far a deferral may lie ahead before it becomes a denial."""

SUSPENSION_RECHECK = timedelta(hours=1)
"""When to ask again about a suspended tenant; nobody knows when it goes on."""

ALLOW = Finding("allow")
NOT_ASKED = Finding("allow", "does not apply")


@dataclass(frozen=True, slots=True)
class Case:
    """One person, one question, and the instant the checks run for: the one asked about or a later one."""

    facts: Facts
    question: Question
    usage: Usage | None
    zone: ZoneInfo
    instant: datetime

    @property
    def is_same_day(self) -> bool:
        """Returns whether the counts of today still are today's."""
        return self.instant.astimezone(self.zone).date() == self.question.at.astimezone(self.zone).date()


Check = Callable[[Case], Finding]


def check_address(case: Case) -> Finding:
    """1: an address is there and valid for the channel (CON-70)."""
    return (
        ALLOW
        if case.facts.has_address
        else _deny("no_address", f"no valid address for {case.question.channel}")
    )


def check_erasure(case: Case) -> Finding:
    """2: the contact was not erased (CON-71)."""
    return _deny("contact_erased", "the contact was erased") if case.facts.contact == "erased" else ALLOW


def check_suppression(case: Case) -> Finding:
    """3: the address is not suppressed; this outranks everything that follows (CON-67, CON-72)."""
    if case.facts.contact == "blocked":
        return _deny("suppressed", "the contact is blocked")
    if case.facts.suppressed_all is not None:
        return _deny("suppressed", f"scope all: {case.facts.suppressed_all}")
    if case.question.marketing and case.facts.suppressed_marketing is not None:
        return _deny("suppressed", f"scope marketing: {case.facts.suppressed_marketing}")
    return ALLOW


def check_switches(case: Case) -> Finding:
    """4: channel and marketing are on, and the tenant works (CON-73)."""
    policy = case.question.policy
    if case.question.channel not in case.question.deployment.channels:
        return _deny("channel_disabled", "the channel is off in the deployment")
    if case.question.channel in policy.blocked_channels:
        return _deny("channel_disabled", "the tenant blocks the channel")
    if policy.tenant_state == "closed":
        return _deny("channel_disabled", "the tenant is closed")
    if case.question.marketing:
        if not policy.marketing_enabled:
            return _deny("marketing_disabled", "marketing is off for the tenant")
        if not case.question.branch_marketing:
            return _deny("marketing_disabled", "marketing is off for the branch")
        if case.question.channel not in policy.enabled_channels:
            return _deny("marketing_disabled", "marketing is off for the channel")
    if policy.tenant_state == "suspended":
        return _defer("tenant_suspended", case.instant + SUSPENSION_RECHECK, "the tenant is suspended")
    return ALLOW


def check_opt_out(case: Case) -> Finding:
    """5: the contact did not opt out of marketing (CON-74)."""
    if not case.question.marketing:
        return NOT_ASKED
    return _deny("opted_out", "the contact opted out of marketing") if case.facts.opted_out else ALLOW


def check_dnd(case: Case) -> Finding:
    """6: neither the contact nor the number is on a do-not-disturb list (CON-75, CON-88)."""
    if not case.question.marketing or case.question.channel not in case.question.policy.dnd_channels:
        return NOT_ASKED
    if case.facts.is_dnd:
        return _deny("dnd_registered", "asserted for the contact")
    if case.facts.dnd_listed:
        return _deny("dnd_registered", "the number is in a registry")
    if case.facts.dnd_stale:
        return _deny("dnd_stale", "the newest list of the number's country is too old")
    return ALLOW


def check_consent(case: Case) -> Finding:
    """7: marketing needs a consent that holds; other messages may not have been revoked (CON-55, CON-76)."""
    if case.question.channel not in CONSENT_CHANNELS:
        return NOT_ASKED
    column = case.question.category.column
    if column == "transactional":
        if case.facts.consent == "revoked":
            return _deny("consent_revoked", "transactional messages were revoked on the channel")
        return ALLOW
    if column != "marketing":
        return NOT_ASKED
    if case.facts.consent is None:
        return _deny(
            "no_consent", "contact unknown" if case.facts.contact == "unknown" else "no consent was given"
        )
    return (
        ALLOW
        if case.facts.consent == "granted"
        else _deny(f"consent_{case.facts.consent}", f"consent {case.facts.consent}")
    )


def check_preferences(case: Case) -> Finding:
    """8: the contact's channel switch, critical-only texts and category grid (CON-77).

    A critical category obeys the channel switch alone; account_security and privacy obey nothing.
    """
    category = case.question.category
    if category.name in UNSWITCHABLE and (category.name == "account_security" or not category.critical):
        return NOT_ASKED
    if not case.facts.channel_on:
        return _deny("channel_off", "the contact switched the channel off")
    if category.critical:
        return ALLOW
    if case.question.channel == "sms" and case.facts.sms_critical_only:
        return _deny("sms_critical_only", "the contact takes critical texts only")
    if case.facts.contact is None:
        return ALLOW
    if is_on(category, case.question.channel, case.facts.category_on):
        return ALLOW
    return _deny("category_off", f"{category.group} is off on the channel")


def check_marketing_caps(case: Case) -> Finding:
    """9: the tenant's marketing caps per contact, over all channels (CON-78)."""
    if not case.question.marketing:
        return NOT_ASKED
    if case.usage is None:
        return Finding("allow", "no counts were given")
    today = case.usage.marketing_today if case.is_same_day else 0
    if today >= case.question.policy.daily_limit:
        return _deny("daily_cap_reached", f"{today} of {case.question.policy.daily_limit} today")
    if case.usage.marketing_week >= case.question.policy.weekly_limit:
        return _deny(
            "weekly_cap_reached",
            f"{case.usage.marketing_week} of {case.question.policy.weekly_limit} in 7 days",
        )
    return ALLOW


def check_contact_caps(case: Case) -> Finding:
    """10: the contact's own cap a day; marketing is denied, the rest waits for the next day (CON-79)."""
    if case.facts.daily_cap is None or not case.question.holdable:
        return NOT_ASKED
    if case.usage is None:
        return Finding("allow", "no counts were given")
    today = case.usage.sent_today if case.is_same_day else 0
    if today < case.facts.daily_cap:
        return ALLOW
    detail = f"{today} of {case.facts.daily_cap} today"
    if case.question.marketing:
        return _deny("daily_cap_reached", detail)
    return _defer("daily_cap_reached", next_local_day(case.instant, case.zone), detail)


def check_quiet_hours(case: Case) -> Finding:
    """11: quiet hours of the contact, then of the tenant (CON-80)."""
    if not case.question.holdable:
        return NOT_ASKED
    for owner, window in (("contact", case.facts.quiet_hours), ("tenant", case.question.policy.quiet_hours)):
        if window is not None and (end := closed_until(window, case.instant, case.zone)):
            return _defer("quiet_hours", end, f"quiet hours of the {owner}")
    return ALLOW


def check_sms_window(case: Case) -> Finding:
    """12: text messages keep the text window of the deployment and the tenant (CON-81)."""
    column = case.question.category.column
    held = case.question.channel == "sms" and column in ("marketing", "transactional")
    if not case.question.holdable or not (
        held or (case.question.channel == "whatsapp" and column == "marketing")
    ):
        return NOT_ASKED
    for window in (case.question.deployment.sms_window, case.question.policy.sms_window):
        if start := opens_at(window, case.instant, case.zone):
            return _defer("sms_window", start, "outside of the text window")
    return ALLOW


def check_send_window(case: Case) -> Finding:
    """13: marketing keeps the tenant's send window (CON-82)."""
    if not case.question.marketing:
        return NOT_ASKED
    start = opens_at(case.question.policy.send_window, case.instant, case.zone)
    return _defer("send_window", start, "outside of the send window") if start else ALLOW


def check_frequency(case: Case) -> Finding:
    """14: who takes digests gets it with the first one after the instant asked about (CON-83)."""
    if case.question.category.column not in ("marketing", "transactional") or not case.question.holdable:
        return NOT_ASKED
    leaves = next_digest(case.facts.frequency, case.facts.digest_time, case.question.at, case.zone)
    if leaves is None or leaves <= case.instant:
        return ALLOW
    return _defer("digest", leaves, f"{case.facts.frequency} digest")


CHECKS: tuple[Check, ...] = (
    check_address,
    check_erasure,
    check_suppression,
    check_switches,
    check_opt_out,
    check_dnd,
    check_consent,
    check_preferences,
    check_marketing_caps,
    check_contact_caps,
    check_quiet_hours,
    check_sms_window,
    check_send_window,
    check_frequency,
)
"""Checks 1 to 14 in their order; the fifteenth looks at what they ended with."""

_EXPIRY = 15
_CLOCK_CHECKS = range(9, 15)


def decide(facts: Facts, question: Question, usage: Usage | None) -> Decision:
    """Returns the decision about one person: the same for the same facts, question and counts (CON-86)."""
    case = Case(facts, question, usage, effective_zone(facts, question), question.at)
    findings: dict[int, Finding] = {}
    until, reason = question.at, ""
    for number, check in enumerate(CHECKS, 1):
        finding = findings[number] = check(case)
        if finding.outcome == "deny":
            return _decision(case, "deny", finding.reason, findings)
        if finding.until is not None and finding.until > until:
            until, reason = finding.until, finding.reason
    if reason:
        return _deferred(case, findings, until, reason)
    findings[_EXPIRY] = ALLOW
    return _decision(case, "allow", "", findings)


def _deferred(case: Case, findings: dict[int, Finding], until: datetime, reason: str) -> Decision:
    """Moves a deferral on until every check that depends on the clock lets the message go then."""
    asked, settled = case.question.at, False
    while not settled:
        if until > asked + LOOK_AHEAD:
            return _decision(case, "deny", "no_window", findings)
        later, settled = replace(case, instant=until), True
        for number in _CLOCK_CHECKS:
            finding = CHECKS[number - 1](later)
            if finding.outcome == "deny":
                kept = {check: found for check, found in findings.items() if check < number}
                return _decision(case, "deny", finding.reason, kept | {number: finding})
            if finding.until is not None:
                findings[number] = finding
                if finding.until > until:
                    until, reason, settled = finding.until, finding.reason, False
    findings[_EXPIRY] = check_expiry(case.question, until)
    if findings[_EXPIRY].outcome == "deny":
        return _decision(case, "deny", findings[_EXPIRY].reason, findings)
    return _decision(case, "defer", reason, findings, until)


def check_expiry(question: Question, until: datetime) -> Finding:
    """15: what would wait until it is worthless is not sent at all (CON-84)."""
    if question.category.critical or question.expires_at is None:
        return NOT_ASKED
    if until < question.expires_at:
        return ALLOW
    return _deny("expires_before_window", "it expires before it may go")


def effective_zone(facts: Facts, question: Question) -> ZoneInfo:
    """Returns the contact's zone, else the branch's, the tenant's, the deployment's (GEN-13)."""
    names = (facts.time_zone, question.branch_time_zone, question.policy.default_time_zone)
    return zone_of(next(filter(is_zone, names), question.deployment.default_time_zone))


def _deny(reason: str, detail: str) -> Finding:
    return Finding("deny", detail, reason)


def _defer(reason: str, until: datetime, detail: str) -> Finding:
    return Finding("defer", detail, reason, until)


def _decision(
    case: Case, outcome: Outcome, reason: str, findings: dict[int, Finding], until: datetime | None = None
) -> Decision:
    checks = tuple(CheckResult(number, findings[number]) for number in sorted(findings))
    return Decision(outcome, reason, until, checks, case.zone.key)
