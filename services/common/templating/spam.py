"""The spam score of a content (CAM-95): one table for templates, campaigns and checks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from services.common.templating.plaintext import visible_text

PASSING_SCORE: Final = 5
HIGH_RISK: Final = (
    "viagra", "pills", "weight loss", "get rich", "work from home", "nigerian prince", "inheritance", "winner",
    "selected",
)  # fmt: skip
MEDIUM_RISK: Final = (
    "free", "guarantee", "no obligation", "risk free", "urgent", "act now", "limited time", "exclusive deal",
    "click here",
)  # fmt: skip
LOW_RISK: Final = ("cash", "prize")
PROMOTIONAL: Final = ("sale", "discount", "offer", "special", "new", "important")
SHORTENERS: Final = frozenset({"bit.ly", "tinyurl", "tinyurl.com", "goo.gl", "ow.ly"})
MINIMUM_LETTERS: Final = 20
EXPRESSION: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
ADDRESS: Final = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
FAKE_REPLY: Final = re.compile(r"\s*(re|fwd?)\s*:", re.IGNORECASE)
MONEY: Final = re.compile(r"[$€]{3}")


@dataclass(frozen=True, slots=True)
class SpamReport:
    """The score, the flag and points of each finding in the order of the table, and what to do about it."""

    score: int
    findings: tuple[tuple[str, int], ...]
    recommendations: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return self.score <= PASSING_SCORE

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(flag for flag, _ in self.findings))


@dataclass(frozen=True, slots=True)
class _Mail:
    """What the checks look at; expressions of the template language count as nothing."""

    subject: str
    text: str
    html_text: str
    links: tuple[str, ...]
    images: int
    has_html: bool

    @property
    def words(self) -> str:
        return f"{self.subject}\n{self.text}"


def score_spam(channel: str, subject: str | None, text: str | None, html: str | None = None) -> SpamReport:
    """Scores the original text; sms and push are judged by words, capitals and punctuation only."""
    mail = _read(subject or "", text, html)
    checks = EVERYWHERE if channel != "email" else EVERYWHERE + EMAIL
    findings = tuple(finding for check in checks for finding in check(mail))
    score = sum(points for _, points in findings)
    return SpamReport(score, findings, _recommendations(score, {flag for flag, _ in findings}))


def _read(subject: str, text: str | None, html: str | None) -> _Mail:
    subject = EXPRESSION.sub("", subject)
    html_text, links, images = "", [], 0
    if html is not None:
        # An address made by an expression is still a link.
        parser = LexborHTMLParser(EXPRESSION.sub("https://variable.invalid/", html))
        links = [
            href for node in parser.css("a[href]") if (href := (node.attributes.get("href") or "").strip())
        ]
        links = [href for href in links if href.lower().startswith(("http://", "https://"))]
        images = len(parser.css("img"))
        html_text = visible_text(EXPRESSION.sub("", html))
    shown = EXPRESSION.sub("", text) if text is not None else html_text
    if html is None:
        links = ADDRESS.findall(EXPRESSION.sub("", text or ""))
    return _Mail(subject, shown, html_text, tuple(links), images, html is not None)


def _found(words: tuple[str, ...], text: str) -> int:
    return sum(1 for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))


def _risk_words(mail: _Mail) -> list[tuple[str, int]]:
    table = (
        (HIGH_RISK, 3, "high_risk_word"),
        (MEDIUM_RISK, 2, "medium_risk_word"),
        (LOW_RISK, 1, "low_risk_word"),
    )
    findings = [(flag, points) for words, points, flag in table for _ in range(_found(words, mail.words))]
    promotional = _found(PROMOTIONAL, mail.words)
    return findings + ([("multiple_promotional_words", promotional)] if promotional > 3 else [])


def _capitals(mail: _Mail) -> list[tuple[str, int]]:
    letters = sum(character.isalpha() for character in mail.words)
    capitals = sum(character.isupper() for character in mail.words)
    if letters < MINIMUM_LETTERS or capitals * 5 <= letters:
        return []
    return [("excessive_caps", 3)] if capitals * 10 > letters * 3 else [("high_caps", 1)]


def _punctuation(mail: _Mail) -> list[tuple[str, int]]:
    findings = []
    exclamations = mail.words.count("!")
    if exclamations > 3:
        findings.append(("excessive_exclamation", 2) if exclamations > 5 else ("multiple_exclamation", 1))
    if mail.words.count("?") > 5:
        findings.append(("excessive_questions", 1))
    if MONEY.search(mail.words):
        findings.append(("money_symbols", 2))
    return findings


def _links(mail: _Mail) -> list[tuple[str, int]]:
    findings = []
    if len(mail.links) > 5:
        findings.append(("too_many_links", 3) if len(mail.links) > 10 else ("multiple_links", 1))
    if any(_host(link) in SHORTENERS for link in mail.links):
        findings.append(("url_shortener", 2))
    return findings


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _images(mail: _Mail) -> list[tuple[str, int]]:
    return [("image_heavy", 2)] if mail.has_html and mail.images > 1 and len(mail.html_text) < 100 else []


def _subject(mail: _Mail) -> list[tuple[str, int]]:
    subject, findings = mail.subject.strip(), []
    if len(subject) > 5 and subject.isupper():
        findings.append(("subject_all_caps", 2))
    if FAKE_REPLY.match(subject):
        findings.append(("fake_reply", 3))
    if len(subject) < 3:
        findings.append(("short_subject", 1))
    return findings


_Check = Callable[[_Mail], list[tuple[str, int]]]
EVERYWHERE: Final[tuple[_Check, ...]] = (_risk_words, _capitals, _punctuation)
EMAIL: Final[tuple[_Check, ...]] = (_links, _images, _subject)


def _recommendations(score: int, flags: set[str]) -> tuple[str, ...]:
    advice = []
    if score > 3:
        advice.append("Reword the subject and the text: fewer words that mail filters distrust.")
    if "excessive_caps" in flags:
        advice.append("Use fewer capitals.")
    if "too_many_links" in flags:
        advice.append("Use fewer links.")
    return tuple(advice)
