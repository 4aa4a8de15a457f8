"""What only a picture shows: whether two of them differ, and by how much contrast."""

import base64

from playwright.sync_api import Page

from tests.journeys.scripts import script

# Pixels of two pictures of one size that differ by 3:1 or more (WCAG 1.4.11).
_DIFFERENT = script("pixels_that_differ")


def pixels_that_differ(blank: Page, one: bytes, two: bytes) -> int:
    """How many pixels differ by 3:1; `blank` is a page without a content policy (about:blank)."""
    found = blank.evaluate(
        _DIFFERENT, [base64.b64encode(one).decode(), base64.b64encode(two).decode()]
    )
    assert found >= 0, "the two pictures are not of one size"
    return int(found)
