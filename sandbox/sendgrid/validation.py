"""The rules of POST /v3/mail/send: what SendGrid refuses with 400, and in which words."""

import re
from typing import Any

from sandbox.sendgrid.errors import error
from sandbox.sendgrid.fields import check_args, check_headers, check_send_at
from sandbox.sendgrid.personalizations import check_personalizations, check_senders
from sandbox.sendgrid.values import Errors, kind_of

MAX_CATEGORIES = 10


def validate(mail: Any) -> Errors:
    """Returns every error of a request, in SendGrid's shape; an empty list means it is accepted."""
    if not isinstance(mail, dict):
        return [error(f"Invalid type. Expected: object, given: {kind_of(mail)}.", "(root)")]
    errors: Errors = []
    check_senders(mail, errors)
    check_personalizations(mail, errors)
    _subject(mail, errors)
    _content(mail, errors)
    _attachments(mail, errors)
    _categories(mail, errors)
    check_headers(mail.get("headers"), "headers", "message.headers", errors)
    if "custom_args" in mail and mail["custom_args"] is not None:
        check_args(mail["custom_args"], "custom_args", "message.custom_args", errors)
    check_send_at(mail, "", errors)
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
