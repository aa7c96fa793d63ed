"""Short links in texts: web addresses of a text part become links of the platform, where the template asks (DEL-89)."""

import re
from collections.abc import Collection
from typing import Final

from services.common.templating.errors import RenderError
from services.common.templating.mailhtml import PREFERENCES, UNSUBSCRIBE, Link
from services.common.templating.values import check_url

# An address is what stands together; expressions may be part of it, the end of a sentence is not.
_ADDRESS: Final = re.compile(
    r"\{\{ __bare_0 \}\}(?P<marked>.*?)\{\{ __close_0 \}\}"
    r"|(?P<address>https?://(?:\{\{.*?\}\}|[^\s{}<>\"|\\^`])+)"
    r"|(?P<whole>\{\{-?\s*(?P<name>\w+)\s*-?\}\})",
    re.IGNORECASE | re.DOTALL,
)
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_SENTENCE_END: Final = ".,;:!?'’”»"
_BRACKETS: Final = {")": "(", "]": "["}


def shortened(
    source: str, links: tuple[Link, ...], urls: Collection[str] = ()
) -> tuple[str, tuple[Link, ...]]:
    """Returns a checked text part in the internal dialect, and the link table with its addresses added.

    `urls` are the variables that are addresses. Addresses of the platform itself stay, and so do those that no link may lead to.
    """
    table: dict[str, Link] = {}

    def replaced(found: re.Match[str]) -> str:
        marked, address = found["marked"], found["address"]
        if found["whole"] is not None:
            return _linked(found["whole"], table, len(links)) if found["name"] in urls else found[0]
        if marked is not None:
            return _linked(marked, table, len(links)) if _WEB.match(marked) else found[0]
        whole = _without_end(address)
        return _linked(whole, table, len(links)) + address[len(whole) :]

    text = _ADDRESS.sub(replaced, source)
    return text, (*links, *table.values())


def _linked(address: str, table: dict[str, Link], first: int) -> str:
    is_dynamic = "{{" in address
    if UNSUBSCRIBE.search(address) or PREFERENCES.search(address):
        return address
    if not is_dynamic and not _may_lead_to(address):
        return address
    url = None if is_dynamic else address
    link = table.setdefault(address, Link(first + len(table), url, address, is_short=True))
    if is_dynamic:
        return f"{{{{ __open_{link.index} }}}}{address}{{{{ __close_{link.index} }}}}"
    return f"{{{{ __link_{link.index} }}}}"


def _may_lead_to(address: str) -> bool:
    try:
        check_url(address, "the address", allow_http=True)
    except RenderError:
        return False
    return True


def _without_end(address: str) -> str:
    """Returns an address without the punctuation of its sentence, and without a bracket that it did not open."""
    while address and _is_end(address):
        address = address[:-1]
    return address


def _is_end(address: str) -> bool:
    last = address[-1]
    if last in _BRACKETS:
        return address.count(last) > address.count(_BRACKETS[last])
    return last in _SENTENCE_END
