"""Text that a spreadsheet must not run when it opens our CSV (RELIABILITY.md §5.6)."""

import re

# OWASP's list: = + - @ tab CR LF NUL, and the full-width signs that Excel reads as the same.
_STARTS = "=+\\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"
_DANGEROUS = re.compile(f"'*[{_STARTS}]")
_NEUTRAL = re.compile(f"'+[{_STARTS}]")


def neutral(text: str) -> str:
    """Put one quote before text that a spreadsheet would run; other text as it is.

    Text that already looks neutralised gets a quote too, so that `plain` is the exact inverse.
    """
    return "'" + text if _DANGEROUS.match(text) else text


def plain(text: str) -> str:
    """Take away exactly the one quote that `neutral` put there."""
    return text[1:] if _NEUTRAL.match(text) else text
