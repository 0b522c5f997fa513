"""The table activity_log, which the collector makes and writes. Django only reads it."""
from django.db import models

ACTIONS = ["Create", "Read", "Update", "Delete", "Login", "Logout", "Login Failed"]


def text(**options):
    return models.TextField(null=True, **options)


class ActivityLog(models.Model):
    event_id = models.CharField(primary_key=True, max_length=36)
    action_time = models.DateTimeField()
    actor_id, actor_type, actor_name, impersonator_id, tenant_id = text(), text(), text(), text(), text()
    action_type = models.TextField(choices=[(a, a) for a in ACTIONS])
    action_name = text()
    status = models.TextField(choices=[(s, s) for s in ("Success", "Failed")])
    error_type, object_type, object_id, object_name, remarks = text(), text(), text(), text(), text()
    data = models.JSONField()
    client_address, user_agent, session_id, service_name, trace_id, span_id = text(), text(), text(), text(), text(), text()
    source = models.TextField(choices=[(s, s) for s in ("declared", "derived")])
    recorded_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "activity_log"
        ordering = ["-action_time"]
        verbose_name = "activity"
        verbose_name_plural = "activities"

    def __str__(self):
        return self.remarks or self.event_id


class Router:
    """Reads the activity log where it is, and keeps Django from making tables there."""

    def db_for_read(self, model, **hints):
        return "activity" if model is ActivityLog else None

    def allow_migrate(self, db, *args, **hints):
        return False if db == "activity" else None
