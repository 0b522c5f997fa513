package wire

// kind is a message type of OTLP. Types that are not listed contain no messages that
// count.
type kind uint8

const (
	skipped kind = iota // not a message, or one that cannot contain others
	text                // a member of a list of texts: it has no content to look at, but counts

	tracesRequest
	logsRequest
	metricsRequest

	resourceSpans
	resourceLogs
	resourceMetrics
	scopeSpans
	scopeLogs
	scopeMetrics
	resource
	scope
	entity

	logRecord
	span
	spanEvent
	spanLink

	metric
	numbers // gauge, sum
	histogram
	exponential
	summary
	numberPoint
	histogramPoint
	exponentialPoint
	summaryPoint
	exemplar
	leaf // a message without others inside: it counts

	keyValue
	anyValue
	arrayValue
	keyValueList
)

// isRecord reports whether a message is a large one.
func (k kind) isRecord() bool {
	switch k {
	case logRecord, span, metric, numberPoint, histogramPoint, exponentialPoint, summaryPoint:
		return true
	}
	return false
}

// deprecatedField is the number under which a resource still accepts its scopes
// from senders of 2021. The decoder reads it, so the scanner does.
const deprecatedField = 1000

// child returns the kind of a field of a message.
// The numbers are those of opentelemetry-proto 1.9.
func child(parent kind, field uint64) kind {
	switch parent {
	case tracesRequest:
		return one(field, 1, resourceSpans)
	case logsRequest:
		return one(field, 1, resourceLogs)
	case metricsRequest:
		return one(field, 1, resourceMetrics)
	case resourceSpans:
		return ofResource(field, scopeSpans)
	case resourceLogs:
		return ofResource(field, scopeLogs)
	case resourceMetrics:
		return ofResource(field, scopeMetrics)
	case scopeSpans:
		return two(field, 1, scope, 2, span)
	case scopeLogs:
		return two(field, 1, scope, 2, logRecord)
	case scopeMetrics:
		return two(field, 1, scope, 2, metric)
	case resource:
		return two(field, 1, keyValue, 3, entity)
	case scope:
		return one(field, 3, keyValue)
	case entity:
		return two(field, 3, text, 4, text)
	case logRecord:
		return two(field, 5, anyValue, 6, keyValue)
	case span:
		switch field {
		case 9:
			return keyValue
		case 11:
			return spanEvent
		case 13:
			return spanLink
		}
		return skipped
	case spanEvent:
		return one(field, 3, keyValue)
	case spanLink:
		return one(field, 4, keyValue)
	case keyValue:
		return one(field, 2, anyValue)
	case anyValue:
		return two(field, 5, arrayValue, 6, keyValueList)
	case arrayValue:
		return one(field, 1, anyValue)
	case keyValueList:
		return one(field, 1, keyValue)
	}
	return ofMetric(parent, field)
}

func ofResource(field uint64, scopes kind) kind {
	if field == deprecatedField {
		return scopes
	}
	return two(field, 1, resource, 2, scopes)
}

// ofMetric is child for the messages of metrics.
func ofMetric(parent kind, field uint64) kind {
	switch parent {
	case metric:
		switch field {
		case 5, 7:
			return numbers
		case 9:
			return histogram
		case 10:
			return exponential
		case 11:
			return summary
		case 12:
			return keyValue
		}
	case numbers:
		return one(field, 1, numberPoint)
	case histogram:
		return one(field, 1, histogramPoint)
	case exponential:
		return one(field, 1, exponentialPoint)
	case summary:
		return one(field, 1, summaryPoint)
	case numberPoint:
		return two(field, 7, keyValue, 5, exemplar)
	case histogramPoint:
		return two(field, 9, keyValue, 8, exemplar)
	case exponentialPoint:
		return two(field, 1, keyValue, 11, exemplar)
	case summaryPoint:
		return two(field, 7, keyValue, 6, leaf)
	case exemplar:
		return one(field, 7, keyValue)
	}
	return skipped
}

func one(field, number uint64, is kind) kind {
	if field == number {
		return is
	}
	return skipped
}

func two(field, number1 uint64, is1 kind, number2 uint64, is2 kind) kind {
	switch field {
	case number1:
		return is1
	case number2:
		return is2
	}
	return skipped
}
