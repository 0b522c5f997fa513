package operate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Bounds of the difference of two clocks.
const (
	clockWarn = 2 * time.Second
	clockFail = 5 * time.Minute
)

// Doctor checks everything that an operator can fix.
func (t *Table) Doctor(ctx context.Context) []Finding {
	all := t.Check(ctx)
	if all[0].Level == Fail {
		return append(all, t.checkClock(ctx))
	}
	all = append(all, t.checkRights(ctx), t.checkClock(ctx), t.checkRows(ctx), t.checkLetters(ctx))
	return append(all, t.checkCounts(ctx)...)
}

// checkRights looks whether the account may write, by a row that is rolled back.
func (t *Table) checkRights(ctx context.Context) Finding {
	tested, err := t.store.Test(ctx)
	switch {
	case err == nil && tested:
		return Finding{OK, "rights", "the account may insert; a test row was taken, and rolled back", ""}
	case err == nil:
		return Finding{OK, "rights", "not tested, because this database cannot roll back an insert", ""}
	case t.dialect.Classify(err).Kind == dialect.Denied || readOnly(err):
		return Finding{Warn, "rights", "the account may not insert into " + t.Name() + ": " + err.Error(),
			`this is right for a reader; "activitylog grant --role collector" has the statements for a collector`}
	case errors.Is(err, store.ErrWrongSchema):
		return Finding{Fail, "rights", err.Error(), "find the constraint, trigger or column that was changed; the rows of the collector wait in its queue meanwhile"}
	}
	return Finding{Fail, "rights", err.Error(), "read the error of the database"}
}

func (t *Table) checkClock(ctx context.Context) Finding {
	var micro int64
	began := time.Now()
	err := t.store.On(ctx, func(ctx context.Context, conn *sql.Conn) error {
		return conn.QueryRowContext(ctx, t.dialect.Clock()).Scan(&micro)
	})
	if err != nil {
		return Finding{Warn, "clock", "the database's time could not be read: " + err.Error(), ""}
	}
	took := time.Since(began)
	return clockFinding(time.UnixMicro(micro).Sub(began.Add(took/2)), took)
}

// clockFinding is about the database's clock, which is apart from ours by so much. The
// question took a time in which it could not be known better.
func clockFinding(apart, took time.Duration) Finding {
	if apart.Abs() <= took/2 {
		apart = 0
	}
	text := fmt.Sprintf("the database's clock and this computer's differ by %v", apart.Abs().Round(time.Millisecond))
	todo := "set the clocks by NTP: recorded_at, retention and \"tail\" follow the database's, action_time the services'"
	switch {
	case apart.Abs() >= clockFail:
		return Finding{Fail, "clock", text, todo}
	case apart.Abs() >= clockWarn:
		return Finding{Warn, "clock", text, todo}
	}
	return Finding{OK, "clock", text, ""}
}

func (t *Table) checkRows(ctx context.Context) Finding {
	oldest, newest, err := t.ends(ctx)
	switch {
	case err != nil:
		return Finding{Warn, "rows", err.Error(), ""}
	case newest.IsZero():
		return Finding{Warn, "rows", t.Name() + " has no rows", "look whether a collector writes to this table (docs/operate/troubleshoot.md)"}
	}
	text := fmt.Sprintf("from %s to %s", oldest.Format(time.RFC3339), newest.Format(time.RFC3339))
	if ahead := time.Until(newest); ahead > clockFail {
		return Finding{Warn, "rows", fmt.Sprintf("%s, %v ahead of this computer's clock", text, ahead.Round(time.Second)), "find the service whose clock is wrong: docs/operate/monitor.md"}
	}
	return Finding{OK, "rows", text, ""}
}

func (t *Table) checkLetters(ctx context.Context) Finding {
	reasons, err := t.Reasons(ctx)
	if err != nil {
		return Finding{Warn, "dead letters", err.Error(), t.ifDenied(err, "use an account that may read "+dialect.DeadLetterTable(t.Name()))}
	}
	n, conflicts := 0, 0
	for _, r := range reasons {
		n += r.Letters
		if r.Reason == store.OtherContent {
			conflicts = r.Letters
		}
	}
	if n == 0 {
		return Finding{OK, "dead letters", "none", ""}
	}
	return Finding{Warn, "dead letters", fmt.Sprintf("%d, of which %d are conflicts of ids", n, conflicts),
		`"activitylog dead-letters list --reasons" says why; "dead-letters retry" puts them back when the cause is fixed`}
}
