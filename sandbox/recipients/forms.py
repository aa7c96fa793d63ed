"""Filling in the unsubscribe page's form as the page describes it, without scripts."""

from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode


@dataclass(frozen=True)
class Form:
    """A form ready to be posted."""

    action: str
    fields: list[tuple[str, str]]


def unsubscribe_form(html: str, url: str) -> Form | None:
    """Returns the page's form as a browser would post it when its first button is pressed.

    A form whose action or button speaks of unsubscribing wins over others. Hidden fields, ticked boxes,
    chosen radios (the first of a group when none is chosen) and selects are sent; None without a POST form.
    """
    forms = [
        node
        for node in LexborHTMLParser(html).css("form")
        if (node.attributes.get("method") or "").strip().lower() == "post"
    ]
    if not forms:
        return None
    best = max(forms, key=_speaks_of_it)
    return Form(urljoin(url, best.attributes.get("action") or url), _fields(best))


def _speaks_of_it(form: LexborNode) -> int:
    words = f"{form.attributes.get('action') or ''} {form.text()}".lower()
    return 2 * ("unsubscribe" in words or "stop" in words) - ("preference" in words)


def _fields(form: LexborNode) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    radios: dict[str, tuple[bool, str]] = {}
    pressed = False
    for node in form.css("input, select, textarea, button"):
        name = node.attributes.get("name")
        kind = (node.attributes.get("type") or ("submit" if node.tag == "button" else "text")).lower()
        if "disabled" in node.attributes:
            continue
        value = node.attributes.get("value")
        if kind == "submit":
            if not pressed and name:
                fields.append((name, value or ""))
            pressed = True
        elif not name or kind in ("button", "reset", "image", "file"):
            continue
        elif kind == "radio":
            chosen = "checked" in node.attributes
            if name not in radios or (chosen and not radios[name][0]):
                radios[name] = (chosen, value or "on")
        elif kind == "checkbox":
            if "checked" in node.attributes:
                fields.append((name, value or "on"))
        elif node.tag == "select":
            option = node.css_first("option[selected]") or node.css_first("option")
            if option is not None:
                fields.append((name, option.attributes.get("value") or option.text(strip=True)))
        else:
            fields.append((name, value or (node.text() if node.tag == "textarea" else "")))
    return fields + [(name, value) for name, (_, value) in radios.items()]
