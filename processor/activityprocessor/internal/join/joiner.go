package join

import (
	"hash/maphash"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Joiner gives spans and log records the users of their traces. The pipelines of one
// component share one, so that log records get the users of spans. It is safe for
// concurrent use.
type Joiner struct {
	cfg     Config
	seed    maphash.Seed
	now     func() time.Time
	batches sync.Pool

	mu     sync.RWMutex
	memory *memory
	below  *memory // users of spans whose request has not arrived, by the place of its missing parent
}

// New returns the joiner of cfg. It needs no Start, and no Shutdown.
func New(cfg Config) *Joiner {
	return &Joiner{
		cfg: cfg, seed: maphash.MakeSeed(), now: time.Now,
		batches: sync.Pool{New: func() any { return &batch{index: make(map[place]int)} }},
		memory:  newMemory(&cfg),
		below:   newMemory(&cfg),
	}
}

// Remembered returns the number of places in traces whose user is remembered.
func (j *Joiner) Remembered() int {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.memory.len() + j.below.len()
}

// Traces gives spans without a user the user of an ancestor, and returns how many spans
// got one.
func (j *Joiner) Traces(td ptrace.Traces) (joined int) {
	if !j.cfg.Enabled {
		return 0
	}
	b := j.batches.Get().(*batch)
	b.read(td, j.seed, j.cfg.AcrossServices)
	joined = j.fromBatch(b)
	j.remember(b)
	if b.reset() {
		j.batches.Put(b)
	}
	return joined
}

func (j *Joiner) fromBatch(b *batch) int {
	if b.lacking == 0 {
		return 0
	}
	j.forget()
	j.mu.RLock()
	defer j.mu.RUnlock()
	if b.having == 0 && !b.reaches(j.memory, j.cfg.AcrossServices) {
		return 0
	}
	b.order(j.cfg.AcrossServices)
	return b.join(j.memory, j.cfg.AcrossServices)
}

// forget ages the memory, if it is time.
func (j *Joiner) forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.memory.age(j.now())
}

func (j *Joiner) remember(b *batch) {
	if j.cfg.Window == 0 {
		return
	}
	now := j.now()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.memory.age(now)
	b.remember(j.memory, j.seed, j.cfg.AcrossServices, now)
}

// Logs gives log records without a user the user of their span, if that has arrived
// before them, and returns how many records got one.
func (j *Joiner) Logs(ld plog.Logs) (joined int) {
	if !j.cfg.Enabled || j.cfg.Window == 0 {
		return 0
	}
	j.forget()
	j.mu.RLock()
	defer j.mu.RUnlock()
	if j.memory.len() == 0 {
		return 0
	}
	for _, rl := range ld.ResourceLogs().All() {
		joined += j.resourceLogs(rl)
	}
	return joined
}

func (j *Joiner) resourceLogs(rl plog.ResourceLogs) (joined int) {
	var service uint64
	if !j.cfg.AcrossServices {
		service = record.ProcessOf(j.seed, rl.Resource())
	}
	for _, sl := range rl.ScopeLogs().All() {
		for _, line := range sl.LogRecords().All() {
			if u := j.userOf(line, service); u != nil {
				give(u.attrs, line.Attributes(), isUser)
				joined++
			}
		}
	}
	return joined
}

// userOf returns the user of the span of a record without a user.
func (j *Joiner) userOf(record plog.LogRecord, service uint64) *user {
	if record.TraceID().IsEmpty() || record.SpanID() == (pcommon.SpanID{}) || claimOf(record.Attributes()) != nothing {
		return nil
	}
	p := place{record.TraceID(), service, record.SpanID()}
	if u := j.memory.find(p); u != nil || !j.cfg.AcrossServices {
		return u
	}
	return j.memory.find(p.root())
}
