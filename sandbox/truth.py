"""The truth: what was accepted, what became of it, and who did what, counted from what is on disk."""
# ruff: noqa: S608 - only words written here are joined into statements; every value is a parameter

import sqlite3
from collections.abc import Iterable
from typing import Any

CLASSES = ("human", "proxy", "privacy_prefetch", "scanner")

# A message of the sender is one reference at one address; the same again is a duplicate.
_KEYED = "SELECT id, reference || ' ' || address AS key, address, campaign FROM message"


def pending(connection: sqlite3.Connection, campaign: str | None = None) -> dict[str, int]:
    """Returns how much is still to be done; `total` is 0 when all is quiet."""
    of_campaign = (
        "" if campaign is None else " AND message_id IN (SELECT id FROM message WHERE campaign = :campaign)"
    )
    parameters = {"campaign": campaign}

    def count(sql: str) -> int:
        return int(connection.execute(sql, parameters).fetchone()[0] or 0)

    unplanned = "SELECT COUNT(*) FROM message JOIN content ON content.id = content_id WHERE planned = 0"
    if campaign is not None:
        unplanned += " AND campaign = :campaign"
    result = {
        "unplanned": count(unplanned),
        "webhook_events": count(f"SELECT COUNT(*) FROM task WHERE lane = 'event'{of_campaign}")
        + count("SELECT SUM(events) FROM batch"),
        "reports": count(f"SELECT COUNT(*) FROM task WHERE lane = 'report'{of_campaign}"),
        "actions": count(f"SELECT COUNT(*) FROM task WHERE lane = 'action'{of_campaign}"),
    }
    return {"total": sum(result.values()), **result}


def summary(connection: sqlite3.Connection, campaign: str | None = None) -> dict[str, Any]:
    """Returns totals over everything, or of one campaign, and totals per campaign."""
    campaigns = [
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT campaign FROM message" + ("" if campaign is None else " WHERE campaign = ?"),
            () if campaign is None else (campaign,),
        )
    ]
    return {
        "pending": pending(connection, campaign),
        "totals": totals(connection, campaign),
        "campaigns": {name: totals(connection, name) for name in sorted(campaigns)},
    }


def totals(connection: sqlite3.Connection, campaign: str | None = None) -> dict[str, Any]:
    """Returns counts of messages; a duplicate counts once everywhere but in `accepted` and `duplicates`."""
    where = "" if campaign is None else " WHERE campaign = ?"
    parameters = () if campaign is None else (campaign,)
    accepted, unique = connection.execute(
        f"SELECT COUNT(*), COUNT(DISTINCT key) FROM ({_KEYED}{where})", parameters
    ).fetchone()
    counts: dict[tuple[str, str], int] = {
        (row[0], row[1]): row[2]
        for row in connection.execute(
            f"SELECT kind, class, COUNT(DISTINCT key) FROM fact JOIN ({_KEYED}{where}) AS message"
            " ON message.id = message_id GROUP BY kind, class",
            parameters,
        )
    }
    any_kind: dict[str, int] = dict(
        connection.execute(
            f"SELECT kind, COUNT(DISTINCT key) FROM fact JOIN ({_KEYED}{where}) AS message"
            " ON message.id = message_id GROUP BY kind",
            parameters,
        ).fetchall()
    )

    def by_class(kind: str) -> dict[str, int]:
        return {name: counts.get((kind, name), 0) for name in CLASSES}

    return {
        "accepted": accepted,
        "accepted_unique": unique,
        "duplicates": accepted - unique,
        "delivered": counts.get(("delivered", ""), 0),
        "deferred": counts.get(("deferred", ""), 0),
        "bounced": {"hard": counts.get(("bounced", "hard"), 0), "soft": counts.get(("bounced", "soft"), 0)},
        "dropped": counts.get(("dropped", ""), 0),
        "opened": {**by_class("opened"), "any": any_kind.get("opened", 0)},
        "clicked": {**by_class("clicked"), "any": any_kind.get("clicked", 0)},
        "links": _links(connection, where, parameters),
        "unsubscribed": {
            "one_click": counts.get(("unsubscribed", "one_click"), 0),
            "page": counts.get(("unsubscribed", "page"), 0),
            "any": any_kind.get("unsubscribed", 0),
        },
        "complained": counts.get(("complained", ""), 0),
        "unwelcome": counts.get(("unwelcome", ""), 0),
        "failed": any_kind.get("failed", 0),
        **({} if campaign is not None else _overall(connection)),
    }


def _links(
    connection: sqlite3.Connection, where: str, parameters: tuple[str, ...]
) -> dict[str, dict[str, int]]:
    links: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        "SELECT substr(detail, instr(detail, ' ') + 1), class, COUNT(DISTINCT key)"
        f" FROM fact JOIN ({_KEYED}{where}) AS message ON message.id = message_id WHERE kind = 'clicked' GROUP BY 1, 2",
        parameters,
    )
    for target, category, count in rows:
        links.setdefault(target, dict.fromkeys(CLASSES, 0))[category] = count
    return dict(sorted(links.items()))


