"""`angarium push keys`: the keys that pages subscribe to push messages with."""

import typer

from cli import options
from cli.output import Output

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")


@app.callback()
def push() -> None:
    """Set push messages up."""


@app.command(
    epilog="""
**Examples**

`angarium push keys` – a pair of keys, and where each of them goes

`angarium push keys --json | jq -r .public_key` – the key for `pushManager.subscribe`
"""
)
def keys(as_json: options.Json = False) -> None:
    """Make the pair of keys of an account of Web Push (VAPID).

    Nothing is stored: whoever loses the private key loses all subscriptions that pages made with the public one.
    """
    from base64 import urlsafe_b64encode

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    private_key, public_key = (urlsafe_b64encode(each).rstrip(b"=").decode() for each in (secret, point))
    out = Output(as_json=as_json)
    if not as_json:
        # As they are: to be copied, never wrapped.
        print(f"public key   {public_key}")
        print(f"private key  {private_key}")
    out.line("")
    out.line("Pages subscribe with the public key: pushManager.subscribe({applicationServerKey: …}).")
    out.line("The private key is the credential vapid_private_key of an account of provider webpush.")
    out.result({"public_key": public_key, "private_key": private_key})
