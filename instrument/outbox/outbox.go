package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/otelactivity/activitylog/activity"
)

// DefaultTable is the name of the table, unless [WithTable] sets another one.
const DefaultTable = "activity_outbox"

// Outbox is a table of activities that wait to be sent. It may be used from many
// goroutines.
type Outbox struct {
	dialect    Dialect
	table      string
	target     string // the exporter's table; "" for none
	targetOnly bool
	channel    string // for NOTIFY; "" for none
	attributes []attribute.KeyValue
	resource   *resource.Resource

	text     statements
	recorded chan struct{} // a transaction has a new row, and may commit soon
}

// Option configures [New].
type Option func(*Outbox)

// WithTable sets the name of the table, with a schema if it has one: "app.outbox". The
// default is [DefaultTable].
func WithTable(name string) Option { return func(b *Outbox) { b.table = name } }

// WithTarget makes Record also write the row of the activity log into this table, which
// the exporter has created: "activity_log". The record that a relay sends for it adds
// nothing to that table. The row is what the service says: rules of the processor that
// change or mask something do not apply to it.
func WithTarget(table string) Option { return func(b *Outbox) { b.target = table } }

// WithTargetOnly is [WithTarget] without the outbox: Record writes nothing but the row of
// the activity log, and there is nothing to relay.
func WithTargetOnly(table string) Option {
	return func(b *Outbox) { b.target, b.targetOnly = table, true }
}

// WithNotify makes Record notify a channel of PostgreSQL, which happens when the
// transaction commits. Relays that listen to it ([WithWait]) then send at once, in every
// process. Other databases ignore it.
func WithNotify(channel string) Option { return func(b *Outbox) { b.channel = channel } }

// WithServiceName sets service.name, unless OTEL_SERVICE_NAME does.
func WithServiceName(name string) Option {
	return WithAttributes(attribute.String(activity.ServiceNameKey, name))
}

// WithAttributes adds attributes of the resource of all records.
// OTEL_RESOURCE_ATTRIBUTES overrides them.
func WithAttributes(attrs ...attribute.KeyValue) Option {
	return func(b *Outbox) { b.attributes = append(b.attributes, attrs...) }
}

// New returns an Outbox in a database. It does not create the table: see
// [Outbox.Schema].
func New(dialect Dialect, opts ...Option) *Outbox {
	b := &Outbox{dialect: dialect, table: DefaultTable, recorded: make(chan struct{}, 1)}
	for _, o := range opts {
		o(b)
	}
	var err error
	b.resource, err = resource.New(context.Background(), resource.WithAttributes(b.attributes...),
		resource.WithTelemetrySDK(), resource.WithFromEnv()) // last, so that the environment overrides the options
	if err != nil {
		otel.Handle(fmt.Errorf("create resource of the outbox: %w", err))
	}
	b.text = dialect.statements(b.table, b.channel)
	return b
}

// Schema returns the statement that creates the table if it does not exist. Run it in a
// migration, or at the start. [WithTargetOnly] needs no table.
func (b *Outbox) Schema() string { return b.text.schema }

var errNoActionType = errors.New("missing action type")

// Record writes an activity in the transaction tx, and returns its id. Empty fields get
// the same defaults, and data the same form, as in a log record of instrument.Recorder.
// The row has the trace of ctx.
//
// If there is an error, roll the transaction back.
func (b *Outbox) Record(ctx context.Context, tx Tx, a activity.Activity) (activity.ID, error) {
	id, err := b.record(ctx, tx, a)
	if err != nil {
		return activity.ID{}, fmt.Errorf("record activity in the outbox: %w", err)
	}
	if !b.targetOnly {
		b.Wake()
	}
	return id, nil
}

func (b *Outbox) record(ctx context.Context, tx Tx, a activity.Activity) (activity.ID, error) {
	if a.ActionType == "" {
		return activity.ID{}, errNoActionType
	}
	if err := checkTx(tx); err != nil {
		return activity.ID{}, err
	}
	r, err := recordOf(ctx, a)
	if err != nil {
		return activity.ID{}, err
	}
	if b.target != "" {
		if err := b.writeTarget(ctx, tx, r); err != nil {
			return activity.ID{}, fmt.Errorf("write row to %s: %w", b.target, err)
		}
	}
	if b.targetOnly {
		return r.id, nil
	}
	text, err := r.encode()
	if err != nil {
		return activity.ID{}, err
	}
	if _, err := tx.ExecContext(ctx, b.text.insert, r.id.String(), text); err != nil {
		return activity.ID{}, fmt.Errorf("write row to %s: %w", b.table, hintAtSchema(err))
	}
	return r.id, nil
}

// hintAtSchema says what to do if err is that the table does not exist. Drivers have no error in
// common for that.
func hintAtSchema(err error) error {
	text := err.Error()
	for _, missing := range []string{"no such table", "SQLSTATE 42P01", "pq: relation ", "Error 1146"} {
		if strings.Contains(text, missing) {
			return fmt.Errorf("%w; create it by the statement of Schema", err)
		}
	}
	return err
}

// Wake makes a relay of the same process look at the table soon. [Outbox.Record] does
// that: the relay then looks again and again for a moment, since it cannot know when the
// transaction commits. Call Wake after the commit of a transaction that takes long.
func (b *Outbox) Wake() {
	select {
	case b.recorded <- struct{}{}:
	default:
	}
}
