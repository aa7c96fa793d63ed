"""Templates of an app at Gupshup: handed in and asked for."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from services.delivery.providers.approvals import Approval, Draft, Review, SubmissionError, approval_of
from services.delivery.providers.base import Account, ConfigurationError, Result, masked
from services.delivery.providers.gupshup.adapter import BASE_URL, FORM
from services.delivery.providers.http import Answer, Connection
from services.delivery.providers.reading import part_of, text_of


class Templates:
    """The templates of an account that names its app by id."""

    def __init__(self, account: Account) -> None:
        app = account.text("app_id")
        if not app:
            raise ConfigurationError("the account has no app_id")
        self._path: Final = f"/wa/app/{app}/template"
        self._connection = Connection(
            account, account.text("base_url", BASE_URL), {"apikey": account.credential("api_key")}
        )

    async def submit(self, draft: Draft) -> Review:
        """Hands a template in; SubmissionError when it was not taken."""
        example = draft.body
        for place, value in enumerate(draft.examples, 1):
            example = example.replace(f"{{{{{place}}}}}", f"[{value}]")
        order = {
            "elementName": draft.name,
            "languageCode": draft.language,
            "category": draft.category.upper(),
            "templateType": "TEXT",
            "vertical": draft.name,
            "content": draft.body,
            "example": example,
            "enableSample": "true",
            **({"footer": draft.footer} if draft.footer else {}),
        }
        found = _checked(await self._connection.post(self._path, urlencode(order).encode(), FORM))
        one = part_of(found, "template")
        approval = approval_of(one.get("status")) or Approval.PENDING
        return Review(draft.name, draft.language, approval, text_of(one, "id"))

    async def reviews(self) -> list[Review]:
        """Where every template of the app stands; SubmissionError when Gupshup does not say."""
        found = _checked(await self._connection.get(self._path))
        reviews = []
        for one in found.get("templates") or ():
            approval = approval_of(one.get("status")) if isinstance(one, dict) else None
            if approval is not None:
                reviews.append(
                    Review(
                        text_of(one, "elementName"),
                        text_of(one, "languageCode"),
                        approval,
                        text_of(one, "id"),
                        masked(text_of(one, "reason")),
                    )
                )
        return reviews

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()


def _checked(answer: Answer) -> Mapping[str, Any]:
    """What an answer says, SubmissionError when it is a refusal or none."""
    found = answer.json()
    result, code, _ = answer.judged((200, 201, 202))
    if result is Result.ACCEPTED and found.get("status") != "error":
        return found
    is_temporary = result not in (Result.ACCEPTED, Result.PERMANENT)
    words = masked(str(found.get("message") or "")) or f"{answer.status}"
    raise SubmissionError(str(code or "request_refused"), words, is_temporary=is_temporary)
