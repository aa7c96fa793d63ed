"""Accounts of the providers of e-mail, as the sandbox knows them."""

from __future__ import annotations

from typing import Any

from sandbox.aws.signature import SECRET

FROM = "news@acme.example"
CREDENTIALS: dict[str, dict[str, str]] = {
    "sendgrid": {"api_key": "SG.test"},
    "postmark": {"server_token": "token"},
    "mailgun": {"api_key": "key"},
    "ses": {"access_key_id": "AKIDEXAMPLE", "secret_access_key": SECRET},
    "smtp": {},
}
API = ("sendgrid", "postmark", "mailgun", "ses")


def config(name: str, url: str, smtp_port: int) -> dict[str, Any]:
    """What an account is made of, but its credentials."""
    if name == "smtp":
        return {"host": "127.0.0.1", "port": smtp_port, "security": "none"}
    own: dict[str, dict[str, Any]] = {
        "sendgrid": {"email_activity": True},
        "postmark": {"message_search": True},
        "mailgun": {"domain": "mg.acme.example"},
        "ses": {
            "region": "eu-central-1",
            "configuration_set": "news",
            "topic_arn": "arn:aws:sns:eu-central-1:000000000000:news",
        },
    }
    return {"base_url": url, "from_address": FROM, **own[name]}
