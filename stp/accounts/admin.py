"""People and their roles. Grants are shown here and given through actions."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from stp.accounts import actions
from stp.accounts.models import Grant, User
from stp.core.permissions import Role

admin.site.site_header = admin.site.site_title = "Administration"
admin.site.unregister(EmailAddress)  # a person's address is the one on the person
admin.site.unregister(Group)  # roles are grants: a group would give nothing and seem to


@admin.register(User)
class People(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Makes people and sets them inactive; nobody is removed, since what they did stays."""

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Gives and takes roles through the audited actions; a grant is never edited."""

    list_display = ("user", "role", "organisation")
    list_filter = ("role", "organisation")

    def has_change_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        actions.give_grant(
            user=obj.user,
            role=Role(obj.role),
            organisation=obj.organisation,
            by=request.user,  # type: ignore[arg-type]  # staff are signed in
        )

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        actions.take_grant(grant=obj, by=request.user)  # type: ignore[arg-type]  # signed in

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for grant in queryset:
            self.delete_model(request, grant)
