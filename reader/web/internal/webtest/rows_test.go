package webtest_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// row returns a row with what must be there.
func row(at time.Time) reader.Row {
	id := activity.NewIDAt(at)
	return reader.Row{EventID: id, ActionTime: id.Time(), ActionType: "Read", Status: "Success", Data: json.RawMessage(`{}`), Source: "declared"}
}

// story returns rows as a small blog has them in the days before a time.
func story(now time.Time, n int) []reader.Row {
	people := []string{"alice", "bob", "carol", "dave", "erin"}
	titles := []string{"Down the rabbit hole", "The pool of tears", "Advice from a caterpillar", "Pig and pepper", "A mad tea party"}
	rng := rand.New(rand.NewPCG(3, 4))
	rows := make([]reader.Row, n)
	for i := range rows {
		r := row(now.Add(-time.Duration(float64(8*24*time.Hour) * rng.Float64() * rng.Float64())))
		who, what := rng.IntN(len(people)), rng.IntN(len(titles))
		trace := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		r.TraceID, r.SpanID = fmt.Sprintf("%x", trace[:16]), fmt.Sprintf("%x", trace[16:24])
		r.ActorID, r.ActorName, r.ActorType = fmt.Sprint(41+who), people[who], activity.ActorUser
		r.ClientAddress, r.ServiceName = fmt.Sprintf("192.0.2.%d", 10+who), "blog"
		r.UserAgent, r.SessionID = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "HUX5RHGBJBWFPDVB2L2CRR66BX"[:20]+people[who]
		r.ObjectType, r.ObjectID, r.ObjectName = "article", fmt.Sprint(17+what), titles[what]
		tell(&r, rng.IntN(16), rng)
		rows[i] = r
	}
	return rows
}

// tell makes a row one of several acts.
func tell(r *reader.Row, which int, rng *rand.Rand) {
	who, article := r.ActorName, "article "+r.ObjectID
	switch which {
	case 0, 1, 2, 3:
		r.ActionType, r.ActionName, r.Remarks = activity.ActionUpdate, "PATCH /api/articles/{id}", who+" updated "+article
		r.Data = json.RawMessage(fmt.Sprintf(`{"changes":{"title":["%[1]s","%[1]s, again"],"status":["draft","published"],"body":["Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do.","Alice was beginning to get tired of sitting by her sister on the river bank, and of having nothing at all to do."],"tags":[["tea","hare"],["tea","hare","hatter"]],"words":[1204,%[2]d]},"duration_ms":%[3]d}`,
			r.ObjectName, 1200+rng.IntN(300), rng.IntN(90)))
	case 4:
		r.ActionType, r.ActionName, r.Remarks = activity.ActionDelete, "DELETE /api/articles/{id}", who+" could not delete "+article
		r.Status, r.ErrorType = activity.StatusFailed, "403"
	case 5, 6:
		r.ActionType, r.ActionName, r.Remarks = activity.ActionCreate, "POST /api/articles/{id}/comments", who+" created comment "+fmt.Sprint(rng.IntN(900))
		r.Data = json.RawMessage(`{"parent":{"type":"article","id":"` + r.ObjectID + `"}}`)
		r.ObjectType, r.ObjectID, r.ObjectName = "comment", fmt.Sprint(rng.IntN(900)), ""
	case 7:
		r.ActionType, r.ActionName, r.Remarks = activity.ActionLogin, "POST /api/login", who+" logged in from "+r.ClientAddress
		r.ObjectType, r.ObjectID, r.ObjectName = "session", "", ""
	case 8, 9:
		r.ActionType, r.ActionName, r.Status, r.ErrorType = activity.ActionLoginFailed, "POST /api/login", activity.StatusFailed, "401"
		r.Remarks = who + " failed to log in from 198.51.100.7"
		r.ActorID, r.ActorName, r.ActorType, r.SessionID, r.ClientAddress = "", "", activity.ActorAnonymous, "", "198.51.100.7"
		r.ObjectType, r.ObjectID, r.ObjectName, r.Data = "session", "", "", json.RawMessage(`{"claimed":"`+who+`"}`)
	case 10:
		r.ImpersonatorID, r.Remarks = "7", who+" read "+article
		r.ActionName = "GET /api/articles/{id}"
	default:
		r.ActionName, r.Remarks = "GET /api/articles/{id}", who+" read "+article
	}
}

// sorted returns rows with the newest or oldest first.
func sorted(rows []reader.Row, newest bool) []reader.Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b reader.Row) int {
		c := a.ActionTime.Compare(b.ActionTime)
		if c == 0 {
			c = strings.Compare(a.EventID.String(), b.EventID.String())
		}
		if newest {
			return -c
		}
		return c
	})
	return rows
}
