"""Which warnings a reason was given for. Pure: reads a return's own fields.

A reason answers the warnings its author read, and no others (returns.md: a typed reason for each).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from stp.core.models import Return

_Warning = tuple[str, str, str]  # group, cell, sentence with the figures


def _warnings(issues: Iterable[Mapping[str, Any]]) -> list[_Warning]:
    return [
        (issue["code"], issue.get("cell") or "", issue["message"])
        for issue in issues
        if issue["severity"] == "warning"
    ]


def digest(return_: Return) -> str:
    """SHA-256 of the warnings of a return: a page sends it back with the reasons typed on it."""
    return hashlib.sha256(repr(_warnings(return_.issues)).encode()).hexdigest()


def unanswered(return_: Return, issues: Iterable[Mapping[str, Any]]) -> set[str]:
    """Groups whose reasons no longer stand when a check finds `issues` instead: it names more."""
    read = set(_warnings(return_.issues))
    return {warning[0] for warning in _warnings(issues) if warning not in read}
