package rule

import (
	"context"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/processor/activityprocessor/internal/record"
)

// Reads says which successful reads are kept.
type Reads string

// The values of reads.
const (
	ReadsAll     Reads = "all"
	ReadsSampled Reads = "sampled"
	ReadsNone    Reads = "none"
)

// sampledPart is the fraction of the reads that ReadsSampled keeps.
const sampledPart = 0.1

// readsRule is the name under which reads are counted that no rule drops.
const readsRule = "reads"

// Validate implements [confmap.Validator].
func (r Reads) Validate() error { return confcheck.OneOf(r, ReadsAll, ReadsSampled, ReadsNone) }

// sampling is the part of the successful reads that is kept. The zero value keeps all.
type sampling struct {
	active bool
	none   bool
	part   uint64  // ids whose hash is at most this are kept
	weight float64 // how many reads each kept one represents
}

func (r Reads) sampling() sampling {
	switch r {
	case ReadsNone:
		return sampling{active: true, none: true}
	case ReadsSampled:
		return newSampling(sampledPart)
	}
	return sampling{}
}

// newSampling keeps that fraction of the reads, above 0 and at most 1.
func newSampling(fraction float64) sampling {
	if fraction >= 1 {
		return sampling{}
	}
	return sampling{active: true, part: uint64(fraction * math.MaxUint64), weight: 1 / fraction}
}

// concerns reports whether only a part is kept of activities like that one.
func (s *sampling) concerns(action, status string) bool {
	return s.active && action == string(activity.ActionRead) && status == string(activity.StatusSuccess)
}

// keeps reports whether the activity with that id is in the sample. The answer is the same
// in every collector and at every time.
func (s *sampling) keeps(id string) bool { return !s.none && xxhash.Sum64String(id) <= s.part }

// sampling returns that of the rule if it has one, or else that of the processor.
func (e *Engine[K]) sampling(p *base) *sampling {
	if p != nil && p.sampling != nil {
		return p.sampling
	}
	return &e.reads
}

// thin applies the sampling to a declared activity whose rule is p, nil if it has none.
func (e *Engine[K]) thin(ctx context.Context, p *base, in *Input[K], action, status string) (Verdict, error) {
	s := e.sampling(p)
	if !s.concerns(action, status) {
		return Kept, nil
	}
	if id, _ := in.Attrs.Get(activity.IDKey); !s.keeps(id.Str()) {
		in.Result = record.Result{}
		return e.discard(ctx, s.name(p), in.Attrs, Unsampled), nil
	}
	if err := record.PutMember(in.Attrs, sampleWeight, s.weight, false); err != nil {
		return Kept, e.fail(ctx, s.name(p), record.DataPrefix+sampleWeight, "sample_reads")
	}
	return Kept, nil
}

// name returns under which name the reads are counted that are dropped because of s. p is
// the rule of the read, nil if it has none.
func (s *sampling) name(p *base) string {
	if p != nil && p.sampling == s {
		return p.name
	}
	return readsRule
}
