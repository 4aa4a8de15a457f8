"""Addresses and answers of the pages of a return, for the tests of its views."""

import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from stp.accounts.models import User
from stp.core.models import Return
from stp.returns import warned
from tests.stp.returns.fake import file_bytes

Ready = Callable[..., Return]
OF_ONE = [
    "detail", "checking", "progress", "problems", "preview", "receipt", "original",
]  # fmt: skip


def page(name: str, return_: Return) -> str:
    return reverse(f"returns:return-{name}", args=[return_.pk])


def typed(return_: Return, **reasons: str) -> dict[str, str]:
    """What step 4 sends: a reason by warning group, and which warnings it was typed for."""
    return {"digest": warned.digest(return_), **{f"reason_{c}": r for c, r in reasons.items()}}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, **changes: Any) -> Any:
    sent: dict[str, Any] = {
        "organisation": "ngh", "kind": "finance", "period": "2017-06", "unit": "",
        "basis": "in_month", "file": SimpleUploadedFile("june.xlsx", file_bytes()),
    } | changes  # fmt: skip
    return client.post(
        reverse("returns:return-send"), {k: v for k, v in sent.items() if v is not None}
    )


def let_go(response: Any) -> None:
    """Close what a download holds, but not the test's database as `close()` would."""
    for close in response._resource_closers:
        close()


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
