package web

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// rowView is a row for the page. Its texts went through [showLine] or [showBlock], and its
// links are relative.
type rowView struct {
	ID, Link     string
	Clock        string // "09:30:00"
	Time         string // in full
	Machine      string // for <time>
	Type, Tone   string // of the action, and its class in the style sheet
	Name         string // of the action
	Actor        named
	ActorType    string
	Impersonator string // the id
	Object       named
	ObjectType   string
	Remarks      string
	Failed       bool
	Status       string
	Error        string
	Address      named
	Service      string
	Claimed      string // the name that a failed login tried
	Changes      []changeView
}

// named is something with a name and an id, and where it leads.
type named struct{ Name, ID, Link string }

// day is the rows of one day.
type day struct {
	Title string
	Rows  []rowView
}

// Lengths of texts in lists.
const (
	listText  = 80
	listLabel = 160
)

// links makes addresses, relative to the page that is shown.
type links string

// to returns the address of a page with parameters: names and values. It is "" if a value
// cannot be one of a parameter.
func (base links) to(page string, pairs ...string) string {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if checkText(pair[1]) != nil {
			return ""
		}
		values.Set(pair[0], pair[1])
	}
	return string(base) + page + "?" + values.Encode()
}

func (base links) actor(id string) string { return base.to("actor", "actor_id", id) }

func (base links) object(o reader.Object) string {
	return base.to("object", "object_type", o.Type, "object_id", o.ID)
}

func (base links) row(r *reader.Row) rowView {
	at := r.ActionTime.UTC()
	v := rowView{
		ID: r.EventID.String(), Link: string(base) + "activities/" + r.EventID.String(),
		Clock: at.Format("15:04:05"), Time: at.Format("2 January 2006 15:04:05.000000") + " UTC", Machine: at.Format(time.RFC3339Nano),
		Type: showLine(string(r.ActionType), listText), Tone: tone(r.ActionType), Name: showLine(r.ActionName, listText),
		Actor:        named{showLine(r.ActorName, listText), showLine(r.ActorID, listText), base.actor(r.ActorID)},
		ActorType:    showLine(string(r.ActorType), listText),
		Impersonator: showLine(r.ImpersonatorID, listText),
		ObjectType:   showLine(r.ObjectType, listText),
		Object:       named{showLine(r.ObjectName, listText), showLine(r.ObjectID, listText), base.object(r.Object())},
		Remarks:      showLine(r.Remarks, listLabel),
		Failed:       r.Status == activity.StatusFailed, Status: showLine(string(r.Status), listText), Error: showLine(r.ErrorType, listText),
		Address: named{ID: showLine(r.ClientAddress, listText), Link: base.to("", "client_address", r.ClientAddress)},
		Service: showLine(r.ServiceName, listText),
	}
	var data map[string]json.RawMessage
	if json.Unmarshal(r.Data, &data) == nil {
		var claimed string
		if json.Unmarshal(data[activity.ClaimedKey], &claimed) == nil {
			v.Claimed = showLine(claimed, listText)
		}
	}
	return v
}

// tone is the class of a type of action: its colour.
func tone(t activity.ActionType) string {
	switch t {
	case activity.ActionCreate, activity.ActionRead, activity.ActionUpdate, activity.ActionDelete:
		return strings.ToLower(string(t))
	case activity.ActionLogin, activity.ActionLogout, activity.ActionLoginAttempt:
		return "login"
	case activity.ActionLoginFailed:
		return "failed"
	}
	return "other"
}

// days groups rows by the day, in their order.
func (base links) days(rows []reader.Row, changes bool) (all []day) {
	for i := range rows {
		title := rows[i].ActionTime.UTC().Format("Monday, 2 January 2006")
		if len(all) == 0 || all[len(all)-1].Title != title {
			all = append(all, day{Title: title})
		}
		v := base.row(&rows[i])
		if changes {
			for _, c := range rows[i].Changes() {
				v.Changes = append(v.Changes, newChangeView(c))
			}
		}
		d := &all[len(all)-1]
		d.Rows = append(d.Rows, v)
	}
	return all
}
