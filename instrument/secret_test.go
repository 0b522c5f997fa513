package instrument_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// A secret in a path is in no attribute of the span and of the record. Two acts on it have
// one object.
func TestSecretInPath(t *testing.T) {
	const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	for _, c := range []struct{ pattern, path, secret string }{
		{"PUT /resets/{token}", "/resets/hunter2-abc", "hunter2"},
		{"PUT /invites/{id}", "/invites/hunter2-abc", "hunter2"},
		{"PUT /{path...}", "/reset-password/hunter2-abc", "hunter2"},
		{"/", "/api/tokens/hunter2-abc", "hunter2"},
		{"PUT /keys/{key}/hide", "/keys/hunter2-abc/hide", "hunter2"},
		{"/", "/bot" + token + "/sendMessage", token},
		{"PUT /{bot}", "/bot" + token, token},
		{"PUT /{bot}/{method}", "/bot" + token + "/sendMessage", token},
		{"PUT /telegram/" + token, "/telegram/" + token, token},
		{"PUT /telegram/" + token + "/{method}", "/telegram/" + token + "/sendMessage", token},
		{"PUT /feed/{options}", "/feed/token=hunter2", "hunter2"},
		{"PUT /articles/{id}", "/articles/17;jsessionid=hunter2", "hunter2"},
		{"PUT /proxy/{url...}", "/proxy/user:hunter2@host.example/a", "hunter2"},
		{"PUT /s/{file}", "/s/report.Zx9kQ2abR7mN4pLs8TvW1yEu", "Zx9kQ2abR7mN4pLs8TvW1yEu"},
	} {
		rec, opts := newRecorded(t)
		mux := http.NewServeMux()
		mux.Handle(c.pattern, answer(http.StatusOK))
		serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), "PUT", c.path)
		record := rec.one()
		for key, value := range record {
			if strings.Contains(value, c.secret) {
				t.Errorf("%s: %s of the record is %q", c.pattern, key, value)
			}
		}
		span := rec.spans.Ended()[0]
		for _, a := range span.Attributes() {
			if strings.Contains(a.Value.String(), c.secret) {
				t.Errorf("%s: %s of the span is %q", c.pattern, a.Key, a.Value.String())
			}
		}
		if strings.Contains(span.Name(), c.secret) {
			t.Errorf("%s: the span is called %q", c.pattern, span.Name())
		}
	}
}

// A request that is not recorded has a span nevertheless.
func TestSecretInSpanThatIsNoActivity(t *testing.T) {
	const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	for name, opt := range map[string]instrument.Option{"skipped": instrument.WithAnonymous(), "no actor": instrument.WithoutReads()} {
		rec, opts := newRecorded(t)
		mux := http.NewServeMux()
		mux.HandleFunc("PUT /telegram/"+token, func(_ http.ResponseWriter, r *http.Request) {
			if name == "skipped" {
				instrument.FromContext(r.Context()).Skip()
			}
		})
		serve(instrument.NewHandler(mux, "test", append(opts, opt)...), "PUT", "/telegram/"+token)
		span := rec.spans.Ended()[0]
		for _, a := range span.Attributes() {
			if strings.Contains(a.Value.String(), token) {
				t.Errorf("%s: %s of the span is %q", name, a.Key, a.Value.String())
			}
		}
		if strings.Contains(span.Name(), token) {
			t.Errorf("%s: the span is called %q", name, span.Name())
		}
	}
}

// What opens an invitation is often in the address of the new one.
func TestSecretInLocation(t *testing.T) {
	for location, want := range map[string]string{
		"/invites/Ab3dEf9h":                   "sha256:",
		"https://blog.example/tokens/a%2Fb-1": "sha256:",
		"/invites/17":                         "17",
		"/invites/Ab3dEf9h/guests/5":          "5",
	} {
		rec, opts := newRecorded(t)
		mux := http.NewServeMux()
		mux.HandleFunc("POST /invites", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusCreated)
		})
		serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), "POST", "/invites")
		if id := rec.one()[activity.ObjectIDKey]; !strings.HasPrefix(id, want) {
			t.Errorf("%s: object id %q, want %s", location, id, want)
		}
	}
}
