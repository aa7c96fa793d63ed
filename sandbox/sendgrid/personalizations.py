"""Who a request comes from and whom it is for: senders and personalizations."""

from typing import Any

from sandbox.sendgrid.errors import error
from sandbox.sendgrid.fields import check_args, check_headers, check_send_at, check_substitutions
from sandbox.sendgrid.values import EXAMPLE, Errors, is_address, kind_of

MAX_PERSONALIZATIONS = 1000
MAX_RECIPIENTS = 1000


def check_senders(mail: dict[str, Any], errors: Errors) -> None:
    """Adds what is wrong with who sends, and who is answered."""
    sender = mail.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        errors.append(
            error(
                "The from object must be provided for every email send. It is an object that requires the email"
                f" parameter, but may also contain a name parameter.  {EXAMPLE}",
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
    elif not is_address(sender["email"]):
        errors.append(error("The from email does not contain a valid address.", "from.email", "message.from"))
    reply_to = mail.get("reply_to")
    if reply_to is not None and not (isinstance(reply_to, dict) and is_address(reply_to.get("email"))):
        errors.append(
            error(
                "The reply_to email does not contain a valid address.", "reply_to.email", "message.reply_to"
            )
        )


def check_personalizations(mail: dict[str, Any], errors: Errors) -> None:
    """Adds what is wrong with whom a request is for."""
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
                error(f"Invalid type. Expected: object, given: {kind_of(block)}.", f"personalizations.{index}",
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
            errors.append(error(f"Invalid type. Expected: array, given: {kind_of(entries)}.", field, anchor))
            continue
        for number, entry in enumerate(entries):
            total += 1
            email = entry.get("email") if isinstance(entry, dict) else None
            if not is_address(email):
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
        check_args(args, f"{path}.custom_args", "message.personalizations.custom_args", errors, shared)
    substitutions = block.get("substitutions")
    if substitutions is not None:
        check_substitutions(substitutions, f"{path}.substitutions", errors)
    headers = block.get("headers")
    if headers is not None:
        check_headers(headers, f"{path}.headers", "message.personalizations.headers", errors)
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
        check_send_at(block, f"{path}.", errors)
    if block.get("dynamic_template_data") is not None and block.get("substitutions") is not None:
        errors.append(
            error("Substitutions may not be used with dynamic templating", path, "message.personalizations")
        )
