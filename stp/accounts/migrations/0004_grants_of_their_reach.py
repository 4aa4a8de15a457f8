"""A role of the whole programme is given for no organisation: such grants are taken away first."""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

OF_ONE_ORGANISATION = ["finance_lead", "finance_director"]


def take_away(apps: Any, schema_editor: Any) -> None:
    """Take the roles that were given for one organisation and cannot be, with an event each.

    Not widened to the whole programme: that would show people what nobody meant them to see.
    An administrator reads on the trail whose they were, and gives them again.
    """
    grants = apps.get_model("accounts", "Grant").objects.filter(organisation__isnull=False)
    event = apps.get_model("core", "AuditEvent")
    for grant in grants.exclude(role__in=OF_ONE_ORGANISATION).select_related("user"):
        person = f"{grant.user.first_name} {grant.user.last_name}".strip() or grant.user.username
        event.objects.create(
            at=timezone.now(), by_name="The tracker", verb="took role", object_type="user",
            object_id=str(grant.user_id), object_label=person[:300],
            before={"Role": f"{grant.get_role_display()}, {grant.organisation_id}"},
            reason="This role covers the whole programme and is given for no organisation.",
            how="rule", organisation_id=grant.organisation_id,
        )  # fmt: skip
        grant.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_session"),
        ("core", "0003_said_and_draft"),
    ]

    operations = [
        migrations.RunPython(take_away, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", OF_ONE_ORGANISATION),
                    ("organisation__isnull", True),
                    _connector="OR",
                ),
                name="grant_of_the_whole_programme",
            ),
        ),
    ]
