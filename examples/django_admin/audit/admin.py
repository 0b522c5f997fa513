"""The activity log, to read."""
import json
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.html import format_html

from .models import ActivityLog

COUNTED = 1_000


class FirstPages(Paginator):
    """Counts no further than people turn pages: to count millions of rows takes seconds."""

    @cached_property
    def count(self):
        return self.object_list.order_by()[:COUNTED].count()


@admin.register(ActivityLog)
class ActivityLogAdmin(admin.ModelAdmin):
    list_display = ["action_time", "actor", "action_type", "status", "object", "remarks", "client_address"]
    list_filter = ["action_type", "status", "source", "action_time"]
    search_fields = ["actor_id", "trace_id", "object_id", "actor_name"]  # for the box; get_search_results searches
    search_help_text = "An actor's id, an object as in “article 17”, a trace id, or the beginning of an actor's name"
    sortable_by = ["action_time"]  # which has an index
    fields = [
        ("action_time", "recorded_at"), ("actor_name", "actor_id", "actor_type"), ("impersonator_id", "tenant_id"),
        ("action_type", "action_name"), ("status", "error_type"), ("object_type", "object_id", "object_name"), "remarks", "pretty_data",
        ("client_address", "session_id"), "user_agent", ("service_name", "source"), "trace", ("span_id", "event_id"),
    ]
    readonly_fields = ["pretty_data", "trace"]
    show_full_result_count = False
    paginator = FirstPages
    list_per_page = 50

    def changelist_view(self, request, extra_context=None):
        subtitle = f"The newest {COUNTED:,} that match; times are in {settings.TIME_ZONE}"
        return super().changelist_view(request, {"subtitle": subtitle, **(extra_context or {})})

    def get_search_results(self, request, queryset, search_term):
        """Asks the indexes first. For a name, which has none, the table is read."""
        term = search_term.strip()
        if not term:
            return queryset, False
        kind, _, number = term.partition(" ")
        for indexed in ({"actor_id": term}, {"trace_id": term}, {"object_type": kind, "object_id": number}):
            if ActivityLog.objects.filter(**indexed).exists():
                return queryset.filter(**indexed), False
        return queryset.filter(actor_name__startswith=term), False

    def get_object(self, request, object_id, from_field=None):
        """PostgreSQL refuses to compare its ids with anything else."""
        try:
            UUID(object_id)
        except ValueError:
            return None
        return super().get_object(request, object_id, from_field)

    @admin.display
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
