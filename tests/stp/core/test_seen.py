"""What is counted is what can be seen."""

import pytest

from stp.core.seen import seen_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("   \t\r\n ", 0),
        ("Agreed now", 10),
        ("  Agreed \n\n now ", 10),
        ("Agreed\u00a0now", 10),
        ("Agreed\u200bnow", 9),
        ("\u200b" * 12, 0),
        ("\u3164" * 12, 0),
        ("\u115f\u1160\uffa0\u2800" * 3, 0),
        ("\u034f\ufe0f" * 6, 0),
        ("\x00\x07\x7f\u202e\u2066\ufeff\ue000\U000e0041", 0),
        (" \u2003 \u3000 \u2028 ", 0),
        (". . . .", 7),
        ("cafe\u0301", 4),
        ("Ωμέγα", 5),
        ("理由", 2),
    ],
)
def test_seen_length(text: str, length: int) -> None:
    assert seen_length(text) == length, ascii(text)