def _overall(connection: sqlite3.Connection) -> dict[str, int]:
    def count(condition: str) -> int:
        return int(connection.execute(f"SELECT COUNT(*) FROM refusal WHERE {condition}").fetchone()[0])

    forged = count("reply = 'forged webhook accepted'")
    return {"refused_at_rcpt": count("1 = 1") - forged, "forged_webhooks_accepted": forged}


def full(
    connection: sqlite3.Connection,
    *,
    campaign: str | None = None,
    address: str | None = None,
    reference: str | None = None,
    after: int = 0,
    limit: int = 0,
) -> dict[str, Any]:
    """Returns totals, every message with what became of it, and every address with what its person did.

    Args:
        connection: A connection to read on.
        campaign: Only messages of this campaign.
        address: Only messages to this address.
        reference: Only messages with this sender's id.
        after: Only messages with a higher number, for paging.
        limit: At most so many messages, 0 for all; `next` is then what to give as `after`.
    """
    conditions = ["id > ?"]
    parameters: list[int | str] = [after]
    for column, value in (
        ("campaign", campaign),
        ("address", address and address.lower()),
        ("reference", reference),
    ):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    where = " AND ".join(conditions)
    rows = connection.execute(
        "SELECT message.id, reference, address, campaign, behaviour, accepted_at, subject FROM message"
        f" WHERE {where} ORDER BY id LIMIT ?",
        (*parameters, limit if limit > 0 else -1),
    ).fetchall()
    messages: dict[int, dict[str, Any]] = {
        row[0]: {
            "number": row[0], "message_id": row[1], "address": row[2], "campaign_id": row[3], "behaviour": row[4],
            "accepted_at": row[5], "subject": row[6], **_nothing_yet(),
        }
        for row in rows
    }  # fmt: skip
    facts = connection.execute(
        "SELECT message_id, kind, class, detail, at FROM fact WHERE message_id IN"
        f" (SELECT id FROM message WHERE {where} ORDER BY id LIMIT ?) ORDER BY at",
        (*parameters, limit if limit > 0 else -1),
    )
    for number, kind, category, detail, at in facts:
        _note(messages[number], kind, category, detail, at)
    return {
        "pending": pending(connection, campaign),
        "totals": totals(connection, campaign),
        "messages": list(messages.values()),
        "addresses": _addresses(connection, messages.values()),
        "next": rows[-1][0] if limit > 0 and len(rows) == limit else None,
    }


def _nothing_yet() -> dict[str, Any]:
    return {
        "delivered_at": None, "deferred_at": None, "bounced": None, "bounce_reason": None, "dropped": None,
        "opened": {}, "clicked": [], "unsubscribed": None, "complained_at": None, "unwelcome": False, "visited": [], "answered": [],
        "failed": [],
    }  # fmt: skip


def _note(message: dict[str, Any], kind: str, category: str, detail: str, at: float) -> None:
    if kind in ("delivered", "deferred", "complained"):
        message[f"{kind}_at"] = at
    elif kind == "bounced":
        message["bounced"], message["bounce_reason"] = category, detail
    elif kind == "dropped":
        message["dropped"] = detail
    elif kind == "opened":
        message["opened"][category] = at
    elif kind == "clicked":
        index, _, target = detail.partition(" ")
        message["clicked"].append({"class": category, "link": int(index), "target": target, "at": at})
    elif kind == "unsubscribed":
        message["unsubscribed"] = {"how": category, "at": at}
    elif kind == "unwelcome":
        message["unwelcome"] = True
    else:
        message[kind].append({"by": category, "what": detail, "at": at})


def _addresses(connection: sqlite3.Connection, messages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    people: dict[str, dict[str, Any]] = {}
    seen: dict[str, set[str]] = {}
    for message in messages:
        person = people.setdefault(
            message["address"],
            {
                "behaviour": message["behaviour"], "accepted": 0, "duplicates": 0, "delivered": 0, "bounced": 0,
                "dropped": 0, "deferred": 0, "opened": dict.fromkeys(CLASSES, 0), "clicked": dict.fromkeys(CLASSES, 0),
                "unsubscribed": 0, "complained": 0, "stopped": [],
            },
        )  # fmt: skip
        person["accepted"] += 1
        references = seen.setdefault(message["address"], set())
        person["duplicates"] += message["message_id"] in references
        references.add(message["message_id"])
        for word in ("delivered_at", "deferred_at", "complained_at"):
            person[word.removesuffix("_at")] += message[word] is not None
        for word in ("bounced", "dropped", "unsubscribed"):
            person[word] += message[word] is not None
        for category in message["opened"]:
            person["opened"][category] += 1
        for category in {click["class"] for click in message["clicked"]}:
            person["clicked"][category] += 1
    for address, sender, how, at in connection.execute("SELECT address, sender, how, at FROM person"):
        if address in people:
            people[address]["stopped"].append({"sender": sender, "how": how, "at": at})
    return people
