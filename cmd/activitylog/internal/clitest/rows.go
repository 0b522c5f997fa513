// Package clitest makes databases with known rows for the tests of the command.
package clitest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// Hostile is what a client may send to harm whoever reads it: it clears the terminal,
// sets its title, turns text around, and is a formula for a spreadsheet.
const Hostile = "=cmd|' /C calc'!A0\x1b[2J\x1b]0;owned\a\u202egnp.exe\r\n\u009b31m\x7f"

// Rows are those of the story, the oldest first. Their ids are the same in each run.
func Rows() []reader.Row {
	alice := reader.Row{ActorID: "42", ActorType: "user", ActorName: "alice", ClientAddress: "192.0.2.7", ServiceName: "blog", SessionID: "s-alice", Source: "declared"}
	bob := reader.Row{ActorID: "7", ActorType: "user", ActorName: "Bob Größer", TenantID: "acme", ClientAddress: "2001:db8::7", ServiceName: "blog", Source: "declared"}
	nobody := reader.Row{ClientAddress: "192.0.2.7", ServiceName: "blog", Source: "declared"}
	mallory := reader.Row{ActorID: Hostile, ActorName: Hostile, ServiceName: "shop", Source: "derived", UserAgent: Hostile}
	all := []reader.Row{
		act(nobody, "2026-11-01 08:00:00", "Login Failed", "session", "", "alice failed to log in from 192.0.2.7", `{"claimed":"alice"}`),
		act(alice, "2026-11-01 08:00:05", "Login", "session", "", "alice logged in from 192.0.2.7", `{}`),
		act(alice, "2026-11-01 08:01:00", "Read", "article", "17", "alice read article 17", `{}`),
		act(alice, "2026-11-01 08:02:00.123456", "Update", "article", "17", "alice updated article 17",
			`{"changes":{"title":["Old title","New title"],"tags":[["a"],["a","b"]],"draft":[true,null],"meta.seo.words":[null,12]}}`),
		act(bob, "2026-11-01 09:30:00", "Create", "comment", "3", "Bob Größer created comment 3", `{"parent":{"type":"article","id":"17"}}`),
		act(bob, "2026-11-02 10:00:00", "Update", "comment", "3", "Bob Größer updated comment 3",
			`{"parent":{"type":"article","id":"17"},"changes":{"text":["first\nsecond\nthird\n","first\n2nd\nthird\n"]}}`),
		act(alice, "2026-11-02 11:00:00", "Delete", "article", "18", "alice failed to delete article 18", `{}`),
		act(mallory, "2026-11-03 00:00:00", "Read", "article", "19", Hostile, `{"claimed":"\u001b[2J","changes":{"\u202eevil":["\u001b]0;owned\u0007","x"]}}`),
	}
	all[0].Status, all[6].Status, all[6].ErrorType = "Failed", "Failed", "403"
	all[3].TraceID, all[3].SpanID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	all[3].ObjectName, all[7].ObjectName = "Hello", Hostile
	return all
}

func act(r reader.Row, at string, action activity.ActionType, kind, id, remarks, data string) reader.Row {
	moment, err := time.Parse("2006-01-02 15:04:05", at)
	if err != nil {
		panic(err) // a constant of this file
	}
	r.EventID = activity.HashID(moment, []byte(at))
	r.ActionTime, r.ActionType, r.Status = r.EventID.Time(), action, "Success"
	r.ObjectType, r.ObjectID, r.Remarks, r.Data = kind, id, remarks, json.RawMessage(data)
	r.ActionName = map[activity.ActionType]string{"Update": "PATCH /articles/{id}"}[action]
	return r
}

// Many are n rows, one each second since the beginning of 2025, the oldest first.
func Many(n int) []reader.Row {
	all := make([]reader.Row, n)
	for i := range all {
		at := time.Date(2025, 1, 1, 0, 0, i, 0, time.UTC)
		r := reader.Row{ActorID: fmt.Sprint(i % 10), ActorName: fmt.Sprintf("user %d", i%10), ServiceName: "many", Source: "declared"}
		all[i] = act(r, at.Format("2006-01-02 15:04:05"), "Read", "page", fmt.Sprint(i), fmt.Sprintf("user %d read page %d", i%10, i), `{}`)
	}
	return all
}

// At returns a row of now minus a time.
func At(ago time.Duration, remarks string) reader.Row {
	at := time.Now().Add(-ago).UTC().Format("2006-01-02 15:04:05.000000")
	r := reader.Row{ActorID: "9", ActorName: "carol", ServiceName: "blog", Source: "declared"}
	r = act(r, at, "Read", "article", "1", remarks, `{}`)
	r.EventID = activity.HashID(r.ActionTime, []byte(at+remarks))
	return r
}
