"""Print one demonstration sign-in a role."""

from typing import Any

from django.core.management.base import BaseCommand

from stp.accounts.models import User
from stp.core.permissions import ROLES, Role
from stp.cycle.demo.people import sign_ins


class Command(BaseCommand):
    """`manage.py show_demo_sign_ins`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        found = [row for row in sign_ins() if User.objects.filter(email=row[1]).exists()]
        if not found:
            self.stdout.write("No demonstration people here.")
            return
        self.stdout.write(f"Demonstration sign-ins (password of each: {found[0][2]})")
        for role, email, _ in found:
            self.stdout.write(f"  {ROLES[Role(role)].name:<26} {email}")
