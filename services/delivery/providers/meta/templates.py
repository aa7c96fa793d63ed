"""Templates of a WhatsApp Business account at Meta: handed in, asked for, and told of by its webhook."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from services.delivery.providers.approvals import Approval, Draft, Review, SubmissionError, approval_of
from services.delivery.providers.base import Account, ConfigurationError, Result, masked
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.meta.adapter import BASE_URL, JSON
from services.delivery.providers.meta.codes import meaning_of
from services.delivery.providers.meta.events import values_of
from services.delivery.providers.reading import text_of

FIELDS: Final = "id,name,language,status,rejected_reason"
PAGE: Final = "200"
PAGES: Final = 50
UPDATED: Final = "message_template_status_update"


class Templates:
    """The templates of an account that names its business account."""

    def __init__(self, account: Account) -> None:
        business = account.text("business_account_id")
        if not business:
            raise ConfigurationError("the account has no business_account_id")
        self._path = f"/{business}/message_templates"
        authorization = f"Bearer {account.credential('access_token')}"
        self._connection = Connection(
            account, account.text("base_url", BASE_URL), {"Authorization": authorization}
        )

    async def submit(self, draft: Draft) -> Review:
        """Hands a template in; SubmissionError when it was not taken."""
        body: dict[str, Any] = {"type": "BODY", "text": draft.body}
        if draft.examples:
            body["example"] = {"body_text": [list(draft.examples)]}
        components = [body, *([{"type": "FOOTER", "text": draft.footer}] if draft.footer else [])]
        order = {
            "name": draft.name,
            "language": draft.language,
            "category": draft.category.upper(),
            "components": components,
        }
        answer = await self._connection.post(self._path, orjson.dumps(order), JSON)
        found = _checked(answer)
        approval = approval_of(found.get("status")) or Approval.PENDING
        return Review(draft.name, draft.language, approval, str(found.get("id") or ""))

    async def reviews(self) -> list[Review]:
        """Where every template of the business account stands; SubmissionError when Meta does not say."""
        found: list[Review] = []
        query = {"fields": FIELDS, "limit": PAGE}
        for _ in range(PAGES):
            page = _checked(await self._connection.get(self._path, query))
            for one in page.get("data") or ():
                approval = approval_of(one.get("status")) if isinstance(one, dict) else None
                if approval is not None:
                    found.append(_review(one, approval, text_of(one, "rejected_reason")))
            after = _cursor(page)
            if not after:
                break
            query = {**query, "after": after}
        return found

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()


def parse_reviews(raw: bytes) -> list[Review]:
    """What a verified webhook call tells of templates; nothing else is in it for this."""
    found = []
    for field, value in values_of(raw):
        approval = approval_of(value.get("event")) if field == UPDATED else None
        if approval is not None:
            found.append(
                Review(
                    text_of(value, "message_template_name"),
                    text_of(value, "message_template_language"),
                    approval,
                    str(value.get("message_template_id") or ""),
                    _reason(text_of(value, "reason")),
                )
            )
    return found


def _review(one: Mapping[str, Any], approval: Approval, reason: str) -> Review:
    name, language = text_of(one, "name"), text_of(one, "language")
    return Review(name, language, approval, str(one.get("id") or ""), _reason(reason))


def _reason(word: str) -> str:
    return "" if word == "NONE" else masked(word)


def _cursor(page: Mapping[str, Any]) -> str:
    paging = page.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after") or "") if isinstance(cursors, dict) else ""


def _checked(answer: Answer) -> Mapping[str, Any]:
    """What an answer says, SubmissionError when it is a refusal or none."""
    found = answer.json()
    result, code, _ = answer.judged((200, 201))
    if result is Result.ACCEPTED:
        return found
    error = found.get("error")
    number = error.get("code") if isinstance(error, dict) else None
    meaning = meaning_of(number) if number is not None else None
    words = str(error.get("error_user_msg") or error.get("message") or "") if isinstance(error, dict) else ""
    raise SubmissionError(
        meaning.code if meaning else str(code),
        masked(words) or f"{answer.status}",
        is_temporary=(meaning.result if meaning else result) is not Result.PERMANENT,
    )
