package dashboardtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// End is when made rows end.
var End = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// Rows makes n rows of the days before [End], in the order of their times, the
// same ones each time: people and services who read, change and delete objects,
// log in and fail to, and are refused.
func Rows(n, days, actors int) (rows []row.Row) {
	Batches(n, days, actors, func(batch []row.Row) { rows = append(rows, batch...) })
	return rows
}

// Batches makes the rows of [Rows] in batches, which are done with on return.
func Batches(n, days, actors int, use func([]row.Row)) {
	m := maker{rand.New(rand.NewPCG(20, 26)), actors}
	step := time.Duration(days) * 24 * time.Hour / time.Duration(n)
	batch := make([]row.Row, 0, 10_000)
	for i := range n {
		at := End.Add(-time.Duration(n-i) * step).Add(time.Duration(m.Int64N(int64(step)))).Truncate(time.Microsecond)
		r := row.Row{ID: activity.NewIDAt(at)}
		m.fill(&r.Text, i)
		if batch = append(batch, r); len(batch) == cap(batch) || i == n-1 {
			use(batch)
			batch = batch[:0]
		}
	}
}

type maker struct {
	*rand.Rand
	actors int
}

// one picks one of the words.
func (m maker) one(words ...string) string { return words[m.IntN(len(words))] }

// in says yes in one of n cases.
func (m maker) in(n int) bool { return m.IntN(n) == 0 }

func (m maker) fill(text *[row.Columns]string, i int) {
	text[row.Status], text[row.Source], text[row.Data] = "Success", m.one("declared", "declared", "derived"), "{}"
	text[row.ServiceName] = m.one("blog", "shop", "blog", "")
	text[row.TraceID] = fmt.Sprintf("%032x", i/2+1) // two of each trace
	text[row.SpanID] = fmt.Sprintf("%016x", i+1)
	who := m.IntN(m.actors)
	if m.in(3) {
		who = m.IntN(min(m.actors, 10)) // some do more
	}
	text[row.ClientAddress] = fmt.Sprintf("192.0.2.%d", who%200)
	if m.in(20) {
		text[row.ClientAddress] = fmt.Sprintf("198.51.100.%d", m.IntN(200))
	}
	text[row.ActionType] = m.one("Read", "Read", "Read", "Read", "Create", "Update", "Update", "Delete", "Login", "Login", "Login Failed", "Logout")
	text[row.ActionName] = text[row.ActionType] + " /things/{id}"
	if text[row.ActionType] == "Login Failed" {
		m.fail(text)
		return
	}
	if m.in(10) { // nobody knows who
		text[row.ActorType] = "anonymous"
	} else {
		text[row.ActorID], text[row.ActorName], text[row.ActorType] = Actor(who), "name of "+Actor(who), "user"
		text[row.SessionID] = fmt.Sprintf("s%d-%d", who, m.IntN(5))
	}
	if m.in(10) {
		text[row.ImpersonatorID] = "support"
	}
	if m.in(8) {
		text[row.Status], text[row.ErrorType] = "Failed", m.one("401", "403", "403", "404", "500", "PERMISSION_DENIED")
	}
	if text[row.ActionType] != "Login" && text[row.ActionType] != "Logout" {
		m.object(text)
	}
}

func (m maker) fail(text *[row.Columns]string) {
	text[row.Status], text[row.ErrorType], text[row.ActorType] = "Failed", "401", "anonymous"
	text[row.ClientAddress] = fmt.Sprintf("192.0.2.%d", m.IntN(12))
	if !m.in(5) {
		text[row.Data] = fmt.Sprintf(`{"claimed":"%s"}`, m.one("admin", "root", "ann", "Ünal", "o'brien"))
	}
}

func (m maker) object(text *[row.Columns]string) {
	text[row.ObjectType] = m.one("article", "author's page", "invoice")
	text[row.ObjectID] = fmt.Sprint(m.IntN(40))
	if m.actors > 100 {
		text[row.ObjectID] = fmt.Sprint(m.IntN(100_000))
	}
	text[row.ObjectName] = "thing " + text[row.ObjectID]
	text[row.Remarks] = "somebody had to do with " + text[row.ObjectName]
	switch text[row.ActionType] {
	case "Create":
		text[row.Data] = fmt.Sprintf(`{"parent":{"id":"%c","type":"author's page"}}`, text[row.ObjectID][0])
	case "Update":
		text[row.Data] = fmt.Sprintf(`{"changes":{"a \"b\"":[true,null],"price":[%d,%d.5],"title":["old 'one'","new \"two\""]}}`, m.IntN(90), m.IntN(90))
	}
}

// Actor is the id of the nth actor.
func Actor(n int) string {
	if n == 3 {
		return "o'brien & sons"
	}
	return fmt.Sprintf("u%d", n)
}
