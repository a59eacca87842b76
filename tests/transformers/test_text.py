"""Texts: mended where that is certain, made safe where they are HTML, left alone otherwise."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformers.text import clean_html, mended, one_line, prose, without_invisible

TAGS = frozenset({"p", "br", "ul", "li", "strong", "a", "table", "td"})


def series(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("CafÃ© crÃ¨me", "Café crème"), ("donâ€™t", "don’t"), ("10 Â°C", "10 °C"), ("\x93citaat\x94", "“citaat”"),
        ("Ã la carte", "à la carte"), ("cafe\u0301", "café"), ("Ca\x00fÃ\x00©", "Café"),
    ],
)  # fmt: skip
def test_certain_damage_is_mended(damaged: str, meant: str) -> None:
    assert prose(series(damaged))[0] == meant


@pytest.mark.parametrize(
    "text",
    ["São Paulo", "SÃO PAULO", "été à la carte « œuvre »", "Caf\ufffd", "Ã?tÃ©", "Â", "5 € – ‘ja’", "naïve Ångström"],
)
def test_right_or_uncertain_texts_stay(text: str) -> None:
    assert mended(series(text))[0] == text


def test_what_can_not_be_seen_is_removed() -> None:
    assert without_invisible(series("a\x00b\u200bc\u202ed\x7fe\r\nf\rg\ufeff"))[0] == "abcde\nf\ng"
    assert without_invisible(series("1\u00a0000 g\u200d"))[0] == "1\u00a0000 g\u200d"


def test_names_are_one_line_and_keep_double_spaces_for_a_rule() -> None:
    assert one_line(series(" a  b\t\n c ", None)).fillna("-").tolist() == ["a  b c", "-"]


@pytest.mark.parametrize(
    ("html", "clean", "removed"),
    [
        ("<p>Goed</p>", "<p>Goed</p>", None),
        ("B&O < 2", "B&amp;O &lt; 2", None),
        ("<script>steel()</script><p>a</p>", "<p>a</p>", "script"),
        ("<p onclick='x()'>a</p>", "<p>a</p>", "event handler"),
        ("<iframe src='//x'></iframe>a", "a", "iframe"),
        ('<p class="MsoNormal" style="margin:0">a<o:p></o:p></p>', "<p>a</p>", "o:p, style attribute, Word markup"),
        ("<a href='javascript:x()'>a</a>", '<a rel="noopener noreferrer">a</a>', "script link"),
        ("<a href='https://x.example/?a&b'>a</a>", '<a href="https://x.example/?a&amp;b" rel="noopener noreferrer">a</a>', None),
        ("<SCRIPT>x</SCRIPT >", None, "script"),
        ("<svg/onload=alert(1)>", None, "svg, event handler"),
        ("<p>open", "<p>open</p>", None),
    ],
)  # fmt: skip
def test_html_is_cleaned_and_what_went_is_told(html: str, clean: str | None, removed: str | None) -> None:
    texts, gone = clean_html(series(html), TAGS)
    assert (None if pd.isna(texts[0]) else texts[0]) == clean
    assert (None if pd.isna(gone[0]) else gone[0]) == removed


def test_texts_without_markup_are_not_touched() -> None:
    texts, gone = clean_html(series("Gewone tekst.", None), TAGS)
    assert texts.fillna("-").tolist() == ["Gewone tekst.", "-"]
    assert gone.isna().all()


PIECES = st.sampled_from(
    [
        "<", ">", "&", "</", "<p>", "<P ", "<script>", "</script>", "<a href='javascript:x'>", "<img src=x onerror=y>", "&lt;",
        "é", " ", "style=", "<!--", "<svg><style>", "]]>", "<math><mtext>",
    ]
)  # fmt: skip


# without control characters: taking one out can join two halves of a damaged letter, which a second pass would then mend
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=5)


@given(st.lists(st.one_of(PIECES, WORDS), max_size=8).map("".join))
@settings(max_examples=80, deadline=None)
def test_clean_html_is_safe_and_cleaning_twice_changes_nothing(html: str) -> None:
    once, _ = clean_html(series(html), TAGS)
    twice, _ = clean_html(once, TAGS)
    assert once.fillna("").tolist() == twice.fillna("").tolist()
    text = once.fillna("")[0].lower()
    assert not any(tag in text for tag in ("<script", "<img", "<svg", "<style", "javascript:x'"))
