"""What is wrong with a definition, each thing with its place (LIF-89)."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.campaign.automations import placeholders, timetable
from services.campaign.automations.domain import (
    DEEPEST,
    LONGEST_WAIT,
    MOST_ACTIONS,
    Action,
    Behaviour,
    Branch,
    Definition,
    Delay,
    Match,
    OnBehaviour,
    OnEvent,
    OnTime,
    Send,
    Update,
    WaitFor,
    Webhook,
    deeds,
    ways,
)
from services.campaign.automations.filters import LONGEST_PATH, MOST_TESTS, FieldTest, problem
from services.campaign.contacts.domain import MAX_KEY
from services.common.zones import zone

INVALID: Final = "AUTOMATION_INVALID"
UNSAFE: Final = "UNSAFE_URL"

MOST_STOPS: Final = 20
MOST_CHANGES: Final = 20
MOST_HEADERS: Final = 20
MOST_RECIPIENTS: Final = 1000
LONGEST_TAG: Final = 50
LONGEST_STAFF_ID: Final = 100

_EVENT: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
_LONGEST_EVENT: Final = 100
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE: Final = re.compile(r"[!-~](?:[ -~]{0,1022}[!-~])?")
_OWN_HEADERS: Final = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
    }
    | {
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
    }
    | {"te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via"}
)
_OWN_STARTS: Final = ("webhook-", "x-webhook-", "x-forwarded-", "sec-")
_RANGES: Final[Mapping[int, Mapping[str, range]]] = {
    Behaviour.CART_ABANDONED: {"hours": range(1, 73)},
    Behaviour.INACTIVE: {"days": range(1, 366)},
    Behaviour.NO_PURCHASE: {"days": range(1, 366)},
    Behaviour.EVENT_VIEWED: {"views": range(2, 101), "days": range(1, 31)},
}

UrlProblem = Callable[[str], str]
"""Tells what is wrong with an address that is to be called; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one place of a definition."""

    place: str
    description: str
    reason: str = INVALID


@dataclass(frozen=True, slots=True)
class Checks:
    """What definitions are held against: events of the house, and addresses that may be called."""

    house_events: Collection[str]
    neighbours_events: Collection[str]
    url_problem: UrlProblem

    def problems(self, definition: Definition) -> Iterator[Problem]:
        """Yields everything that is wrong with a definition."""
        yield from self._trigger(definition)
        if len(definition.stop_on) > MOST_STOPS:
            yield Problem("stop_on_events", f"at most {MOST_STOPS}")
        for index, match in enumerate(definition.stop_on):
            yield from self._match(match, f"stop_on_events[{index}]")
        if not 0 <= definition.cooldown_days <= 365:
            yield Problem("cooldown_days", "must be 0 to 365")
        if not 0 <= definition.most_runs <= 1000:
            yield Problem("max_runs_per_contact", "must be 1 to 1,000, or 0 for any number")
        if not definition.actions:
            yield Problem("actions", "needs at least one action")
        if sum(1 for _ in deeds(definition.actions)) > MOST_ACTIONS:
            yield Problem("actions", f"at most {MOST_ACTIONS} in all, those of branches included")
        yield from self._actions(definition.actions, "actions", 1)

    def _trigger(self, definition: Definition) -> Iterator[Problem]:
        match definition.trigger:
            case OnEvent(wanted):
                yield from self._match(wanted, "event")
            case OnTime(cron, name):
                if wrong := timetable.problem(cron):
                    yield Problem("time.cron_expression", wrong)
                try:
                    zone(name)
                except ValueError as error:
                    yield Problem("time.time_zone", str(error))
                if definition.segment_id is None:
                    yield Problem("segment_id", "is needed: a run is made for each of its members")
            case OnBehaviour() as watched:
                ranges = _RANGES.get(watched.behaviour)
                if ranges is None:
                    yield Problem("behavior.type", "is no behaviour that is watched for")
                for name, allowed in (ranges or {}).items():
                    if getattr(watched, name) not in allowed:
                        yield Problem(f"behavior.{name}", f"must be {allowed.start} to {allowed.stop - 1}")

    def _match(self, match: Match, place: str) -> Iterator[Problem]:
        name = match.event_name
        kinds = {one.partition(".")[0] for one in self.house_events}
        if not _EVENT.fullmatch(name) or len(name) > _LONGEST_EVENT:
            yield Problem(f"{place}.event_name", "must be the name of an event, for example order.paid")
        elif (
            name.partition(".")[0] in kinds
            and name not in self.house_events
            and name not in self.neighbours_events
        ):
            yield Problem(f"{place}.event_name", "is no event about a contact")
        yield from _tests(match.tests, f"{place}.filter")

    def _actions(self, actions: Sequence[Action], place: str, depth: int) -> Iterator[Problem]:
        if depth > DEEPEST:
            yield Problem(place, f"stands more than {DEEPEST} deep")
            return
        for index, action in enumerate(actions):
            spot = f"{place}[{index}]"
            own = f"{spot}.{action.deed.word}"
            match action.deed:
                case Send() as send:
                    yield from _send(send, own)
                case Update() as update:
                    yield from _update(update, own)
                case Webhook() as webhook:
                    yield from self._webhook(webhook, own)
                case Delay(seconds):
                    yield from _wait(seconds, own)
                case Branch(tests, rule):
                    if not tests and rule is None:
                        yield Problem(own, "needs tests or contact_rule")
                    yield from _tests(tests, f"{own}.tests")
                    yield from _leads_somewhere(action, own)
                case WaitFor(match, seconds):
                    yield from self._match(match, f"{own}.event")
                    yield from _wait(seconds, f"{own}.timeout")
            for name, inside in ways(action.deed):
                yield from self._actions(inside, f"{own}.{name}", depth + 1)

    def _webhook(self, webhook: Webhook, place: str) -> Iterator[Problem]:
        if wrong := self.url_problem(webhook.url):
            yield Problem(f"{place}.url", wrong, UNSAFE)
        if len(webhook.headers) > MOST_HEADERS:
            yield Problem(f"{place}.headers", f"at most {MOST_HEADERS}")
        if len({name.lower() for name in webhook.headers}) < len(webhook.headers):
            yield Problem(f"{place}.headers", "a name stands twice")
        for name, value in webhook.headers.items():
            if not _HEADER.fullmatch(name):
                yield Problem(f"{place}.headers", "a name is none of HTTP")
            elif name.lower() in _OWN_HEADERS or name.lower().startswith(_OWN_STARTS):
                yield Problem(f"{place}.headers[{name}]", "is set by us or by the connection")
            elif not _HEADER_VALUE.fullmatch(value):
                yield Problem(f"{place}.headers[{name}]", "must be 1 to 1,024 printable characters")
        yield from _texts(webhook.payload, f"{place}.payload")


def _tests(tests: Sequence[FieldTest], place: str) -> Iterator[Problem]:
    if len(tests) > MOST_TESTS:
        yield Problem(place, f"at most {MOST_TESTS} tests")
    for index, test in enumerate(tests):
        if not 1 <= len(test.field) <= LONGEST_PATH:
            yield Problem(f"{place}[{index}].field", f"must be 1 to {LONGEST_PATH} characters")
        if wrong := problem(test.op, test.value):
            yield Problem(f"{place}[{index}].{'value' if 'must' in wrong else 'operator'}", wrong)


def _send(send: Send, place: str) -> Iterator[Problem]:
    if not 1 <= len(send.template) <= 100:
        yield Problem(f"{place}.template_name", "must be 1 to 100 characters")
    if send.fallback_channel == send.channel:
        yield Problem(f"{place}.fallback_channel", "must be another channel than the first")
    if send.recipient_ids and send.recipient_rule is not None:
        yield Problem(f"{place}.recipient_rule", "excludes recipient_ids")
    if len(send.recipient_ids) > MOST_RECIPIENTS:
        yield Problem(f"{place}.recipient_ids", f"at most {MOST_RECIPIENTS:,}")
    yield from _texts(send.data, f"{place}.data")


def _update(update: Update, place: str) -> Iterator[Problem]:
    if not (update.add_tags or update.remove_tags or update.attributes or update.assigned_staff_id):
        yield Problem(place, "changes nothing")
    for name, tags in (("add_tags", update.add_tags), ("remove_tags", update.remove_tags)):
        if len(tags) > MOST_CHANGES:
            yield Problem(f"{place}.{name}", f"at most {MOST_CHANGES}")
        for index, tag in enumerate(tags):
            if not 1 <= len(tag) <= LONGEST_TAG or not tag.isprintable():
                yield Problem(f"{place}.{name}[{index}]", f"must be 1 to {LONGEST_TAG} characters")
    if len(update.attributes) > MOST_CHANGES:
        yield Problem(f"{place}.set_attributes", f"at most {MOST_CHANGES}")
    for name, value in update.attributes.items():
        if not 1 <= len(name) <= MAX_KEY:
            yield Problem(f"{place}.set_attributes", f"names have 1 to {MAX_KEY} characters")
        if not isinstance(value, (str, bool, int, float)):
            yield Problem(f"{place}.set_attributes.{name}", "must be a text, a number or a boolean")
    if len(update.assigned_staff_id) > LONGEST_STAFF_ID:
        yield Problem(f"{place}.assigned_staff_id", f"at most {LONGEST_STAFF_ID} characters")
    yield from _texts(update.attributes, f"{place}.set_attributes")


def _wait(seconds: int, place: str) -> Iterator[Problem]:
    if not 1 <= seconds <= LONGEST_WAIT:
        yield Problem(place, "must be 1 second to 90 days")


def _leads_somewhere(action: Action, place: str) -> Iterator[Problem]:
    if not any(inside for _, inside in ways(action.deed)):
        yield Problem(place, "needs then_actions or else_actions")


def _texts(value: Any, place: str) -> Iterator[Problem]:
    for where, wrong in placeholders.wrong(value, place):
        yield Problem(where, wrong)
