"""Sends spans as OTLP/JSON, from a thread of its own: no request waits for it, and none fails because of it."""
import itertools
import json
import logging
import os
import queue
import secrets
import threading
import time
import urllib.error
import urllib.request

URL = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318").rstrip("/") + "/v1/traces"
RESOURCE = {"attributes": [{"key": "service.name", "value": {"stringValue": os.environ.get("OTEL_SERVICE_NAME", "blog-django")}}]}

log = logging.getLogger(__name__)
waiting = queue.Queue(maxsize=1000)  # what comes while it is full is lost
lost = itertools.count()


def send(attributes, trace_id, parent_id, start):
    """Queues the SERVER span of a request that has ended."""
    method, route = attributes["http.request.method"], attributes.get("http.route", "")
    span = {
        "traceId": trace_id, "spanId": secrets.token_hex(8), "parentSpanId": parent_id,
        "name": f"{method} {route}".strip(), "kind": 2,
        "startTimeUnixNano": str(start), "endTimeUnixNano": str(time.time_ns()),
        "attributes": [{"key": k, "value": any_value(v)} for k, v in attributes.items()],
    }
    try:
        waiting.put_nowait(span)
    except queue.Full:
        if next(lost) % 1000 == 0:  # one line for many
            log.warning("the queue of spans is full: spans are lost")


def any_value(v):
    return {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}


def run():
    while True:
        spans = [waiting.get()]
        while len(spans) < 100 and not waiting.empty():
            spans.append(waiting.get())
        body = {"resourceSpans": [{"resource": RESOURCE, "scopeSpans": [{"scope": {"name": __name__}, "spans": spans}]}]}
        while not post(json.dumps(body).encode()):
            time.sleep(1)


def post(body):
    """Reports whether body is done with: taken, or refused for good."""
    try:
        request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as err:
        log.warning("send spans to %s: %s", URL, err)
        return err.code not in (429, 502, 503, 504)  # these are to be tried again
    except OSError as err:
        log.warning("send spans to %s: %s", URL, err)
        return False
    return True


def start_thread():
    threading.Thread(target=run, name="otlp", daemon=True).start()


start_thread()
os.register_at_fork(after_in_child=start_thread)  # servers that fork their workers
