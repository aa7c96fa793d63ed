"""Names and addresses as fields of an API: characters of any script, nothing that ends a name early."""

from services.delivery.mail.headers import ATOMS, CONTROL, wire_address


def mailbox(name: str, address: str) -> str:
    """`"Name" <address>`, or the address alone."""
    name = CONTROL.sub(" ", name).strip()[:200]
    plain = wire_address(address)
    if not name:
        return plain
    if ATOMS.match(name):
        return f"{name} <{plain}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{plain}>'
