package instrument_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

type account struct {
	Name     string `json:"name"`
	Password string `json:"password" activity:"mask"`
	Email    string `json:"email" activity:"hash"`
	Token    string `json:"token" activity:"-"`
}

func (a account) Error() string  { return a.Name + ":" + a.Password + ":" + a.Email + ":" + a.Token }
func (a account) String() string { return a.Error() }

// recordedData returns the data of the activity of a request whose handler calls do.
func recordedData(t *testing.T, do func(*instrument.Current)) string {
	t.Helper()
	rec, opts := newRecorded(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/x", func(_ http.ResponseWriter, r *http.Request) { do(instrument.FromContext(r.Context())) })
	serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), "PUT", "/x")
	return rec.one()[activity.DataKey]
}

func TestSetChanges(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	many := make([]int, 300)
	for i := range many {
		many[i] = i + 1
	}
	for name, tt := range map[string]struct {
		do   func(*instrument.Current)
		want string
	}{
		"none": {func(c *instrument.Current) { c.SetChanges(nil); c.SetChanges(instrument.Diff(1, 1)) }, ""},
		"with others": {func(c *instrument.Current) {
			c.SetChange("state", "draft", "public")
			c.SetChanges(instrument.Diff(account{Name: "a"}, account{Name: "b"}))
			c.SetChanges(instrument.Changes{"x": {1, time.Second}})
		}, `{"changes":{"name":["a","b"],"state":["draft","public"],"x":[1,"1s"]}}`},
		"a nil time": {func(c *instrument.Current) {
			c.SetChange("paid", (*time.Time)(nil), &now)
			c.SetChange("sent", &now, now)
			c.SetChange("seen", now, now.In(time.FixedZone("", 3600)))
		}, `{"changes":{"paid":[null,"2026-01-02T03:04:05Z"]}}`},
		"a secret that changed": {func(c *instrument.Current) {
			c.SetChange("account", account{Password: "a"}, account{Password: "b"})
			c.SetChange("other", account{Password: "a"}, &account{Password: "a"})
		}, `{"changes":{"account":[{"email":"","name":"","password":"****"},{"email":"","name":"","password":"****"}]}}`},
		"nothing and no elements": {func(c *instrument.Current) { c.SetChange("tags", nil, []string{}) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := recordedData(t, tt.do); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	got := recordedData(t, func(c *instrument.Current) {
		c.SetChanges(instrument.Diff(map[string]any{"a": make([]int, 300)}, map[string]any{"a": many}))
		c.SetChanges(instrument.Diff(map[string]any{"b": make([]int, 300)}, map[string]any{"b": many}))
	})
	if !strings.Contains(got, `"(more changes)":[null,200]`) {
		t.Errorf("got %s", got)
	}
	var none *instrument.Current
	none.SetChanges(instrument.Diff(account{Name: "a"}, account{Name: "b"}))
}

// Tags hold in all that is recorded, however the struct gets there.
func TestTagsHold(t *testing.T) {
	const secret = "HUNTER2"
	a, b := account{"n", secret, secret, secret}, account{"m", secret + "b", secret + "b", secret + "b"}
	for name, value := range map[string]any{
		"value": a, "pointer": &a, "list": []account{a}, "map": map[string]any{"a": &a}, "embedded": struct{ account }{a},
		"interface": struct{ V any }{a}, "error": error(a), "Stringer": fmt.Stringer(&a), "wrapped": fmt.Errorf("log in: %w", a),
		"joined": errors.Join(a, errors.New("x")), "key": map[account]int{a: 1},
	} {
		got := recordedData(t, func(c *instrument.Current) {
			c.SetData("d", value)
			c.SetChange("c", value, b)
			c.SetChanges(instrument.Diff(value, b))
			c.SetChanges(instrument.Diff(map[string]any{"k": value}, map[string]any{"k": b}))
			c.SetChanges(instrument.Changes{"x": {value, b}})
		})
		if strings.Contains(got, secret) || !strings.Contains(got, `"d":`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	rec, opts := newRecorded(t)
	instrument.NewRecorder(opts...).Record(context.Background(), activity.Activity{
		ActionType: activity.ActionUpdate, Data: map[string]any{"a": a, activity.ChangesKey: instrument.Diff(a, b)},
	})
	got := rec.one()[activity.DataKey]
	if strings.Contains(got, secret) || !strings.Contains(got, `"name":["n","m"]`) {
		t.Error(got)
	}
}
