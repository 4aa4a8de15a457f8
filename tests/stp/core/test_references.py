"""Two references that look the same are one; two that can be told apart stay two."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp.core.references import _LOOKS, in_latin, lookalike, plain


@pytest.mark.parametrize(
    "typed",
    [
        "UC-01", "\uff35\uff23-01", "\uff35\uff23\uff0d\uff10\uff11", "UC -01", "UC- 01",
        " UC \u00a0-\u2003 01\n", "UC\u201301", "UC \u2212 01", "UC\ufe6301", "UC\u201101",
        "\U0001d414\U0001d402-\U0001d7ce\U0001d7cf",
    ],
)  # fmt: skip
def test_looks_the_same(typed: str) -> None:
    assert plain(typed) == "UC-01", ascii(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("UC\u00b2", "UC\u00b2"), ("UC\u2460", "UC\u2460"), ("UC\u00bd", "UC\u00bd"),
        ("UC 01", "UC 01"), ("UC_01", "UC_01"), ("UC/01", "UC/01"), ("UC--01", "UC--01"),
        ("Cafe\u0301", "Caf\u00e9"), ("\ufb01t-1", "fit-1"), ("\u2163-1", "IV-1"), ("", ""),
    ],
)  # fmt: skip
def test_told_apart_stays_apart(typed: str, kept: str) -> None:
    assert plain(typed) == kept, ascii(typed)


@given(st.text(max_size=30))
def test_plain_again_changes_nothing(typed: str) -> None:
    assert plain(plain(typed)) == plain(typed)


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("UC-01", None),
        ("007", None),
        ("Caf\u00e9-1", None),
        ("\u0416\u041a-01", None),  # ЖК: no Latin letter looks like Zhe
        ("\u0394-1", None),  # Delta
        ("\u7406\u7531-1", None),
        ("U\u0421-01", ("\u0421", "Cyrillic", "C")),
        ("\u0421-01", ("\u0421", "Cyrillic", "C")),
        ("\u0410\u0412-01", ("\u0410", "Cyrillic", "A")),
        ("\u0416\u041a-A1", ("\u041a", "Cyrillic", "K")),
        ("PR-\u039f1", ("\u039f", "Greek", "O")),
        ("pr-\u03bf1", ("\u03bf", "Greek", "o")),
    ],
)
def test_lookalike(ref: str, found: tuple[str, str, str] | None) -> None:
    assert lookalike(ref) == found, ascii(ref)


def test_every_lookalike_is_of_its_script_and_case() -> None:
    assert len(_LOOKS) > 50
    for letter, (script, latin) in _LOOKS.items():
        name = unicodedata.name(letter)
        assert name.startswith(script.upper()), name
        assert latin.isascii(), name
        assert latin.isupper() == ("CAPITAL" in name), name
        assert in_latin(f"x{letter}") == f"x{latin}"
