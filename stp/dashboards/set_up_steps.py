"""What a new programme still needs before the overview can show anything: a list of tasks."""

from typing import Any

from django.urls import reverse

from finance.models import SavingsScheme
from stp.core.models import ReportingPeriod
from stp.core.permissions import Permission, may
from workstreams.models import Workstream

DONE = {"status": "Done"}
TO_DO = {"tag": {"text": "To do", "colour": "blue"}}


def set_up_steps(user: Any) -> list[dict[str, Any]]:
    """Four steps in their order, as nhs/task_list.html takes them; a link where `user` may act."""
    may_send = may(user, Permission.VIEW_RETURNS)
    started = ReportingPeriod.objects.exclude(state=ReportingPeriod.State.PLANNED).exists()
    steps = (
        ("Load the plan: workstreams, milestones, risks and indicators",
         "A deployer runs manage.py load_plan", "", Workstream.objects.exists()),
        ("Open the first reporting period",
         "It opens by itself on its first day", "", started),
        ("Send a plan return for each organisation",
         "Its savings schemes come in with it", reverse("returns:return-send") if may_send else "",
         SavingsScheme.objects.exists()),
        ("Wait for the first figures to be worked out",
         "Within a minute of the first return", "", False),
    )  # fmt: skip
    return [
        {"text": text, "hint": hint, "href": href, **(DONE if done else TO_DO)}
        for text, hint, href, done in steps
    ]
