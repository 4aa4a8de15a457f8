"""How much of a text a person can see: what is asked for in characters is counted so. Pure."""

import unicodedata

# Letters and symbols by category, drawn as nothing: Hangul fillers and the blank Braille pattern.
_DRAWN_AS_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u2800")


# Marks that only tell how the character before is drawn (joiners, variation selectors).
_TELLS_DRAWING = frozenset(
    [
        0x034F,
        0x17B4,
        0x17B5,
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ]
)


def is_unseen(char: str) -> bool:
    """Whether a character that Unicode calls printable is drawn as nothing, not even a space."""
    return char in _DRAWN_AS_NOTHING or ord(char) in _TELLS_DRAWING


def seen_length(text: str) -> int:
    """Characters of a text as a person counts them: a run of spaces is one, at the ends none.

    Control, format and unassigned characters (C*) count nothing, nor does a mark that stands on
    another character (Mn, Me).
    """
    return len(" ".join("".join(map(_seen, text)).split()))


def _seen(char: str) -> str:
    """The character, a space for any kind of space, or nothing."""
    category = unicodedata.category(char)
    if category[0] == "Z" or char.isspace():
        return " "
    nothing = category[0] == "C" or category in ("Mn", "Me") or char in _DRAWN_AS_NOTHING
    return "" if nothing else char
