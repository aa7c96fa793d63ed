"""The routes of Twilio's Messages that senders use."""

import base64
import binascii
import re
import secrets
import sqlite3
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, account_of, answering, json
from sandbox.recipients.phones import phone_behaviour
from sandbox.store.mail import Content, Recipient, accept
from sandbox.twilio import errors
from sandbox.twilio.errors import RefusedError
from sandbox.twilio.segments import segments_of

CHANNEL = "twilio"
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"
MAX_BODY = 1600
PATH = "/2010-04-01/Accounts/{account}"
NUMBER = re.compile(r"(?:whatsapp:)?\+[1-9][0-9]{6,14}")
MARKS = re.compile(r"\{\{(\d+)\}\}")


class Twilio:
    """Twilio as a sender sees it: authorises, checks, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, errors.too_many, errors.failed, accepted=201)

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Twilio's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", f"{PATH}/Messages.json", self._create),
            ("GET", f"{PATH}/Messages.json", self._list),
            ("GET", f"{PATH}/Messages/{{sid}}.json", self._fetch),
            ("GET", "/v2/PhoneNumbers/{number}", self._look_up),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _create(self, request: Request) -> Response:
        account, token = self._authorise(request)
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        rule = self._faults.strike([form.get("To", "").removeprefix("whatsapp:")])
        if rule is not None:
            await self._faults.before(rule, request)
        sender = self._checked(form)
        sid, now = "SM" + secrets.token_hex(16), time.time()
        query = dict(parse_qsl(urlsplit(form.get("StatusCallback", "")).query))
        number = form["To"].removeprefix("whatsapp:")
        text = form.get("Body") or _template_text(form)
        kept = {**form, "Body": text, "sid": sid, "token": token, "AccountSid": account}
        content = Content(CHANNEL, sid, account_of(account, CHANNEL), sender, orjson.dumps(kept), now)
        recipient = Recipient(
            0, number, query.get(REFERENCE) or sid, query.get(CAMPAIGN) or "", text[:200],
            orjson.dumps(kept).decode(), phone_behaviour(self._sandbox.settings.seed, number).name,
        )  # fmt: skip
        await accept(self._sandbox.database, content, [recipient])
        self._sandbox.to_plan.ring()
        if rule is not None:
            await self._faults.after(rule, request)
        return json(_resource(kept, sender, now, "queued" if "From" in form else "accepted"), 201)

    def _checked(self, form: dict[str, str]) -> str:
        to = form.get("To", "")
        if not to:
            raise RefusedError(400, 21604, "A 'To' phone number is required.")
        if not NUMBER.fullmatch(to):
            raise RefusedError(400, 21211, f"Invalid 'To' Phone Number: {to[:4]}XXXX")
        sender = form.get("MessagingServiceSid") or form.get("From", "")
        if not sender:
            raise RefusedError(400, 21603, "A 'From' phone number is required.")
        if not form.get("Body") and not form.get("ContentSid"):
            raise RefusedError(400, 21602, "Message body is required.")
        if len(form.get("Body", "")) > MAX_BODY:
            raise RefusedError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if to.removeprefix("whatsapp:").endswith("5550111"):
            raise RefusedError(400, 21614, "'To' number is not a valid mobile number")
        if to.endswith("5550112"):
            raise RefusedError(400, 21610, "Attempt to send to unsubscribed recipient")
        return sender

    async def _list(self, request: Request) -> Response:
        account, _ = self._authorise(request)
        query = request.query_params
        since = _instant(query.get("DateSent>", "") or query.get("DateSent>=", ""))
        size = min(1000, int(query.get("PageSize") or 50))
        to = query.get("To", "").removeprefix("whatsapp:")
        found = await self._sandbox.database.read(
            lambda connection: _find(connection, account_of(account, CHANNEL), size, number=to, since=since)
        )
        return json(
            {
                "messages": found, "page": 0, "page_size": size, "start": 0, "end": max(0, len(found) - 1),
                "uri": request.url.path, "first_page_uri": request.url.path, "next_page_uri": None,
                "previous_page_uri": None,
            }
        )  # fmt: skip

    async def _fetch(self, request: Request) -> Response:
        account, _ = self._authorise(request)
        sid = request.path_params["sid"]
        found = await self._sandbox.database.read(
            lambda connection: _find(connection, account_of(account, CHANNEL), 1, sid=sid)
        )
        if not found:
            raise errors.not_found(request.url.path)
        return json(found[0])

    async def _look_up(self, request: Request) -> Response:
        self._credentials(request)
        number = request.path_params["number"]
        is_known = NUMBER.fullmatch(number) is not None and not number.endswith("5550111")
        kind = {"12": "landline", "13": "nonFixedVoip", "14": "tollFree"}.get(number[-2:], "mobile")
        line = {
            "type": kind,
            "carrier_name": "Sandbox Mobile",
            "mobile_country_code": None,
            "mobile_network_code": None,
            "error_code": None,
        }
        wants_line = "line_type_intelligence" in request.query_params.get("Fields", "").split(",")
        return json(
            {
                "calling_country_code": None, "country_code": None, "phone_number": number, "national_format": number,
                "valid": is_known, "validation_errors": [] if is_known else ["INVALID_BUT_POSSIBLE"],
                "line_type_intelligence": line if wants_line and is_known else None, "caller_name": None,
                "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
            }
        )  # fmt: skip

    def _authorise(self, request: Request) -> tuple[str, str]:
        account = request.path_params["account"]
        user, secret = self._credentials(request)
        if user != account and not user.startswith("SK"):
            raise RefusedError(*errors.UNAUTHORISED)
        return account, secret

    def _credentials(self, request: Request) -> tuple[str, str]:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = secret = ""
        if scheme.lower() != "basic" or not secret or secret.startswith("invalid"):
            raise RefusedError(*errors.UNAUTHORISED)
        return user, secret


def _template_text(form: dict[str, str]) -> str:
    """What a person sees of an approved content, whose wording only Twilio knows."""
    variables = orjson.loads(form.get("ContentVariables") or "{}")
    values = ", ".join(str(value) for _, value in sorted(variables.items()))
    return f"[{form['ContentSid']}] {values}".strip()


_STATUS = {"delivered": "delivered", "bounced": "undelivered", "dropped": "failed"}


def _find(
    connection: sqlite3.Connection,
    account: str,
    limit: int,
    *,
    number: str = "",
    sid: str = "",
    since: float = 0.0,
) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT message.id, personal, sender, message.accepted_at FROM message JOIN content ON content.id = content_id"
        " WHERE account = ? AND (? = '' OR address = ?) AND (? = '' OR public_id = ?) AND message.accepted_at >= ?"
        " ORDER BY message.id DESC LIMIT ?",
        (account, number, number, sid, sid, since, limit),
    ).fetchall()
    found = []
    for message_id, personal, sender, at in rows:
        facts = connection.execute(
            "SELECT kind, class, detail FROM fact WHERE message_id = ? AND kind IN ('delivered', 'bounced', 'dropped')",
            (message_id,),
        ).fetchone()
        one = _resource(orjson.loads(personal), sender, at, _STATUS[facts[0]] if facts else "sent")
        if facts and facts[2].isdigit():
            one["error_code"] = int(facts[2])
        if facts:
            one |= {"price": f"-{0.0079 * int(one['num_segments']):.5f}", "price_unit": "USD"}
        found.append(one)
    return found


def _instant(day: str) -> float:
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _resource(form: dict[str, str], sender: str, at: float, status: str) -> dict[str, Any]:
    when = format_datetime(datetime.fromtimestamp(at, UTC))
    is_service = sender.startswith("MG")
    base = f"/2010-04-01/Accounts/{form['AccountSid']}/Messages/{form['sid']}"
    return {
        "sid": form["sid"], "account_sid": form["AccountSid"], "to": form["To"], "body": form["Body"],
        "from": None if is_service else sender, "messaging_service_sid": sender if is_service else None,
        "status": status, "direction": "outbound-api", "api_version": "2010-04-01", "num_media": "0",
        "num_segments": "0" if status == "accepted" else str(segments_of(form["Body"])),
        "date_created": when, "date_updated": when, "date_sent": None if status in ("queued", "accepted") else when,
        "error_code": None, "error_message": None, "price": None, "price_unit": "USD", "uri": f"{base}.json",
        "subresource_uris": {"media": f"{base}/Media.json"},
    }  # fmt: skip
