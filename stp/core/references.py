"""References as compared: two that look the same are the same. Pure.

What a word processor, another keyboard or a copy from a PDF makes of a reference is made plain
again: full-width letters and digits, ligatures, é in one sign or two, any space, a hyphen of any
kind and spaces around it. Signs that can be told apart (UC², UC①) stay.
"""

import re
import unicodedata
from functools import lru_cache

# Hyphens, dashes and the minus sign: what a word processor makes of the key "-".
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_AROUND_HYPHEN = re.compile(r"\s*-\s*")
# Compatibility forms that look different from what they stand for.
_TOLD_APART = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")
# Capital and small letters of Cyrillic and Greek that print as the Latin letter beside them.
_CYRILLIC = (
    "АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ԚQ ԜW аa еe ѕs іi јj оo рp сc уy хx ԁd һh ԛq ԝw"
)
_GREEK = "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa ιi νv οo ρp υu ϲc ϳj"
_LOOKS = {
    pair[0]: (script, pair[1])
    for script, pairs in (("Cyrillic", _CYRILLIC), ("Greek", _GREEK))
    for pair in pairs.split()
}


def plain(text: str) -> str:
    """The text with signs that look the same made one; spaces collapsed, none around a hyphen."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", "".join(map(_plain_sign, text))).translate(_HYPHENS)
    return _AROUND_HYPHEN.sub("-", " ".join(text.split()))


def key(text: str) -> str:
    """What two references that are the same have in common: plain, and in no case."""
    return plain(text).casefold()


@lru_cache(4096)
def _plain_sign(char: str) -> str:
    tag = unicodedata.decomposition(char).partition(" ")[0]
    if not tag.startswith("<") or tag in _TOLD_APART:
        return char
    return unicodedata.normalize("NFKC", char)


def lookalike(ref: str) -> tuple[str, str, str] | None:
    """(letter, its script, the Latin letter it looks like) where a reference can be misread.

    A letter of another script is no fault of itself: one that looks Latin is, among Latin letters
    or where all the letters look so. The whole reference in Latin letters is `in_latin`.
    """
    letters = [char for char in ref if char.isalpha()]
    found = [char for char in letters if char in _LOOKS]
    is_latin = any(unicodedata.name(char, "").startswith("LATIN ") for char in letters)
    if not found or not (is_latin or len(found) == len(letters)):
        return None
    return found[0], *_LOOKS[found[0]]


def in_latin(ref: str) -> str:
    """The reference with each letter that looks Latin as the Latin one."""
    return "".join(_LOOKS[char][1] if char in _LOOKS else char for char in ref)
