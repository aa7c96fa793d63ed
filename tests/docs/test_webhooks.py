"""The page for partners says what is sent, and its code checks what is sent."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.delivery.webhooks import signing
from services.delivery.webhooks.catalogue import KINDS, MOST_ITEMS
from services.delivery.webhooks.domain import DELAYS, MAX_ATTEMPTS
from services.delivery.webhooks.signing import SigningKeys

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
BODY = '{"id":"evt-1","type":"webhook.test","data":{"näme":"x"}}'.encode()
SECRETS = ("", "our-own-secret-of-the-shop")


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found.group(1)


def cases(secret: str) -> list[tuple[str, dict[str, str], bytes, bool]]:
    """Calls with whether they are to be believed."""
    keys, other, now = SigningKeys.make(secret), SigningKeys.make(), datetime.now(UTC)
    good = signing.headers([keys], "evt-1", now, BODY)
    old = signing.headers([keys], "evt-1", now - timedelta(seconds=400), BODY)
    rotating = signing.headers([other, keys], "evt-1", now, BODY)
    return [
        (keys.secret, good, BODY, True),
        (keys.secret, rotating, BODY, True),
        (keys.secret, good, BODY + b" ", False),
        (keys.secret, {**good, "webhook-id": "evt-2"}, BODY, False),
        (keys.secret, {**good, "webhook-signature": "v1,AAAA v2 x"}, BODY, False),
        (keys.secret, old, BODY, False),
        (keys.secret, {}, BODY, False),
        (other.secret, good, BODY, False),
    ]


@pytest.mark.req("DEL-92", "DEL-51")
@pytest.mark.parametrize("secret", SECRETS)
def test_the_pages_python_checks_our_calls(secret: str) -> None:
    namespace: dict[str, Any] = {}
    exec(code("python"), namespace)  # noqa: S102 - it is our own page
    for given, headers, body, believed in cases(secret):
        assert namespace["is_genuine"](given, headers, body) is believed


@pytest.mark.req("DEL-92")
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_pages_javascript_checks_our_calls(tmp_path: Path) -> None:
    script = tmp_path / "check.mjs"
    tried = [one for secret in SECRETS for one in cases(secret)]
    given = orjson.dumps([(secret, headers, body.decode()) for secret, headers, body, _ in tried]).decode()
    script.write_text(
        code("javascript")
        + f"\nconst given = {given};\n"
        + "console.log(JSON.stringify(given.map(([s, h, b]) => isGenuine(s, h, Buffer.from(b)))));\n",
        encoding="utf-8",
    )
    answer = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True)
    assert orjson.loads(answer.stdout) == [believed for _, _, _, believed in tried]


@pytest.mark.req("EVT-120")
def test_the_page_lists_every_type_there_is() -> None:
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.+?) \| ?(yes)? ?\|$", PAGE, re.MULTILINE)
    told = {type: (text, bool(many)) for type, text, many in rows if not type.startswith("webhook.")}
    assert told == {kind.type: (kind.description, bool(kind.items)) for kind in KINDS.values()}


@pytest.mark.req("EVT-120")
def test_everything_the_services_tell_that_partners_may_know_is_in_the_list() -> None:
    """A new event of a kind that is open to partners must be decided on: told, or named here."""
    kinds = ("automation", "campaign", "message", "consent", "coupon", "referral", "trigger", "feedback")
    emitted: set[str] = set()
    for path in (Path(__file__).parents[2] / "protos" / "angarium").glob("*/v1/*_events.proto"):
        for comment in re.findall(
            r"^// Payload of (.*?)^message ", path.read_text(), re.MULTILINE | re.DOTALL
        ):
            emitted |= set(re.findall(r"`([a-z]+\.[a-z_]+)`", comment))
    open_to_partners = {type for type in emitted if type.partition(".")[0] in kinds} | {"contact.erased"}
    assert open_to_partners == {kind.source or kind.type for kind in KINDS.values()}


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    assert MAX_ATTEMPTS == 8
    assert [delay.total_seconds() for delay in DELAYS] == [10, 60, 300, 1800, 7200, 21600, 43200]
    assert "after 10 s, 1, 5 and 30 minutes, 2, 6 and 12 hours: eight calls" in PAGE
    assert f"at most\n{MOST_ITEMS} things" in PAGE
