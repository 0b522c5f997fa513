"""The activity log, to read."""
import json

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.html import format_html

from .models import ActivityLog


class FirstPages(Paginator):
    """Counts no further than people turn pages: to count millions of rows takes seconds."""

    @cached_property
    def count(self):
        return self.object_list[:10_000].count()


@admin.register(ActivityLog)
class ActivityLogAdmin(admin.ModelAdmin):
    list_display = ["action_time", "actor", "action_type", "status", "object", "remarks", "client_address"]
    list_filter = ["action_type", "status", "source", "action_time"]
    search_fields = ["=actor_id", "^actor_name", "=object_id", "=trace_id"]
    search_help_text = "An actor's id or the beginning of the name, an object's id, or a trace id"
    fields = [
        "action_time", "actor_id", "actor_type", "actor_name", "impersonator_id", "tenant_id", "action_type", "action_name",
        "status", "error_type", "object_type", "object_id", "object_name", "remarks", "pretty_data", "client_address", "user_agent",
        "session_id", "service_name", "trace", "source", "recorded_at", "event_id",
    ]
    readonly_fields = fields
    show_full_result_count = False
    paginator = FirstPages
    list_per_page = 50

    @admin.display(ordering="actor_name")
    def actor(self, row):
        return row.actor_name or row.actor_id or row.actor_type

    @admin.display(description="object")
    def object(self, row):
        return " ".join(filter(None, [row.object_type, row.object_id, row.object_name]))

    @admin.display(description="data")
    def pretty_data(self, row):
        return format_html("<pre>{}</pre>", json.dumps(row.data, indent=2, ensure_ascii=False))

    @admin.display(description="trace")
    def trace(self, row):
        return row.trace_id and format_html('<a href="{}">{}</a>', settings.TRACE_URL % row.trace_id, row.trace_id)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
