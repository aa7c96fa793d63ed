"""Templates of an account of Twilio: contents that are made, handed in to WhatsApp, and asked for."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from services.delivery.providers.approvals import Approval, Draft, Review, SubmissionError, approval_of
from services.delivery.providers.base import Account, Result, masked
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.reading import part_of, text_of
from services.delivery.providers.twilio.kind import HOSTS

CONTENT_URL: Final = "https://content.twilio.com"
JSON: Final = {"Content-Type": "application/json"}
CONTENTS: Final = "/v1/Content"
ALL: Final = "/v1/ContentAndApprovals"
PAGE: Final = "500"
PAGES: Final = 50


class Templates:
    """The contents of an account and where they stand at WhatsApp."""

    def __init__(self, account: Account) -> None:
        key, secret = account.text("account_sid"), account.credential("auth_token")
        if account.credentials.get("api_key_sid"):
            key, secret = account.credential("api_key_sid"), account.credential("api_key_secret")
        authorization = "Basic " + b64encode(f"{key}:{secret}".encode()).decode()
        base = account.text("base_url", CONTENT_URL)
        self._connection = Connection(
            account,
            CONTENT_URL if urlsplit(base).hostname in HOSTS else base,
            {"Authorization": authorization},
        )

    async def submit(self, draft: Draft) -> Review:
        """Makes a content and hands it in; SubmissionError when it was not taken."""
        content = {
            "friendly_name": draft.name,
            "language": draft.language,
            "variables": {str(place): value for place, value in enumerate(draft.examples, 1)},
            "types": {"twilio/text": {"body": draft.body}},
        }
        made = _checked(await self._connection.post(CONTENTS, orjson.dumps(content), JSON))
        sid = text_of(made, "sid")
        asked = {"name": draft.name, "category": draft.category.upper()}
        path = f"{CONTENTS}/{sid}/ApprovalRequests/whatsapp"
        answer = _checked(await self._connection.post(path, orjson.dumps(asked), JSON))
        return Review(draft.name, draft.language, approval_of(answer.get("status")) or Approval.PENDING, sid)

    async def reviews(self) -> list[Review]:
        """Where every content that was handed in stands; SubmissionError when Twilio does not say."""
        found: list[Review] = []
        path, query = ALL, {"PageSize": PAGE}
        for _ in range(PAGES):
            page = _checked(await self._connection.get(path, query))
            for one in page.get("contents") or ():
                asked = part_of(one, "approval_requests") if isinstance(one, dict) else {}
                approval = approval_of(asked.get("status"))
                if approval is not None:
                    name = text_of(asked, "name") or text_of(one, "friendly_name")
                    reason = masked(text_of(asked, "rejection_reason"))
                    found.append(
                        Review(name, text_of(one, "language"), approval, text_of(one, "sid"), reason)
                    )
            following = urlsplit(text_of(part_of(page, "meta"), "next_page_url"))
            if not following.path:
                break
            path, query = f"{following.path}?{following.query}", {}
        return found

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()


def _checked(answer: Answer) -> Mapping[str, Any]:
    """What an answer says, SubmissionError when it is a refusal or none."""
    found = answer.json()
    result, code, _ = answer.judged((200, 201))
    if result is Result.ACCEPTED:
        return found
    words = masked(text_of(found, "message")) or f"{answer.status}"
    raise SubmissionError(str(code or "request_refused"), words, is_temporary=result is not Result.PERMANENT)
