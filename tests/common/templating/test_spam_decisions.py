"""What the one table of the spam score decided against what came before it (CAM-129 to CAM-133)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.templating import spam
from services.common.templating.spam import PASSING_SCORE, score_spam

CALM = "we roasted on tuesday and packed it the same day"
WORDS = {
    **dict.fromkeys(spam.HIGH_RISK, ("high_risk_word", 3)),
    **dict.fromkeys(spam.MEDIUM_RISK, ("medium_risk_word", 2)),
    **dict.fromkeys(spam.LOW_RISK, ("low_risk_word", 1)),
}
CHANNELS = ("email", "sms", "whatsapp", "push", "in_app")


def findings(
    text: str, *, subject: str = "Our letter", channel: str = "email", html: str | None = None
) -> dict[str, int]:
    return dict(score_spam(channel, subject, text, html).findings)


@pytest.mark.req("CAM-129")
@given(st.sampled_from(sorted(WORDS)), st.sampled_from(CHANNELS), st.booleans())
def test_every_use_scores_by_the_same_words_and_weights(word: str, channel: str, in_subject: bool) -> None:
    flag, points = WORDS[word]
    text, subject = (CALM, f"About {word}") if in_subject else (f"{CALM} {word}", "Our letter")
    found = [one for one in score_spam(channel, subject, text).findings if one[0].endswith("risk_word")]
    inner = [other for other in WORDS if other != word and f" {other} " in f" {word} "]
    assert (flag, points) in found
    assert len(found) == 1 + len(inner)


@pytest.mark.req("CAM-130")
@given(st.integers(0, 60), st.integers(0, 60))
def test_capitals_are_counted_in_what_people_read(capitals: int, small: int) -> None:
    text = "X" * capitals + " " + "y" * small
    found = findings(text, subject="", html=f'<p class="{"A" * 500}">{text}</p>', channel="push")
    share = capitals / (capitals + small) if capitals + small else 0
    wanted = (
        {}
        if capitals + small < 20 or share <= 0.2
        else {"high_caps": 1}
        if share <= 0.3
        else {"excessive_caps": 3}
    )
    assert {name: points for name, points in found.items() if "caps" in name} == wanted


@pytest.mark.req("CAM-131")
@given(st.sampled_from(sorted(WORDS)), st.sampled_from(["s", "dom", "ly", "x1", "_"]), st.booleans())
def test_a_word_within_another_word_is_another_word(word: str, more: str, before: bool) -> None:
    whole = f"{more}{word}" if before else f"{word}{more}"
    inner = {
        other
        for other in WORDS
        if other != word and other in word.split()[1 if before else 0 : None if before else -1]
    }
    flags = {WORDS[one][0] for one in inner}
    assert set(findings(f"{CALM} {whole} {CALM}", channel="sms")) <= flags
    assert WORDS[word][0] in findings(f"{CALM} {word.upper()} {CALM}", channel="sms")


@pytest.mark.req("CAM-132")
@given(st.integers(0, 14), st.booleans())
def test_shorteners_and_the_number_of_links_count_each_for_itself(links: int, shortened: bool) -> None:
    html = "".join(f'<a href="https://example.com/{number}">x</a>' for number in range(links))
    html += '<a href="https://bit.ly/x">x</a>' if shortened else ""
    count = links + shortened
    found = findings(CALM, html=f"<p>{CALM}</p>{html}")
    assert found.get("url_shortener") == (2 if shortened else None)
    assert found.get("too_many_links") == (3 if count > 10 else None)
    assert found.get("multiple_links") == (1 if 5 < count <= 10 else None)


@pytest.mark.req("CAM-132")
@pytest.mark.parametrize("prefix", ["re:", "RE:", "Re :", "fw:", "FWD:", "fwd:"])
def test_every_reply_that_is_none_is_flagged(prefix: str) -> None:
    assert findings(CALM, subject=f"{prefix} our letter")["fake_reply"] == 3
    assert "fake_reply" not in findings(CALM, subject="Recent letters")


@pytest.mark.req("CAM-132")
@given(st.text(alphabet="!#%&*-0123456789 ", min_size=6, max_size=30))
def test_a_subject_without_a_letter_is_not_all_capitals(subject: str) -> None:
    assert "subject_all_caps" not in findings(CALM, subject=subject)
    assert findings(CALM, subject="OUR LETTER")["subject_all_caps"] == 2


@pytest.mark.req("CAM-95", "CAM-133")
@given(st.lists(st.sampled_from(sorted(WORDS)), max_size=4, unique=True))
def test_the_score_is_the_sum_of_its_findings_and_five_pass(words: list[str]) -> None:
    report = score_spam("sms", None, f"{CALM} {' and '.join(words)}")
    assert report.score == sum(points for _, points in report.findings)
    assert report.passed == (report.score <= PASSING_SCORE)
    assert bool(report.recommendations) == (report.score > 3)
