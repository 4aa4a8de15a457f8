"""Reading fixtures/demo: schemes, milestones, risks and people as plain values."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "demo"


@cache
def read(name: str) -> dict[str, Any]:
    """One file of fixtures/demo."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def schemes(organisation: str) -> list[dict[str, Any]]:
    """An organisation's schemes, one dict a scheme; money in £000."""
    source = read("schemes")
    names = source["fields"]
    return [dict(zip(names, row, strict=True)) for row in source["organisations"][organisation]]


def organisations() -> list[str]:
    """Ids of the organisations that send illustrative returns."""
    return list(read("schemes")["organisations"])
