// What the service tells its traces, by OpenTelemetry's own API.
'use strict';

const { context, trace } = require('@opentelemetry/api');
const { getRPCMetadata } = require('@opentelemetry/core');

// requestSpan returns the span of the whole request. In an Express handler the
// active span is that handler's own, a child: what is set there does not say
// anything about the request. The HTTP instrumentation keeps its span in the context
// for this.
function requestSpan() {
  return getRPCMetadata(context.active())?.span ?? trace.getActiveSpan();
}

// setUser says who makes the request, by the semantic conventions.
function setUser({ id, name, session }) {
  requestSpan()?.setAttributes({ 'user.id': id, 'user.name': name, 'session.id': session });
}

// describe says which article the request is about.
function describe({ id, title }) {
  requestSpan()?.setAttributes({ 'article.id': id, 'article.title': title });
}

module.exports = { setUser, describe };
