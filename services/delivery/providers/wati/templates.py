"""Templates of a workspace of WATI: asked for; they are handed in on its own pages."""

from typing import Final

from services.delivery.providers.approvals import Draft, Review, SubmissionError, approval_of
from services.delivery.providers.base import Account
from services.delivery.providers.http import Connection
from services.delivery.providers.reading import text_of
from services.delivery.providers.wati.body import TEMPLATES
from services.delivery.providers.wati.kind import EXAMPLE

PAGE: Final = 100
PAGES: Final = 50


class Templates:
    """The templates of a workspace."""

    def __init__(self, account: Account) -> None:
        authorization = f"Bearer {account.credential('access_token').removeprefix('Bearer ')}"
        self._connection = Connection(
            account, account.text("base_url", EXAMPLE), {"Authorization": authorization}
        )

    async def submit(self, draft: Draft) -> Review:
        """Refuses: WATI takes templates on its own pages only."""
        raise SubmissionError("unsupported", f"hand {draft.name} in on WATI's own pages", is_temporary=False)

    async def reviews(self) -> list[Review]:
        """Where every template of the workspace stands; SubmissionError when WATI does not say."""
        found: list[Review] = []
        for page in range(1, PAGES + 1):
            answer = await self._connection.get(TEMPLATES, {"page_number": str(page), "page_size": str(PAGE)})
            if answer.status != 200:
                words = f"{answer.status}"
                raise SubmissionError("unavailable", words, is_temporary=answer.status not in (401, 403))
            body = answer.json()
            listed = body.get("template_list") or body.get("templates") or []
            for one in listed:
                approval = approval_of(one.get("status")) if isinstance(one, dict) else None
                if approval is not None:
                    name = text_of(one, "name") or text_of(one, "elementName")
                    found.append(Review(name, text_of(one, "language"), approval, str(one.get("id") or "")))
            if len(listed) < PAGE:
                break
        return found

    async def close(self) -> None:
        """Closes kept-open connections."""
        await self._connection.close()
