"""What WATI's webhooks tell of people: texts, and replies by button or list."""

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks.told import NOTHING, Told, document, inner, objects, whatsapp_text


def told(raw_body: bytes) -> Told:
    """Returns the texts of people that a call brings; what the workspace itself sent is none."""
    body = document(raw_body)
    if body is None:
        return NOTHING
    texts: list[delivery_pb2.RecordInboundMessageRequest] = []
    for event in objects(body if isinstance(body, list) else [body]):
        if event.get("eventType") != "message" or event.get("owner") is not False:
            continue
        said = (
            event.get("text")
            or inner(event, "buttonReply", "text")
            or inner(event, "interactiveButtonReply", "title")
            or inner(event, "listReply", "title")
        )
        name = event.get("whatsappMessageId") or event.get("id")
        found = whatsapp_text(event.get("waId"), said, name, to=event.get("channelPhoneNumber"))
        texts += [found] if found else []
    return Told(texts, not texts)
