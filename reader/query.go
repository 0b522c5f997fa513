package reader

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader/internal/dialect"
)

// Query says which rows to read: those that meet all conditions. A zero field is no
// condition. Text is compared byte for byte.
//
// Which conditions are served by an index is in docs/develop/reader.md. The others look
// at all rows between From and To.
type Query struct {
	ID   activity.ID // event_id; an id with other conditions is that row, if it meets them
	From time.Time   // the earliest action_time
	To   time.Time   // action_time must be before it

	Actor        string // actor_id
	ActorType    activity.ActorType
	Tenant       string // tenant_id
	Impersonator string // impersonator_id
	ActionType   activity.ActionType
	ActionName   string
	Status       activity.Status
	ErrorType    string
	Object       Object
	Service      string // service_name
	Trace        string // trace_id, 32 hexadecimal digits
	Session      string // session_id
	Address      string // client_address
	Source       activity.Source

	// Text must be in remarks, actor_name, action_name or object_name.
	Text string

	// Data are values of the column data.
	Data []DataValue
}

// Object names an object. Each of its fields may be empty.
type Object struct {
	Type string `json:"type,omitempty"` // object_type
	ID   string `json:"id,omitempty"`   // object_id
}

// DataValue is a condition: data has this value at the path. The value is one of text,
// true or false, or a number. Whole numbers are compared by their digits. The form of
// other numbers, "1.50" or "1.5", depends on the database.
type DataValue struct {
	Path  []string // keys of objects, the outermost first: "parent", "type"
	Value string
}

// conditions builds the WHERE of a statement. Values become arguments, and only the
// names of columns and the text of the dialect become text.
type conditions struct {
	dialect dialect.Dialect
	all     []string
	args    []any
	err     error
	at      string // the column of the time; "" is action_time
}

// add adds an argument, and returns its parameter.
func (c *conditions) add(value string, kind dialect.Kind) string {
	if c.err == nil && (!utf8.ValidString(value) || strings.ContainsRune(value, 0)) {
		c.err = fmt.Errorf("a value of the query must be UTF-8 without NUL; got %.64q", value)
	}
	c.args = append(c.args, value)
	return c.dialect.Parameter(len(c.args), kind)
}

func (c *conditions) text(value string) string { return c.add(value, dialect.Text) }

func (c *conditions) time(at time.Time) string {
	return c.add(c.dialect.Time(at), dialect.Time)
}

// where adds a condition.
func (c *conditions) where(condition string) { c.all = append(c.all, condition) }

// equal adds a condition for a column, unless the value is empty.
func (c *conditions) equal(column, value string) {
	if value != "" {
		c.where("t." + column + " = " + c.text(value))
	}
}

// sparse adds a condition for a column whose index has only the rows that have a value.
// other says that another condition has an index of fewer rows.
func (c *conditions) sparse(column, value string, other bool) {
	if value != "" {
		c.where(c.dialect.Sparse(column, c.text(value), utf8.RuneCountInString(value) <= 255, other))
	}
}

// span adds a condition for the time.
func (c *conditions) span(from, to time.Time) {
	for _, bound := range []time.Time{from, to} {
		if year := bound.UTC().Year(); !bound.IsZero() && (year < 1 || year > 9999) && c.err == nil {
			c.err = fmt.Errorf("a time of the query must be in the years 1 to 9999; got %s", bound.UTC().Format(time.RFC3339))
		}
	}
	column := c.at
	if column == "" {
		column = "action_time"
	}
	if !from.IsZero() {
		c.where("t." + column + " >= " + c.time(ceil(from)))
	}
	if !to.IsZero() {
		c.where("t." + column + " < " + c.time(ceil(to)))
	}
}

// ceil returns the first microsecond that is not before at: rows have no finer times.
func ceil(at time.Time) time.Time {
	if floor := at.Truncate(time.Microsecond); floor.Before(at) {
		return floor.Add(time.Microsecond)
	}
	return at
}

// past adds the condition that a row is older or newer than a position.
func (c *conditions) past(p position, older bool) {
	sign := " > "
	if older {
		sign = " < "
	}
	// The first part is what an index on action_time can serve.
	first := c.time(p.time())
	second := c.time(p.time())
	c.where("t.action_time" + sign[:2] + "= " + first + " AND (t.action_time" + sign + second + " OR t.event_id" + sign +
		c.add(p.id.String(), dialect.ID) + ")")
}

// query adds all conditions of a query.
func (c *conditions) query(q Query) {
	if !q.ID.IsZero() {
		c.where("t.event_id = " + c.add(q.ID.String(), dialect.ID))
	}
	c.span(q.From, q.To)
	c.equal("actor_id", q.Actor)
	c.equal("actor_type", string(q.ActorType))
	// A trace has few rows, then a session, then an object or what somebody did as another,
	// then an actor, and a tenant may have most of the rows.
	few := !q.ID.IsZero() || q.Trace != ""
	c.sparse("session_id", q.Session, few)
	few = few || q.Session != "" || q.Object.Type != "" && q.Object.ID != ""
	c.sparse("impersonator_id", q.Impersonator, few)
	c.sparse("tenant_id", q.Tenant, few || q.Impersonator != "" || q.Actor != "")
	if q.ActionType == activity.ActionLoginFailed {
		c.where("t.action_type = 'Login Failed'") // the index of these rows is not used for a parameter
	} else {
		c.equal("action_type", string(q.ActionType))
	}
	c.equal("action_name", q.ActionName)
	c.equal("status", string(q.Status))
	c.equal("error_type", q.ErrorType)
	c.equal("object_type", q.Object.Type)
	c.equal("object_id", q.Object.ID)
	c.equal("service_name", q.Service)
	c.equal("trace_id", strings.ToLower(q.Trace))
	c.equal("client_address", q.Address)
	c.equal("source", string(q.Source))
	if q.Text != "" {
		var either []string
		for _, column := range []string{"remarks", "actor_name", "action_name", "object_name"} {
			either = append(either, c.dialect.Contains(column, c.text(c.dialect.Search(q.Text))))
		}
		c.where("(" + strings.Join(either, " OR ") + ")")
	}
	for _, d := range q.Data {
		c.where(c.data(d.Path, d.Value))
	}
}

// data returns the condition that data has a value at a path.
func (c *conditions) data(path []string, value string) string {
	if len(path) == 0 && c.err == nil {
		c.err = fmt.Errorf("a path in data must have a key")
	}
	for _, key := range path {
		if c.err == nil && (key == "" || strings.ContainsAny(key, `"\`)) {
			c.err = fmt.Errorf(`a key of a path in data must not be empty or have " or \ in it; got %.64q`, key)
		}
	}
	if c.err != nil {
		return ""
	}
	return c.dialect.Data(path, c.text) + " = " + c.text(value)
}

// String returns the WHERE, or nothing.
func (c *conditions) String() string {
	if len(c.all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.all, " AND ")
}
