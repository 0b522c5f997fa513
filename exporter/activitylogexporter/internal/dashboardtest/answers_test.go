package dashboardtest_test

import (
	"fmt"

	"github.com/otelactivity/activitylog/internal/table/row"
)

// answers are what each panel should show, of the rows of the time range and of
// all rows.
var answers = map[string]func(e evidence, all []row.Row) [][]string{
	"overview: In this time": func(e evidence, _ []row.Row) [][]string {
		return [][]string{{e.n(), e.failed().n()}}
	},
	"overview: Actors and failed logins": func(e evidence, _ []row.Row) [][]string {
		return [][]string{{e.is(row.ActionType, "Login Failed").n(), e.distinct(row.ActorID)}}
	},
	"overview: Activities by action":  func(e evidence, _ []row.Row) [][]string { return e.graph(row.ActionType) },
	"overview: Activities by status":  func(e evidence, _ []row.Row) [][]string { return e.graph(row.Status) },
	"overview: Activities by service": func(e evidence, _ []row.Row) [][]string { return e.graph(row.ServiceName) },
	"overview: Failed logins": func(e evidence, _ []row.Row) [][]string {
		return e.is(row.ActionType, "Login Failed").graph(row.ServiceName)
	},
	"overview: Busiest actors": func(e evidence, _ []row.Row) [][]string {
		return sorted(e.has(row.ActorID).groups(by(row.ActorID), func(p evidence) []string {
			return []string{p[0].Text[row.ActorID], p.most(row.ActorName), p.n(), p.failed().n(), p.last()}
		}), 20, "n2", "+0")
	},
	"overview: Busiest objects":   func(e evidence, _ []row.Row) [][]string { return e.objects(20) },
	"overview: Latest activities": func(e evidence, _ []row.Row) [][]string { return e.latest(100) },

	"actor: In this time": func(e evidence, _ []row.Row) [][]string {
		e = e.actor()
		return [][]string{{e.n(), e.failed().n(), e.distinct(row.ClientAddress), e.distinct(row.SessionID)}}
	},
	"actor: Activities by action": func(e evidence, _ []row.Row) [][]string { return e.actor().graph(row.ActionType) },
	"actor: Timeline":             func(e evidence, _ []row.Row) [][]string { return e.actor().latest(500) },
	"actor: From where": func(e evidence, _ []row.Row) [][]string {
		return sorted(e.actor().has(row.ClientAddress).groups(by(row.ClientAddress), func(p evidence) []string {
			return []string{p[0].Text[row.ClientAddress], p.n(), p.first(), p.last()}
		}), 50, "n1", "+0")
	},
	"actor: To what": func(e evidence, _ []row.Row) [][]string { return e.actor().objects(50) },
	"actor: Done by others in this actor's name": func(e evidence, _ []row.Row) [][]string {
		return e.actor().has(row.ImpersonatorID).list(100, row.ImpersonatorID, row.ActionType, row.Status, row.ObjectType, row.ObjectID,
			row.Remarks, row.TraceID)
	},

	"object: In this time": func(e evidence, _ []row.Row) [][]string {
		e = e.object()
		return [][]string{{e.n(), e.is(row.ActionType, "Read").n(), e.changes().n(), e.failed().n(), e.distinct(row.ActorID)}}
	},
	"object: Activities by action": func(e evidence, _ []row.Row) [][]string { return e.object().graph(row.ActionType) },
	"object: What was changed":     func(e evidence, _ []row.Row) [][]string { return e.object().fields() },
	"object: History":              func(e evidence, _ []row.Row) [][]string { return e.object().latest(500) },
	"object: What belongs to it": func(e evidence, _ []row.Row) [][]string {
		return e.where(func(r row.Row) bool {
			return r.Text[row.Data] == fmt.Sprintf(`{"parent":{"id":"%s","type":"%s"}}`, view.Variables["object_id"], view.Variables["object_type"])
		}).latest(100)
	},
	"object: Who": func(e evidence, _ []row.Row) [][]string {
		return sorted(e.object().has(row.ActorID).groups(by(row.ActorID), func(p evidence) []string {
			return []string{p[0].Text[row.ActorID], p.most(row.ActorName), p.is(row.ActionType, "Read").n(), p.changes().n(), p.n(), p.last()}
		}), 50, "n4", "+0")
	},

	"security: Failed logins in this time": func(e evidence, _ []row.Row) [][]string {
		e = e.is(row.ActionType, "Login Failed")
		return [][]string{{e.n(), e.distinct(row.ClientAddress), e.accounts()}}
	},
	"security: Logins": func(e evidence, _ []row.Row) [][]string {
		return e.is(row.ActionType, "Login", "Login Failed", "Logout").graph(row.ActionType)
	},
	"security: Refused actions": func(e evidence, _ []row.Row) [][]string { return e.refused().graph(row.ErrorType) },
	"security: Failed logins by address": func(e evidence, _ []row.Row) [][]string {
		return sorted(e.is(row.ActionType, "Login Failed").groups(by(row.ClientAddress), func(p evidence) []string {
			return []string{p[0].Text[row.ClientAddress], p.n(), p.accounts(), p.last()}
		}), 50, "n1", "+0")
	},
	"security: Failed logins by claimed name": func(e evidence, _ []row.Row) [][]string {
		e = e.is(row.ActionType, "Login Failed").where(func(r row.Row) bool { return claimed(r) != "" })
		return sorted(e.groups(claimed, func(p evidence) []string {
			return []string{claimed(p[0]), p.n(), p.distinct(row.ClientAddress), p.last()}
		}), 50, "n1", "+0")
	},
	"security: Addresses with failed, then successful logins": func(e evidence, _ []row.Row) [][]string {
		var lines [][]string
		for _, line := range e.is(row.ActionType, "Login", "Login Failed", "Logout").groups(by(row.ClientAddress), func(p evidence) []string {
			came := p.is(row.ActionType, "Login").is(row.Status, "Success")
			if failed := p.is(row.ActionType, "Login Failed"); len(failed) >= 3 && len(came) > 0 {
				return []string{p[0].Text[row.ClientAddress], failed.n(), came.n(), p.last()}
			}
			return nil
		}) {
			if line != nil {
				lines = append(lines, line)
			}
		}
		return sorted(lines, 50, "n1", "+0")
	},
	"security: New addresses of actors": evidence.newAddresses,
	"security: Refused actors": func(e evidence, _ []row.Row) [][]string {
		return sorted(e.refused().groups(by(row.ActorID), func(p evidence) []string {
			return []string{value(p[0].Text[row.ActorID]), p.most(row.ActorName), p.n(), p.distinct(row.ClientAddress), p.last()}
		}), 20, "n2", "+0")
	},
	"security: Latest refused actions": func(e evidence, _ []row.Row) [][]string { return e.refused().latest(100) },

	"trace: Activities of the trace": func(_ evidence, all []row.Row) (lines [][]string) {
		for _, r := range evidence(all).is(row.TraceID, view.Variables["trace_id"]) {
			line := []string{shown(at(r))}
			for _, c := range []int{row.ServiceName, row.ActorID, row.ActorName, row.ActionType, row.ActionName, row.Status, row.ErrorType,
				row.ObjectType, row.ObjectID, row.Remarks, row.Data, row.TraceID, row.SpanID} {
				line = append(line, value(r.Text[c]))
			}
			lines = append(lines, line)
		}
		return lines
	},
}

func (e evidence) actor() evidence { return e.is(row.ActorID, view.Variables["actor"]) }

func (e evidence) object() evidence {
	return e.is(row.ObjectType, view.Variables["object_type"]).is(row.ObjectID, view.Variables["object_id"])
}

func (e evidence) objects(limit int) [][]string {
	return sorted(e.has(row.ObjectID).groups(by(row.ObjectType, row.ObjectID), func(p evidence) []string {
		return []string{p[0].Text[row.ObjectType], p[0].Text[row.ObjectID], p.most(row.ObjectName), p.n(), p.changes().n(), p.last()}
	}), limit, "n3", "+0", "+1")
}
