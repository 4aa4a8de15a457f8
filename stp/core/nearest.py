"""The valid value a mistyped one was probably meant to be. Pure.

Only values handed in are ever named, so a caller that passes what the sender may see reveals
nothing else. Nothing is named unless it is near; of several equally near each is.
"""

from collections.abc import Iterable, Sequence

MOST = 3  # names in one question: more of them equally near is no guess at all
LONGEST = 60  # characters of a value that are compared; no code or word of a list is longer
# Letters and figures that eyes and keyboards confuse.
_ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})


def nearest(word: str, options: Iterable[str]) -> tuple[str, ...]:
    """The options nearest to `word`, in their own order; () when none is near or too many are.

    Near is one slip (a character left out, added, changed, or two swapped) in up to five
    characters, two in up to eleven, three beyond. Case, spaces, hyphens and confused figures
    (O for 0, l for 1) are no slip. One to two characters are too few to guess from.
    """
    key = _key(word)
    if len(key) < 3 or len(word) > LONGEST:
        return ()
    allowed = 1 if len(key) <= 5 else 2 if len(key) <= 11 else 3
    far = {
        option: _slips(key, other, allowed)
        for option in dict.fromkeys(options)
        if abs(len(other := _key(option)) - len(key)) <= allowed
    }
    least = min(far.values(), default=allowed + 1)
    if least > allowed:
        return ()
    found = tuple(option for option, slips in far.items() if slips == least)
    return found if len(found) <= MOST else ()


def question(word: str, options: Iterable[str]) -> str:
    """'Did you mean “UC-01” or “UC-07”?'; '' where nothing is near."""
    return question_of(nearest(word, options))


def question_of(found: Sequence[str]) -> str:
    """The question that names values found another way; '' of none."""
    if not found:
        return ""
    quoted = [f"“{option}”" for option in found]
    first = f"{', '.join(quoted[:-1])} or " if quoted[1:] else ""
    return f"Did you mean {first}{quoted[-1]}?"


def _key(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum()).translate(_ALIKE)


def _slips(one: str, other: str, most: int) -> int:
    """Optimal string alignment distance; `most` + 1 as soon as it is certain to be passed."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, char in enumerate(one, start=1):
        before, last, row = row, before, [place]
        for at, match in enumerate(other, start=1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (char != match))
            if last and at > 1 and char == other[at - 2] and one[place - 2] == match:
                cost = min(cost, last[at - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
