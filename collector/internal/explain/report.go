package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor"
)

// report writes explanations for people.
type report struct {
	w         io.Writer
	explainer *activityprocessor.Explainer
	err       error // of the first write that failed

	records, rows int
	reasons       map[string]int // of the records without a row
}

// printf writes a text in which nothing can move the cursor of a terminal.
func (r *report) printf(format string, args ...any) {
	text := strings.Map(func(c rune) rune {
		if c != '\n' && !strconv.IsPrint(c) {
			return '\uFFFD'
		}
		return c
	}, fmt.Sprintf(format, args...))
	if r.err == nil {
		_, r.err = io.WriteString(r.w, text)
	}
}

// oneLine returns a text for a place in which no line may end.
func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "\uFFFD") }

func (r *report) head(c chosen) {
	r.printf("processor %s, rules: %s\n", c.id, strings.Join(r.explainer.Rules(), ", "))
	if len(c.before) > 0 {
		r.printf("note: processors before it are not applied: %s\n", strings.Join(c.before, ", "))
	}
	if len(c.config.Senders.List) > 0 {
		r.printf("note: who may send is not checked\n")
	}
	r.notices()
}

func (r *report) notices() {
	for _, notice := range r.explainer.Notices() {
		r.printf("note: %s\n", oneLine(notice))
	}
}

// requests explains the requests of an input, one after another.
func (r *report) requests(ctx context.Context, input io.Reader) error {
	r.reasons = map[string]int{}
	decoder := json.NewDecoder(input)
	for n := 1; ; n++ {
		var body json.RawMessage
		err := decoder.Decode(&body)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read request %d: %w", n, err)
		}
		all, err := r.explain(ctx, body)
		if refused := new(refusedError); errors.As(err, &refused) {
			r.printf("\nrequest %d is refused by the collector: %s\n", n, oneLine(refused.Error()))
			continue
		}
		if err != nil {
			return fmt.Errorf("explain request %d: %w", n, err)
		}
		r.notices()
		for i := range all {
			r.record(&all[i])
		}
	}
	r.total()
	return r.err
}

// refusedError is why the processor refuses a request.
type refusedError struct{ error }

func refusal(err error) error {
	if err == nil {
		return nil
	}
	return &refusedError{err}
}

// explain processes a request of spans or log records.
func (r *report) explain(ctx context.Context, body []byte) ([]activityprocessor.Explanation, error) {
	var kind struct {
		Spans json.RawMessage `json:"resourceSpans"`
		Logs  json.RawMessage `json:"resourceLogs"`
	}
	if err := json.Unmarshal(body, &kind); err != nil {
		return nil, errors.New("must be a JSON object with resourceSpans or resourceLogs")
	}
	switch {
	case kind.Spans != nil:
		td, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
		if err != nil {
			return nil, fmt.Errorf("read OTLP/JSON: %w", err)
		}
		all, err := r.explainer.Traces(ctx, td)
		return all, refusal(err)
	case kind.Logs != nil:
		ld, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(body)
		if err != nil {
			return nil, fmt.Errorf("read OTLP/JSON: %w", err)
		}
		all, err := r.explainer.Logs(ctx, ld)
		return all, refusal(err)
	}
	return nil, errors.New("must have resourceSpans or resourceLogs")
}

// record writes one explanation. Records that are neither requests nor rows are only
// counted.
func (r *report) record(x *activityprocessor.Explanation) {
	r.records++
	if x.Reason == "" {
		r.rows++
	} else {
		r.reasons[x.Reason]++
		if !x.Request {
			return
		}
	}
	r.printf("\n%s %s\n", x.Kind, strconv.Quote(x.Name))
	r.line("came in", cameIn(x))
	if x.Rule != "" {
		r.line("rule", x.Rule)
	}
	if x.Reason != "" {
		r.line("no row", x.Reason+": "+x.Why)
		return
	}
	r.line("row", "")
	for _, c := range x.Columns {
		r.printf("    %-19s %-40s (%s)\n", c.Name, oneLine(c.Value), oneLine(c.From))
	}
}

func (r *report) line(label, text string) {
	r.printf("%s\n", strings.TrimRight(fmt.Sprintf("  %-8s %s", label, oneLine(text)), " "))
}

// cameIn is what a record says of its request.
func cameIn(x *activityprocessor.Explanation) string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+" "+text)
		}
	}
	add("service", x.Service)
	add("method", x.Method)
	add("route", x.Route)
	add("path", x.Path)
	if x.Code != 0 {
		add("code", strconv.Itoa(x.Code))
	}
	return strings.Join(parts, ", ")
}

// total writes how many records became rows, and why others did not.
func (r *report) total() {
	r.printf("\n%d records, %d rows", r.records, r.rows)
	for i, reason := range slices.Sorted(maps.Keys(r.reasons)) {
		separator := ", "
		if i == 0 {
			separator = "; no row: "
		}
		r.printf("%s%s %d", separator, reason, r.reasons[reason])
	}
	r.printf("\n")
}
