"""What Gupshup's webhooks tell of people, texts and opt-outs, and of templates: in its own version 2 or in Meta's shape."""

from gateway.webhooks import meta
from gateway.webhooks.told import NOTHING, Told, decision, document, inner, whatsapp_text, wish


def told(raw_body: bytes) -> Told:
    """Returns the text or the opt-out of a person that a call brings."""
    body = document(raw_body)
    if not isinstance(body, dict):
        return NOTHING
    if "entry" in body:
        return meta.told(raw_body)
    kind, found = body.get("type"), None
    if kind == "message":
        # Replies by button or list have their words in a title.
        said = inner(body, "payload", "payload", "text") or inner(body, "payload", "payload", "title")
        found = whatsapp_text(inner(body, "payload", "source"), said, inner(body, "payload", "id"))
    elif kind == "user-event" and inner(body, "payload", "type") == "opted-out":
        found = wish(inner(body, "payload", "phone"), body.get("timestamp"), stop=True)
    elif kind == "template-event":
        decided = decision(
            inner(body, "payload", "status"),
            name=inner(body, "payload", "elementName"),
            language=inner(body, "payload", "languageCode"),
            template_id=inner(body, "payload", "id"),
            reason=inner(body, "payload", "rejectedReason"),
        )
        return Told((), decided is None, (decided,) if decided else ())
    return Told((found,) if found else (), found is None)
