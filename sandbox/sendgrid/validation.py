"""The rules of POST /v3/mail/send: what SendGrid refuses with 400, and in which words."""

import re
import time
from typing import Any

from sandbox.sendgrid.errors import error

MAX_PERSONALIZATIONS = 1000
MAX_RECIPIENTS = 1000
MAX_ARGS_BYTES = 10_000
MAX_SUBSTITUTION_BYTES = 10_000
MAX_CATEGORIES = 10
MAX_AHEAD_SECONDS = 72 * 3600
RESERVED_HEADERS = frozenset(
    (
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding",
        "to", "from", "subject", "reply-to", "cc", "bcc",
    )
)  # fmt: skip

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]{1,64}@(?:[^\s@<>(),;:\"\[\]\\.]+\.)+[^\s@<>(),;:\"\[\]\\.]{2,}")
_HEADER_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]+")
_EXAMPLE = 'e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.'
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}

Errors = list[dict[str, Any]]


def validate(mail: Any) -> Errors:
    """Returns every error of a request, in SendGrid's shape; an empty list means it is accepted."""
    if not isinstance(mail, dict):
        return [error(f"Invalid type. Expected: object, given: {_type(mail)}.", "(root)")]
    errors: Errors = []
    _senders(mail, errors)
    _personalizations(mail, errors)
    _subject(mail, errors)
    _content(mail, errors)
    _attachments(mail, errors)
    _categories(mail, errors)
    _headers(mail.get("headers"), "headers", "message.headers", errors)
    if "custom_args" in mail and mail["custom_args"] is not None:
        _args(mail["custom_args"], "custom_args", "message.custom_args", errors)
    _send_at(mail, "", errors)
    _asm(mail, errors)
    if mail.get("template_id"):
        errors.append(
            error(
                "The template_id must be a valid template id for your account."
                f" You provided '{mail['template_id']}'.",
                "template_id",
                "message.template_id",
            )
        )
    return errors


def _type(value: Any) -> str:
    return "null" if value is None else _TYPES.get(type(value), "string")


