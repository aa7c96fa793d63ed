"""How automations, runs and steps are shown."""

from typing import Any, Final

from google.protobuf.json_format import MessageToDict

from cli.moments import instant, instant_of

RUN_STATES: Final = ("", "running", "waiting", "completed", "failed", "cancelled", "skipped")
STATES: Final = ("", "enabled", "disabled", "archived")
_STEP_STATES: Final = ("", "pending", "done", "failed", "skipped")
_BEHAVIOURS: Final = ("", "cart abandoned", "inactive", "no purchase", "event viewed")


def document(one: Any) -> dict[str, Any]:
    """Returns an automation as plain data."""
    return {
        "automation": one.automation_id,
        "name": one.name,
        "state": STATES[one.state],
        "starts": starts(one),
        "version": one.version,
        "actions": len(one.actions),
        "next": instant_of(one, "next_time"),
    }


def whole(one: Any) -> dict[str, Any]:
    """Returns an automation with its definition, as a file may hold it."""
    return MessageToDict(one, preserving_proto_field_name=True)


def starts(one: Any) -> str:
    """Returns in words what starts it."""
    match one.WhichOneof("trigger"):
        case "event":
            return str(one.event.event_name)
        case "time":
            return f"{one.time.cron_expression} ({one.time.time_zone})"
        case "behavior":
            return _BEHAVIOURS[one.behavior.type]
    return "a call"


def run_document(one: Any) -> dict[str, Any]:
    """Returns a run as plain data."""
    return {
        "run": one.run_id,
        "automation": one.automation_id,
        "version": one.version,
        "contact": one.contact_id or None,
        "state": RUN_STATES[one.state],
        "step": one.current_step if one.HasField("current_step") else None,
        "due": instant_of(one, "due_time"),
        "started": instant(one.start_time),
        "ended": instant_of(one, "finish_time"),
        "error": one.error or None,
        "cause": one.trigger_key,
    }


def step_document(one: Any) -> dict[str, Any]:
    """Returns a step as plain data."""
    return {
        "step": one.index,
        "place": one.place,
        "action": one.action,
        "state": _STEP_STATES[one.state],
        "due": instant_of(one, "due_time"),
        "tries": one.attempt_count,
        "result": MessageToDict(one.result),
        "messages": list(one.message_ids),
        "call": one.call_id or None,
        "error": one.error or None,
    }


def result_text(result: dict[str, Any]) -> str:
    """Returns in one line what a step did."""
    return ", ".join(f"{name.removesuffix('_count')} {_plain(value)}" for name, value in result.items())


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{int(value):,}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(one)}" for name, one in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
