"""What is doubtful about a fact of the plan, in words: shown wherever the fact is."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from stp.core.models.facts import words_of


def of_line(detail: Mapping[str, Any]) -> list[str]:
    """Words of a snapshot line's flags, "Illustrative" first where the line is."""
    flags = list(detail.get("flags", ()))
    if detail.get("illustrative") and "illustrative" not in flags:
        flags.insert(0, "illustrative")
    return words_of(flags)


def drawn(detail: Mapping[str, Any], *, note: str | None = None) -> SafeString:
    """A snapshot line's doubts as tags, and their note (the line's own, or `note`)."""
    return render_to_string(
        "components/doubts.html",
        {"words": of_line(detail), "note": note or detail.get("flag_note", "")},
    )
