"""People and their roles. People are added and switched off on their own pages (/people/)."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from stp.accounts import actions
from stp.accounts.models import Grant, User
from stp.core.admin import ReadOnlyAdmin
from stp.core.permissions import Permission, Role, may

admin.site.unregister(EmailAddress)  # a person's address is the one on the person
admin.site.unregister(Group)  # roles are grants: a group would give nothing and seem to


@admin.register(User)
class People(ReadOnlyAdmin):
    """Everybody there is or was; what a person may do is in their grants and nowhere else."""

    list_display = ("email", "first_name", "last_name", "is_active", "last_login")
    search_fields = ("email", "first_name", "last_name")
    fields = ("username", "email", "first_name", "last_name", "job_title", "is_active",
              "date_joined", "last_login")  # fmt: skip


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """Gives and takes roles through the audited actions; a grant is never edited."""

    list_display = ("user", "role", "organisation")
    list_filter = ("role", "organisation")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Permission.ADMINISTER)

    def has_delete_permission(self, request: HttpRequest, obj: Grant | None = None) -> bool:
        if obj is not None and actions.is_own_administration(obj, request.user):
            return False
        return may(request.user, Permission.ADMINISTER)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Nobody gives a role to themselves, so they are not among the people to choose from."""
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        actions.give_grant(
            user=obj.user,
            role=Role(obj.role),
            organisation=obj.organisation,
            by=request.user,  # type: ignore[arg-type]  # administrators are signed in
        )

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        actions.take_grant(grant=obj, by=request.user)  # type: ignore[arg-type]  # signed in

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for grant in queryset:
            self.delete_model(request, grant)