def _valid_address(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 320 and _ADDRESS.fullmatch(value) is not None


def _senders(mail: dict[str, Any], errors: Errors) -> None:
    sender = mail.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        errors.append(
            error(
                "The from object must be provided for every email send. It is an object that requires the email"
                f" parameter, but may also contain a name parameter.  {_EXAMPLE}",
                "from.email",
                "message.from",
            )
        )
    elif isinstance(sender["email"], str) and len(sender["email"]) > 320:
        errors.append(
            error(
                "The From email exceeds the maximum total length of 320 characters",
                "from.email",
                "message.from",
            )
        )
    elif not _valid_address(sender["email"]):
        errors.append(error("The from email does not contain a valid address.", "from.email", "message.from"))
    reply_to = mail.get("reply_to")
    if reply_to is not None and not (isinstance(reply_to, dict) and _valid_address(reply_to.get("email"))):
        errors.append(
            error(
                "The reply_to email does not contain a valid address.", "reply_to.email", "message.reply_to"
            )
        )


def _personalizations(mail: dict[str, Any], errors: Errors) -> None:
    blocks = mail.get("personalizations")
    if not isinstance(blocks, list) or not blocks:
        errors.append(
            error(
                "The personalizations field is required and must have at least one personalization.",
                "personalizations",
                "-Personalizations-Errors",
            )
        )
        return
    if len(blocks) > MAX_PERSONALIZATIONS:
        errors.append(
            error(
                f"The personalization block is limited to {MAX_PERSONALIZATIONS} personalizations per API request."
                f" You have provided {len(blocks)} personalizations. Please consider splitting this into multiple"
                " requests and resending your request.",
                "personalizations",
                "message.personalizations",
            )
        )
        return
    shared = mail.get("custom_args")
    shared = shared if isinstance(shared, dict) else {}
    seen: set[str] = set()
    total = 0
    for index, block in enumerate(blocks):
        if not isinstance(block, dict):
            errors.append(
                error(f"Invalid type. Expected: object, given: {_type(block)}.", f"personalizations.{index}",
                      "message.personalizations")
            )  # fmt: skip
            continue
        total += _recipients(block, index, seen, errors)
        _block(block, f"personalizations.{index}", shared, errors)
    if total > MAX_RECIPIENTS:
        errors.append(
            error(
                f"There is a limit of {MAX_RECIPIENTS} total recipients (to + cc + bcc) per request.",
                "personalizations",
                "message.recipient-errors",
            )
        )


def _recipients(block: dict[str, Any], index: int, seen: set[str], errors: Errors) -> int:
    to = block.get("to")
    if not isinstance(to, list) or not to:
        errors.append(
            error(
                "The to array is required for all personalization objects, and must have at least one email object"
                " with a valid email address.",
                f"personalizations.{index}.to",
                "message.personalizations.to",
            )
        )
        return 0
    total = 0
    here: set[str] = set()
    for part in ("to", "cc", "bcc"):
        entries = block.get(part)
        if entries is None:
            continue
        anchor = f"message.personalizations.{part}"
        if not isinstance(entries, list):
            field = f"personalizations.{index}.{part}"
            errors.append(error(f"Invalid type. Expected: array, given: {_type(entries)}.", field, anchor))
            continue
        for number, entry in enumerate(entries):
            total += 1
            email = entry.get("email") if isinstance(entry, dict) else None
            if not _valid_address(email):
                field = f"personalizations.{index}.{part}.{number}.email"
                if isinstance(email, str) and len(email) > 320:
                    name = part.upper() if part != "to" else "To"
                    words = f"The {name} email exceeds the maximum total length of 320 characters"
                    errors.append(error(words, field, anchor))
                else:
                    errors.append(error("Does not contain a valid address.", field, anchor))
                continue
            folded = str(email).lower()
            if folded in here:
                errors.append(
                    error(
                        "Each email address in the personalization block should be unique between to, cc, and bcc."
                        f" We found the first duplicate instance of [{email}] in the"
                        f" personalizations.{index}.{part} field.",
                        f"personalizations.{index}",
                        "message.recipient-errors",
                    )
                )
            elif folded in seen:
                errors.append(
                    error(
                        "Each unique email address in the personalizations array should only be included once."
                        f" You have included [{email}] more than once.",
                        "personalizations",
                        "message.personalizations",
                    )
                )
            here.add(folded)
    seen |= here
    return total


def _block(block: dict[str, Any], path: str, shared: dict[str, Any], errors: Errors) -> None:
    args = block.get("custom_args")
    if args is not None:
        _args(args, f"{path}.custom_args", "message.personalizations.custom_args", errors, shared)
    substitutions = block.get("substitutions")
    if substitutions is not None:
        _substitutions(substitutions, f"{path}.substitutions", errors)
    headers = block.get("headers")
    if headers is not None:
        _headers(headers, f"{path}.headers", "message.personalizations.headers", errors)
    subject = block.get("subject")
    if subject is not None and (not isinstance(subject, str) or not subject):
        errors.append(
            error(
                "The subject of your email must be a string at least one character in length.",
                f"{path}.subject",
                "message.personalizations.subject",
            )
        )
    if "send_at" in block:
        _send_at(block, f"{path}.", errors)
    if block.get("dynamic_template_data") is not None and block.get("substitutions") is not None:
        errors.append(
            error("Substitutions may not be used with dynamic templating", path, "message.personalizations")
        )


def _args(args: Any, field: str, anchor: str, errors: Errors, shared: dict[str, Any] | None = None) -> None:
    if not isinstance(args, dict):
        errors.append(error(f"Invalid type. Expected: object, given: {_type(args)}.", field, anchor))
        return
    size = 0
    for name, value in {**(shared or {}), **args}.items():
        if not isinstance(value, str):
            errors.append(
                error("All values of custom arguments object must be strings", f"{field}.{name}", anchor)
            )
            return
        size += len(name) + len(value) if name.isascii() and value.isascii() else len((name + value).encode())
    if size > MAX_ARGS_BYTES:
        errors.append(
            error(
                "The combined size of both global and personalization custom arguments may not exceed 10,000 bytes"
                " per personalization.",
                field,
                anchor,
            )
        )


def _substitutions(substitutions: Any, field: str, errors: Errors) -> None:
    anchor = "message.personalizations.substitutions"
    strings = isinstance(substitutions, dict) and all(type(value) is str for value in substitutions.values())
    if not strings:
        words = (
            "The substitution values must be an object of key/value pairs, where the values are all strings."
        )
        errors.append(error(words, field, anchor))
        return
    size = sum(map(len, substitutions)) + sum(map(len, substitutions.values()))
    if size * 4 > MAX_SUBSTITUTION_BYTES:  # only a large one needs its exact size in bytes
        size = sum(len((name + value).encode()) for name, value in substitutions.items())
    if size > MAX_SUBSTITUTION_BYTES:
        words = "The combined size of the substitutions may not exceed 10,000 bytes per personalization."
        errors.append(error(words, field, anchor))


def _headers(headers: Any, field: str, anchor: str, errors: Errors) -> None:
    if headers is None:
        return
    if not isinstance(headers, dict):
        errors.append(error(f"Invalid type. Expected: object, given: {_type(headers)}.", field, anchor))
        return
    seen: set[str] = set()
    for name, value in headers.items():
        folded = name.lower()
        if type(value) is not str:
            errors.append(error("The header values must be strings.", f"{field}.{name}", anchor))
        elif folded in RESERVED_HEADERS:
            errors.append(error("Header cannot be one of the reserved keys.", f"{field}.{name}", anchor))
        elif folded in seen:
            errors.append(error("The headers cannot contain duplicate keys.", f"{field}.{name}", anchor))
        elif _HEADER_NAME.fullmatch(name) is None:
            words = "Header keys cannot contain non-ASCII characters or empty spaces."
            errors.append(error(words, f"{field}.{name}", anchor))
        seen.add(folded)


def _subject(mail: dict[str, Any], errors: Errors) -> None:
    subject = mail.get("subject")
    if subject is not None and (not isinstance(subject, str) or not subject):
        errors.append(
            error(
                "The subject of your email must be a string at least one character in length.",
                "subject",
                "message.subject",
            )
        )
        return
    blocks = mail.get("personalizations")
    everyone = isinstance(blocks, list) and all(isinstance(b, dict) and b.get("subject") for b in blocks)
    if subject is None and not everyone:
        errors.append(
            error(
                "The subject is required. You can get around this requirement if you use a template with a subject"
                " defined or if every personalization has a subject defined.",
                "subject",
                "message.subject",
            )
        )


def _content(mail: dict[str, Any], errors: Errors) -> None:
    content = mail.get("content")
    if not isinstance(content, list) or not content:
        errors.append(
            error(
                "Unless a valid template_id is provided, the content parameter is required. There must be at least"
                " one defined content block. We typically suggest both text/plain and text/html blocks are included,"
                " but only one block is required.",
                "content",
                "message.content",
            )
        )
        return
    kinds = []
    for index, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        value = part.get("value") if isinstance(part, dict) else None
        if not isinstance(kind, str) or not kind:
            words = "Your content type must be a string with length of at least one character."
            errors.append(error(words, f"content.{index}.type", f"message.content.{index}.type"))
        elif any(mark in kind for mark in ";\r\n"):
            words = "Cannot contain ';', or CRLF characters."
            errors.append(error(words, f"content.{index}.type", f"message.content.{index}.type"))
        if not isinstance(value, str) or not value:
            words = "The content value must be a string at least one character in length."
            errors.append(error(words, f"content.{index}.value", f"message.content.{index}.value"))
        kinds.append(kind)
    order = {"text/plain": 0, "text/x-amp-html": 1, "text/html": 2}
    ranks = [order.get(str(kind), 3) for kind in kinds]
    if ranks != sorted(ranks):
        errors.append(
            error(
                "Following RFC 1341, section 7.2, if either text/html or text/plain are to be sent in your email:"
                " text/plain needs to be first, followed by text/html, followed by any other content.",
                "content",
                "message.content",
            )
        )


def _attachments(mail: dict[str, Any], errors: Errors) -> None:
    attachments = mail.get("attachments")
    if attachments is None:
        return
    for index, part in enumerate(attachments if isinstance(attachments, list) else [attachments]):
        content = part.get("content") if isinstance(part, dict) else None
        if not isinstance(content, str) or not content:
            words = "The attachment content must be a string at least one character in length."
            errors.append(error(words, f"attachments.{index}.content", "message.attachments.content"))
        elif re.fullmatch(r"[A-Za-z0-9+/\s]+={0,2}\s*", content) is None:
            words = "The attachment content must be base64 encoded."
            errors.append(error(words, f"attachments.{index}.content", "message.attachments.content"))
        if not isinstance(part, dict) or not isinstance(part.get("filename"), str):
            words = "The filename of your attachment must be a string."
            errors.append(error(words, f"attachments.{index}.filename", "message.attachments.filename"))


def _categories(mail: dict[str, Any], errors: Errors) -> None:
    categories = mail.get("categories")
    if categories is None:
        return
    anchor = "message.categories"
    if not isinstance(categories, list) or any(not isinstance(category, str) for category in categories):
        errors.append(error("Categories must be an array of strings.", "categories", anchor))
        return
    if len(categories) > MAX_CATEGORIES:
        errors.append(
            error(
                f"There is a limit of {MAX_CATEGORIES} categories for each email that is sent."
                f" You provided {len(categories)} categories.",
                "categories",
                anchor,
            )
        )
    for index, category in enumerate(categories):
        if len(category) > 255:
            words = f"Each category must not be longer than 255 characters. {category} exceeds this limit"
            errors.append(error(words, f"categories.{index}", anchor))
        if category in categories[:index]:
            words = f"The categories must be a unique list, and you have included {category} more than once. "
            errors.append(error(words, f"categories.{index}", anchor))


def _send_at(holder: dict[str, Any], path: str, errors: Errors) -> None:
    send_at = holder.get("send_at")
    if send_at is None:
        return
    anchor = "message.personalizations.send_at" if path else "message.send_at"
    if type(send_at) is not int:
        words = (
            "The send_at parameter is expecting a Unix timestamp as an integer. We will send immediately if you"
            " include a send_at timestamp that is in the past."
        )
        errors.append(error(words, f"{path}send_at", anchor))
    elif send_at > time.time() + MAX_AHEAD_SECONDS:
        words = "Scheduling more than 72 hours in advance is forbidden."
        errors.append(error(words, f"{path}send_at", anchor))


def _asm(mail: dict[str, Any], errors: Errors) -> None:
    asm = mail.get("asm")
    if asm is None:
        return
    if not isinstance(asm, dict) or type(asm.get("group_id")) is not int:
        errors.append(error("The ASM group ID must be an integer.", "asm.group_id", "message.asm.group_id"))
        return
    groups = asm.get("groups_to_display")
    if groups is None:
        return
    field, anchor = "asm.groups_to_display", "message.asm.groups_to_display"
    if not isinstance(groups, list) or any(type(group) is not int for group in groups):
        errors.append(error("The ASM Group IDs to display must be an array of integers.", field, anchor))
    elif len(groups) > 25:
        words = "There is a limit of 25 unsubscribe groups that can be displayed to a user at a time."
        errors.append(error(words, field, anchor))
