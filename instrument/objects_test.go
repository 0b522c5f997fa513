package instrument_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
)

// adding returns the data of a request for article 17 whose handler runs f.
func adding(t *testing.T, f func(*instrument.Current)) string {
	t.Helper()
	rec, opts := newRecorded(t)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /articles/{id}/merge", func(_ http.ResponseWriter, r *http.Request) { f(instrument.FromContext(r.Context())) })
	serve(instrument.NewHandler(mux, "test", append(opts, instrument.WithActor(asAlice))...), "POST", "/articles/17/merge")
	record, span := rec.one(), spanMap(rec.spans.Ended()[0])
	check(t, record, map[string]string{activity.ObjectTypeKey: "article", activity.ObjectIDKey: "17"})
	if span[activity.DataKey] != record[activity.DataKey] {
		t.Errorf("the span has %s, and the record %s", span[activity.DataKey], record[activity.DataKey])
	}
	return record[activity.DataKey]
}

// The objects of an act, in the order in which they were added, each once, and none of them the
// main one, however it became that.
func TestAddObject(t *testing.T) {
	blog := &activity.Object{Type: "blog", ID: "3", Name: "Rabbits"}
	for name, c := range map[string]struct {
		add  []activity.Object
		want string
	}{
		"none":      {nil, ""},
		"nothing":   {[]activity.Object{{}}, ""},
		"two":       {[]activity.Object{{Type: "article", ID: "18", Name: "Tea"}, {Type: "user", ID: "5"}}, `{"objects":[{"id":"18","name":"Tea","type":"article"},{"id":"5","type":"user"}]}`},
		"main":      {[]activity.Object{{Type: "article", ID: "17", Name: "Down"}, {Type: "article", ID: "18"}}, `{"objects":[{"id":"18","type":"article"}]}`},
		"only main": {[]activity.Object{{Type: "article", ID: "17"}}, ""},
		"twice":     {[]activity.Object{{Type: "article", ID: "18"}, {Type: "article", ID: "18", Name: "Tea"}}, `{"objects":[{"id":"18","name":"Tea","type":"article"}]}`},
		"first name": {[]activity.Object{{Type: "article", ID: "18", Name: "Tea"}, {Type: "article", ID: "18", Name: "Coffee", Parent: blog}},
			`{"objects":[{"id":"18","name":"Tea","parent":{"id":"3","type":"blog"},"type":"article"}]}`},
		"other type": {[]activity.Object{{Type: "draft", ID: "17"}}, `{"objects":[{"id":"17","type":"draft"}]}`},
		"no id":      {[]activity.Object{{Type: "article"}, {Type: "article", Name: "Tea"}, {Type: "article"}}, `{"objects":[{"type":"article"},{"name":"Tea","type":"article"}]}`},
		"not UTF-8":  {[]activity.Object{{Type: "file", ID: "a\xff"}}, `{"objects":[{"id":"a�","type":"file"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := adding(t, func(cur *instrument.Current) {
				for _, object := range c.add {
					cur.AddObject(object)
				}
			})
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A merge into an article that the route does not name, by the handler that knows it last.
func TestAddObjectBeforeSetObject(t *testing.T) {
	rec, opts := newRecorded(t)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cur := instrument.FromContext(r.Context())
		cur.AddObject(activity.Object{Type: "article", ID: "17"})
		cur.AddObject(activity.Object{Type: "article", ID: "18"})
		cur.SetData("reason", "twins")
		cur.SetObject(activity.Object{Type: "article", ID: "18", Name: "Tea"})
	})
	serve(instrument.NewHandler(h, "test", append(opts, instrument.WithActor(asAlice))...), "POST", "/merge")
	check(t, rec.one(), map[string]string{activity.ObjectIDKey: "18", activity.DataKey: `{"objects":[{"id":"17","type":"article"}],"reason":"twins"}`})
}

// More than a hundred objects are counted, whether or not the main one is among them.
func TestManyObjects(t *testing.T) {
	for _, c := range []struct {
		from, n int
		more    string
	}{{100, 100, ""}, {100, 101, `{"(more objects)":1,`}, {100, 250, `{"(more objects)":150,`}, {17, 101, ""}, {17, 102, `{"(more objects)":1,`}} {
		got := adding(t, func(cur *instrument.Current) {
			for i := range c.n {
				cur.AddObject(activity.Object{Type: "article", ID: fmt.Sprint(c.from + i)})
			}
		})
		if n := strings.Count(got, `{"id":`); n != 100 || !strings.HasPrefix(got, c.more) || c.more == "" && strings.Contains(got, "more") {
			t.Errorf("%d objects: %d are recorded, want 100: %.60s", c.n, n, got)
		}
	}
	rec, opts := newRecorded(t)
	a := activity.Activity{ActionType: activity.ActionDelete, Objects: make([]activity.Object, 300)}
	for i := range a.Objects {
		a.Objects[i] = activity.Object{Type: "article", ID: fmt.Sprint(i)}
	}
	instrument.NewRecorder(opts...).Record(context.Background(), a)
	if got := rec.one()[activity.DataKey]; !strings.HasPrefix(got, `{"(more objects)":200,"objects":[{"id":"0","type":"article"},`) {
		t.Errorf("got %.80s", got)
	}
}

// What opens something is recorded as its digest, as in paths. The number of a token opens
// nothing.
func TestSecretObject(t *testing.T) {
	got := adding(t, func(cur *instrument.Current) {
		for _, kind := range []string{"token", "access_token", "invite", "session"} {
			cur.AddObject(activity.Object{Type: kind, ID: "Zx9kQ2abR7mN4pLs8TvW1yEu"})
		}
		cur.AddObject(activity.Object{Type: "token", ID: "hunter2/../abc"})
		cur.AddObject(activity.Object{Type: "token", ID: "17"})
		cur.AddObject(activity.Object{Type: "article", ID: "Zx9kQ2abR7mN4p"})
	})
	if strings.Contains(got, "yEu") || strings.Contains(got, "hunter2") || strings.Count(got, `"sha256:`) != 5 ||
		!strings.Contains(got, `{"id":"17","type":"token"}`) || !strings.Contains(got, `"Zx9kQ2abR7mN4p"`) {
		t.Errorf("got %s", got)
	}
}

// Many goroutines of one request, and a request that nobody records, or that has ended.
func TestAddObjectFromManyGoroutines(t *testing.T) {
	var late *instrument.Current
	got := adding(t, func(cur *instrument.Current) {
		late = cur
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for i := range 50 {
					cur.AddObject(activity.Object{Type: "article", ID: fmt.Sprint(i + 100)})
				}
			})
		}
		group.Wait()
	})
	if n := strings.Count(got, `"id"`); n != 50 {
		t.Errorf("%d objects, want 50", n)
	}
	late.AddObject(activity.Object{Type: "article", ID: "1"})
	(*instrument.Current)(nil).AddObject(activity.Object{Type: "article", ID: "1"})
}

// A function of the service sees the objects so far.
func TestRemarksOfObjects(t *testing.T) {
	rec, opts := newRecorded(t)
	remarks := func(_ *http.Request, a *activity.Activity) string { return fmt.Sprintf("merged with %v", a.Objects) }
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		instrument.FromContext(r.Context()).AddObject(activity.Object{Type: "article", ID: "18"})
	})
	serve(instrument.NewHandler(h, "test", append(opts, instrument.WithActor(asAlice), instrument.WithRemarksFunc(remarks))...), "POST", "/merge")
	check(t, rec.one(), map[string]string{activity.RemarksKey: "merged with [article 18]"})
}
