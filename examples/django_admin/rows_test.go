package django_admin_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/otlpjson"
	"github.com/otelactivity/activitylog/internal/storytest"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

// The times and ids are the same each time, and so are the pictures.
var (
	nine     = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	updateID = activity.HashID(nine.Add(3*time.Minute+123456*time.Microsecond), []byte("alice's update")).String()
	failedID = activity.HashID(nine.Add(4*time.Minute), []byte("bob's update")).String()
)

// write sends five activities to the real collector and waits for their rows.
func write(t *testing.T, driver, dsn string, db *sql.DB) {
	t.Helper()
	c := collectortest.Start(t, collectortest.Config{Driver: driver, DSN: dsn})
	at := nine
	record := func(fields map[string]string) otlpjson.Object {
		at = at.Add(time.Minute)
		attributes := otlpjson.List{}
		for key, value := range fields {
			attributes = append(attributes, otlpjson.Text(key, value))
		}
		return otlpjson.Object{"timeUnixNano": fmt.Sprint(at.UnixNano()), "traceId": fmt.Sprintf("%032x", at.UnixNano()),
			"body": otlpjson.Object{"stringValue": fields["activity.remarks"]}, "attributes": attributes}
	}
	records := otlpjson.List{
		record(map[string]string{"activity.action.type": "Login Failed", "activity.actor.type": "anonymous", "activity.object.type": "session",
			"activity.remarks": "alice failed to log in from 192.0.2.7", "client.address": "192.0.2.7", "error.type": "401"}),
		record(map[string]string{"activity.action.type": "Login", "activity.actor.id": "42", "activity.actor.name": "alice",
			"activity.object.type": "session", "activity.remarks": "alice logged in from 192.0.2.7", "client.address": "192.0.2.7"}),
		record(map[string]string{"activity.id": updateID, "activity.action.type": "Update", "activity.action.name": "PATCH /articles/{id}",
			"activity.actor.id": "42", "activity.actor.name": "alice", "activity.actor.type": "user", "activity.source": "declared",
			"activity.object.type": "article", "activity.object.id": "17", "activity.object.name": "A mad tea party",
			"activity.remarks": "alice updated article 17", "activity.data": `{"changes": {"title": ["Tea", "A mad tea party"]}}`,
			"client.address": "192.0.2.7", "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}),
		record(map[string]string{"activity.id": failedID, "activity.action.type": "Update", "activity.status": "Failed", "error.type": "403",
			"activity.actor.id": "7", "activity.actor.name": "bob", "activity.object.type": "article", "activity.object.id": "17",
			"activity.remarks": "bob failed to update article 17", "activity.data": `{"title": "<script>alert(1)</script>"}`,
			"client.address": "198.51.100.4", "user_agent.original": "<script>alert(2)</script>"}),
		record(map[string]string{"activity.action.type": "Read", "activity.actor.id": "7", "activity.actor.name": "bob",
			"activity.object.type": "article", "activity.object.id": "18", "activity.remarks": "bob read article 18", "client.address": "198.51.100.4"}),
	}
	records[2].(otlpjson.Object)["traceId"] = traceID
	if err := otlpjson.Post(t.Context(), c.HTTP, "logs", otlpjson.Logs(records...)); err != nil {
		t.Fatal(err)
	}
	storytest.Await(t, db, len(records))
	c.Stop()
}
