package row

import "testing"

func TestSame(t *testing.T) {
	whole := func(change func(*Row)) *Row {
		r := &Row{}
		for _, column := range Compared {
			r.Text[column] = Names[column] + " value"
		}
		if change != nil {
			change(r)
		}
		return r
	}
	for _, c := range []struct {
		name         string
		there, later func(*Row)
		want         bool
	}{
		{"sent again", nil, nil, true},
		{"other times, texts and data", nil, func(r *Row) { r.Text[Remarks], r.Text[Data] = "other", "{}" }, true},
		{"another actor", nil, func(r *Row) { r.Text[ActorID] = "mallory" }, false},
		{"another service", nil, func(r *Row) { r.Text[ServiceName] = "evil" }, false},
		{"another address", nil, func(r *Row) { r.Text[ClientAddress] = "6.6.6.6" }, false},
		{"another status", nil, func(r *Row) { r.Text[Status] = "Failed" }, false},
		{"the second signal of a span has no user", nil, func(r *Row) { r.Text[ActorID] = "" }, true},
		{"an empty row came first", func(r *Row) { r.Text[ActorID], r.Text[ObjectID], r.Text[ObjectType] = "", "", "" }, nil, false},
		{"one without a service came first", func(r *Row) { r.Text[ServiceName] = "" }, nil, false},
		{"no span to tell that both are one activity", func(r *Row) { r.Text[SpanID] = "" }, func(r *Row) { r.Text[ActorID] = "" }, false},
		{"a log record without its span", nil, func(r *Row) { r.Text[SpanID], r.Text[TraceID] = "", "" }, true},
	} {
		if got := Same(whole(c.there), whole(c.later)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
