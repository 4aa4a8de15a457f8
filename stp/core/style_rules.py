"""Leave rules out of a built style sheet: those of classes that no page of ours names.

The sheet is read as rules within rules and written back as it stood; nothing is reworded. A rule
of several selectors keeps those that are in use; a rule or an @media left empty goes.
"""

import re
from collections.abc import Iterator

# What a sheet is made of: quoted text, comments, braces and semicolons, and all between them.
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|/\*.*?\*/|[{};]|[^{};"\'/]+|/', re.S)
_NESTING = ("@media", "@supports", "@container", "@layer")


class Unreadable(ValueError):
    """The braces of the sheet do not pair: says which is missing."""


def without(css: str, unused: re.Pattern[str]) -> str:
    """The sheet without selectors in which `unused` is found. Unreadable if braces do not pair."""
    return "".join(_kept(iter(_TOKEN.findall(css)), unused, inside=False))


def _kept(tokens: Iterator[str], unused: re.Pattern[str], *, inside: bool) -> Iterator[str]:
    """The rules up to the closing brace, or to the end of the sheet."""
    head = ""
    for token in tokens:
        if token == "{":  # noqa: S105 - a brace, no secret
            yield _rule(head, tokens, unused)
            head = ""
        elif token == ";" or (token.startswith("/*") and not head.strip()):  # noqa: S105 - as above
            yield head + token  # @charset, @import, or a comment of its own
            head = ""
        elif token == "}":  # noqa: S105 - as above
            if not inside:
                raise Unreadable("A closing brace without its opening one.")
            return
        else:
            head += token
    if inside:
        raise Unreadable("An opening brace without its closing one.")
    yield head


def _rule(head: str, tokens: Iterator[str], unused: re.Pattern[str]) -> str:
    """One rule with its braces, '' if nothing of it is in use."""
    if head.strip().startswith(_NESTING):
        inner = "".join(_kept(tokens, unused, inside=True))
        return f"{head}{{{inner}}}" if inner else ""
    body = _body(tokens)
    if head.strip().startswith("@"):  # @page, @keyframes
        return f"{head}{{{body}}}"
    selectors = [part for part in _selectors(head) if not unused.search(part)]
    return f"{','.join(selectors)}{{{body}}}" if selectors else ""


def _selectors(head: str) -> list[str]:
    """Selectors of a list; commas inside :is(…) or :not(…) part nothing."""
    found, depth = [""], 0
    for letter in head:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


def _body(tokens: Iterator[str]) -> str:
    """Everything up to the brace that closes a rule, its own braces included."""
    found, depth = "", 1
    for token in tokens:
        depth += (token == "{") - (token == "}")  # noqa: S105 - braces
        if not depth:
            return found
        found += token
    raise Unreadable("An opening brace without its closing one.")
