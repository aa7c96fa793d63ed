"""Between definitions and the contract; stored they are the contract's own JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import automation_pb2 as pb
from angarium.campaign.v1 import segment_service_pb2 as segment_pb
from services.campaign.automations.checks import Problem
from services.campaign.automations.domain import (
    DEFAULT_COOLDOWN,
    DEFAULT_DELAY,
    Action,
    Behaviour,
    Branch,
    Deed,
    Definition,
    Delay,
    Match,
    OnBehaviour,
    OnCall,
    OnEvent,
    OnTime,
    Send,
    Stop,
    Trigger,
    Update,
    WaitFor,
    Webhook,
)
from services.campaign.automations.filters import FieldTest
from services.campaign.intake.catalogue import CANONICAL
from services.campaign.segments.convert import rule_from_proto
from services.campaign.segments.domain import Rule
from services.common import objects
from services.common.errors import ServiceError

DEFINING: Final = (
    "event",
    "time",
    "behavior",
    "api",
    "actions",
    "segment_id",
    "branch_ids",
    "cooldown_days",
    "max_runs_per_contact",
    "stop_on_events",
)
"""Fields of an automation that make its definition."""
EMAIL: Final = 1
NORMAL: Final = 3
_DAYS_OF_VIEWS: Final = 7
_DAYS: Final = 30
_HOURS: Final = 2
_VIEWS: Final = 3


def definition_of(message: pb.Automation) -> tuple[Definition | None, list[Problem]]:
    """Returns the definition of a message, and what of it cannot be read."""
    reader = _Reader()
    trigger = reader.trigger(message)
    actions = reader.actions(message.actions, "actions")
    definition = Definition(
        trigger=trigger or OnCall(),
        actions=actions,
        segment_id=reader.id(message.segment_id, "segment_id"),
        branch_ids=tuple(
            found
            for index, text in enumerate(message.branch_ids)
            if (found := reader.id(text, f"branch_ids[{index}]"))
        ),
        cooldown_days=message.cooldown_days if message.HasField("cooldown_days") else DEFAULT_COOLDOWN,
        most_runs=message.max_runs_per_contact,
        stop_on=tuple(map(_match, message.stop_on_events)),
    )
    return definition, reader.problems


def stored_of(message: pb.Automation) -> dict[str, Any]:
    """Returns what is stored of a message: its definition alone."""
    found: dict[str, Any] = MessageToDict(_defining(message), preserving_proto_field_name=True)
    return found


def from_stored(stored: Mapping[str, Any]) -> tuple[pb.Automation, Definition]:
    """Returns a definition that was stored, as the contract shows it and as it is carried out."""
    message = ParseDict(dict(stored), pb.Automation(), ignore_unknown_fields=True)
    definition, _ = definition_of(message)
    assert definition is not None  # noqa: S101 - it was checked when it was stored
    return message, definition


def _defining(message: pb.Automation) -> pb.Automation:
    found = pb.Automation()
    found.CopyFrom(message)
    for field in pb.Automation.DESCRIPTOR.fields:
        if field.name not in DEFINING:
            found.ClearField(field.name)
    return found


def plain(struct: Struct) -> dict[str, Any]:
    """Returns a struct as JSON values; whole numbers are whole."""
    found: dict[str, Any] = objects.plain(struct)
    return found


def _match(message: pb.AutomationEventMatch) -> Match:
    return Match(CANONICAL.get(message.event_name, message.event_name), _tests(message.filter))


def _tests(messages: Iterable[pb.AutomationFieldTest]) -> tuple[FieldTest, ...]:
    return tuple(FieldTest(one.field, int(one.operator), objects.plain(one.value)) for one in messages)


class _Reader:
    """Reads a message and notes what cannot be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def trigger(self, message: pb.Automation) -> Trigger | None:
        """Returns what starts it."""
        match message.WhichOneof("trigger"):
            case "event":
                return OnEvent(_match(message.event))
            case "time":
                return OnTime(message.time.cron_expression, message.time.time_zone)
            case "behavior":
                return _behaviour(message.behavior)
            case "api":
                return OnCall()
        self.problems.append(Problem("trigger", "needs one of event, time, behavior, api"))
        return None

    def actions(self, messages: Sequence[pb.AutomationAction], place: str) -> tuple[Action, ...]:
        """Returns actions; those that name nothing to do are noted."""
        found = []
        for index, message in enumerate(messages):
            deed = self._deed(message, f"{place}[{index}]")
            if deed is not None:
                found.append(Action(deed, message.on_error == pb.AutomationAction.ON_ERROR_CONTINUE))
        return tuple(found)

    def id(self, text: str, place: str) -> UUID | None:
        """Returns an id; None when there is none, noted when it is no UUID."""
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            self.problems.append(Problem(place, "must be a UUID"))
            return None

    def _deed(self, message: pb.AutomationAction, place: str) -> Deed | None:
        kind = message.WhichOneof("action")
        spot = f"{place}.{kind}"
        match kind:
            case "send_notification":
                return self._send(message.send_notification, spot)
            case "update_contact":
                update = message.update_contact
                return Update(
                    tuple(update.add_tags),
                    tuple(update.remove_tags),
                    plain(update.set_attributes),
                    update.assigned_staff_id,
                )
            case "webhook":
                webhook = message.webhook
                return Webhook(webhook.url, dict(webhook.headers), plain(webhook.payload))
            case "delay":
                return Delay(self._seconds(message.delay) or DEFAULT_DELAY)
            case "branch":
                branch = message.branch
                return Branch(
                    _tests(branch.tests),
                    self._rule(branch, "contact_rule", spot),
                    self.actions(branch.then_actions, f"{spot}.then_actions"),
                    self.actions(branch.else_actions, f"{spot}.else_actions"),
                )
            case "wait_for_event":
                wait = message.wait_for_event
                return WaitFor(
                    _match(wait.event),
                    self._seconds(wait.timeout),
                    self.actions(wait.then_actions, f"{spot}.then_actions"),
                    self.actions(wait.else_actions, f"{spot}.else_actions"),
                )
            case "stop":
                return Stop()
        self.problems.append(Problem(place, "needs one thing to do"))
        return None

    def _send(self, message: pb.SendNotificationAction, place: str) -> Send:
        ids = tuple(
            found
            for index, text in enumerate(message.recipient_ids)
            if (found := self.id(text, f"{place}.recipient_ids[{index}]"))
        )
        return Send(
            channel=message.channel or EMAIL,
            template=message.template_name,
            category=message.category,
            priority=message.priority or NORMAL,
            data=plain(message.data),
            fallback_channel=message.fallback_channel,
            recipient_ids=tuple(dict.fromkeys(ids)),
            recipient_rule=self._rule(message, "recipient_rule", place),
        )

    def _rule(self, message: Any, field: str, place: str) -> Rule | None:
        if not message.HasField(field):
            return None
        given: segment_pb.SegmentRule = getattr(message, field)
        try:
            return rule_from_proto(given, f"{place}.{field}")
        except ServiceError as error:
            self.problems += [Problem(one.field, one.description) for one in error.violations]
            return None

    def _seconds(self, duration: Any) -> int:
        # Less than a second, and what is below nothing, is no time that can be waited.
        return int(duration.seconds) if not duration.nanos else -1


def _behaviour(message: pb.AutomationBehavior) -> OnBehaviour:
    days = _DAYS_OF_VIEWS if int(message.type) == Behaviour.EVENT_VIEWED else _DAYS
    return OnBehaviour(
        int(message.type), message.hours or _HOURS, message.days or days, message.views or _VIEWS
    )
