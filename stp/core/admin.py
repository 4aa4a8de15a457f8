"""Reference data and, read-only, what actions wrote. The admin is no way round an action."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from stp.core.models import AuditEvent, Job, Organisation, ReportingPeriod, Return, Snapshot
from stp.core.permissions import Permission, may


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Shows rows to administrators, by their grant; adds, changes and deletes nothing."""

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
