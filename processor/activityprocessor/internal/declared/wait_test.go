package declared

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func TestConfig(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"defaults":          {func(*Config) {}, ""},
		"wait":              {func(c *Config) { c.Wait = Wait(2 * time.Second) }, ""},
		"negative wait":     {func(c *Config) { c.Wait = -1 }, "wait: must be from 0s to 5s"},
		"long wait":         {func(c *Config) { c.Wait = Wait(time.Minute) }, "wait: must be from 0s to 5s"},
		"few spans":         {func(c *Config) { c.MaxSpans = 0 }, "max_spans: must be at least 1000; got 0"},
		"no ttl":            {func(c *Config) { c.TTL = 0 }, "ttl: must be at least 1s; got 0s"},
		"ttl within wait":   {func(c *Config) { c.Wait, c.TTL = Wait(3*time.Second), TTL(2*time.Second) }, "ttl must be longer than wait, 3s; got 2s"},
		"ttl same as wait":  {func(c *Config) { c.Wait, c.TTL = Wait(2*time.Second), TTL(2*time.Second) }, "ttl must be longer than wait, 2s; got 2s"},
		"two wrong at once": {func(c *Config) { c.Wait, c.MaxSpans = -1, 1 }, "max_spans"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			tt.change(&cfg)
			if err := confmap.Validate(&cfg); tt.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, tt.want)
			}
		})
	}
}

func TestWait(t *testing.T) {
	for name, tt := range map[string]struct {
		wait     time.Duration
		ended    time.Duration // before now
		deadline time.Duration // from now, 0: none
		want     time.Duration
	}{
		"off":                  {wait: 0, want: 0},
		"just ended":           {wait: 2 * time.Second, want: 2 * time.Second},
		"ended a while ago":    {wait: 2 * time.Second, ended: 1500 * time.Millisecond, want: 500 * time.Millisecond},
		"ended long ago":       {wait: 2 * time.Second, ended: time.Hour, want: 0},
		"a clock that is fast": {wait: 2 * time.Second, ended: -time.Hour, want: 2 * time.Second},
		"a near deadline":      {wait: 2 * time.Second, deadline: time.Second, want: 500 * time.Millisecond},
		"a far deadline":       {wait: 2 * time.Second, deadline: 10 * time.Second, want: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := small()
				cfg.Wait = Wait(tt.wait)
				x := New(cfg)
				ctx := t.Context()
				if tt.deadline != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				before := time.Now()
				require.NoError(t, x.Wait(ctx, pcommon.NewTimestampFromTime(before.Add(-tt.ended))))
				assert.Equal(t, tt.want, time.Since(before))
			})
		})
	}
}

func TestWaitEndsWithItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.Wait = Wait(2 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		before := time.Now()
		err := New(cfg).Wait(ctx, pcommon.NewTimestampFromTime(before))
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Second, time.Since(before))
	})
}

func TestWaitWithoutAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.Wait = Wait(2 * time.Second)
		before := time.Now()
		require.NoError(t, New(cfg).Wait(t.Context(), 0))
		assert.Zero(t, time.Since(before))
	})
}
