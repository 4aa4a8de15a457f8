"""Reference data and, read-only, what actions wrote. The admin is no way round an action."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return, Snapshot
from stp.core.permissions import Permission, may


def _asked_by(model: type[Model], name: str) -> set[str]:
    """What Django's filter of the field `name` puts into an address."""
    related = model._meta.get_field(name).related_model
    key = f"__{related._meta.pk.name}" if isinstance(related, type) and related._meta.pk else ""
    return {name, f"{name}{key}__exact", f"{name}__isnull"}


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Shows rows to administrators, by their grant; adds, changes and deletes nothing."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what the page's own filters ask.

        Django lets an address filter by any column of the model, shown or not: by trying the
        letters of `password__startswith` one after the other, the column could be read.
        """
        return lookup in {
            asked
            for name in self.get_list_filter(request)
            for asked in _asked_by(self.model, str(name))
        }

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Permission.ADMINISTER)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, Permission.ADMINISTER)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "ods", "kind", "sends_finance_return")


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(ReadOnlyAdmin):
    list_display = ("code", "state", "due_at", "closes_at", "data_version", "snapshot_version")


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    list_display = ("pk", "reference", "kind", "scope", "period", "state", "in_force")
    exclude = ("rows", "file_path")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("pk", "kind", "key", "state", "attempt", "requested_at", "error")
    list_filter = ("state", "kind")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("period", "version", "known_at", "data_version")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "by_name", "verb", "object_label")
