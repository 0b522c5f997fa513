"""One OTLP span for each request, by the standard library alone.

Debian has no OpenTelemetry SDK for Python. Where you have one, its Django
instrumentation makes the same span; what stays then of the middleware is the user:

    span = trace.get_current_span()
    span.set_attributes({"user.id": str(user.pk), "user.name": user.get_username()})
"""
import re
import secrets
import time

from .otlp import send

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")


class TracingMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        start = time.time_ns()
        before = request.user if request.user.is_authenticated else None  # a logout leaves nobody
        request.span_attributes = {}  # for views, as set_attribute of a span
        response = self.get_response(request)

        attributes = {
            "http.request.method": request.method,
            "http.response.status_code": response.status_code,
            "url.path": request.path,
            "client.address": request.META["REMOTE_ADDR"],  # not X-Forwarded-For: anybody can write that
            "user_agent.original": request.META.get("HTTP_USER_AGENT", ""),
        }
        if request.resolver_match:
            attributes["http.route"] = request.resolver_match.route
        user = request.user if request.user.is_authenticated else before
        if user:
            attributes.update({"user.id": str(user.pk), "user.name": user.get_username()})
        attributes.update(request.span_attributes)

        parent = TRACEPARENT.match(request.META.get("HTTP_TRACEPARENT", ""))
        trace_id, parent_id = parent.groups() if parent else (secrets.token_hex(16), "")
        send(attributes, trace_id, parent_id, start)
        return response
