"""Charts of this subject's pages."""

from typing import Any


def of_overview(page: Any, period: Any) -> dict[str, Any]:
    return {}


def bridge(line: Any, period: Any) -> Any:
    return None


def months(line: Any, period: Any) -> Any:
    return None
