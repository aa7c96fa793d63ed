"""Where sealed values of messages belong: a chunk moved to another place cannot be opened (GEN-36)."""


def aad_of_chunk(content_id: bytes, number: int) -> bytes:
    """Returns the place of a chunk of recipients."""
    return b"recipients" + content_id + number.to_bytes(2, "big")


def aad_of_content(content_id: bytes) -> bytes:
    """Returns the place of the texts of a content."""
    return b"content" + content_id
