"""What is asked of a page inside the browser: one JavaScript function a file."""

from functools import cache
from pathlib import Path


@cache
def script(name: str) -> str:
    """The function in `name`.js, as text for `page.evaluate`."""
    return (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8").strip()
