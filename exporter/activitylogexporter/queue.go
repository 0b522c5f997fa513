package activitylogexporter

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// gate makes up for two gaps of the persistent queue of exporterhelper v0.155,
// through each of which a collector that is killed can lose what it has
// acknowledged. e2e/chaos shows both.
//
//   - A receiver that serves several signals starts with the first pipeline that
//     it is in. Data of another signal may then come to an exporter whose queue is
//     being loaded, which has no lock for that: two requests get the same place.
//     So consuming waits until the exporter has started.
//   - On start, requests that were in flight are deleted from the storage, and
//     put back at the end of the queue one by one. A kill in between loses those
//     that are not back yet. So deletions wait until the queue has started; what
//     is there twice after a kill has the same ids, and becomes the same rows.
type gate struct {
	open chan struct{} // closed once the exporter has started
}

func newGate() gate { return gate{open: make(chan struct{})} }

// wait waits until the exporter has started.
func (g gate) wait(ctx context.Context) error {
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start starts an exporter, with storage that holds back deletions meanwhile.
func (g gate) start(ctx context.Context, host component.Host, exporter component.StartFunc) error {
	h := &holdingHost{Host: host}
	if err := exporter(ctx, h); err != nil {
		return err
	}
	if err := h.release(ctx); err != nil {
		return err
	}
	close(g.open)
	return nil
}

// holdingHost is a host whose storage extensions hold back deletions.
type holdingHost struct {
	component.Host
	mu      sync.Mutex
	clients []*holdingClient
}

// Report implements [componentstatus.Reporter], which embedding hides.
func (h *holdingHost) Report(event *componentstatus.Event) {
	componentstatus.ReportStatus(h.Host, event)
}

// GetExtensions implements [component.Host].
func (h *holdingHost) GetExtensions() map[component.ID]component.Component {
	all := h.Host.GetExtensions()
	held := make(map[component.ID]component.Component, len(all))
	for id, extension := range all {
		if store, ok := extension.(storage.Extension); ok {
			extension = &holdingExtension{Extension: store, host: h}
		}
		held[id] = extension
	}
	return held
}

// release applies what was held back, and holds back no more.
func (h *holdingHost) release(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, client := range h.clients {
		errs = append(errs, client.release(ctx))
	}
	return errors.Join(errs...)
}

type holdingExtension struct {
	storage.Extension
	host *holdingHost
}

// GetClient implements [storage.Extension].
func (e *holdingExtension) GetClient(ctx context.Context, kind component.Kind, id component.ID, name string) (storage.Client, error) {
	client, err := e.Extension.GetClient(ctx, kind, id, name)
	if err != nil {
		return nil, err
	}
	held := &holdingClient{Client: compressingClient{client}, holding: true}
	e.host.mu.Lock()
	defer e.host.mu.Unlock()
	e.host.clients = append(e.host.clients, held)
	return held, nil
}

// holdingClient holds back batches that do nothing but delete.
type holdingClient struct {
	storage.Client
	mu      sync.Mutex
	holding bool
	held    []*storage.Operation
}

// Batch implements [storage.Client].
func (c *holdingClient) Batch(ctx context.Context, ops ...*storage.Operation) error {
	if c.hold(ops) {
		return nil
	}
	return c.Client.Batch(ctx, ops...)
}

func (c *holdingClient) hold(ops []*storage.Operation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.holding {
		return false
	}
	for _, op := range ops {
		if op.Type != storage.Delete {
			return false
		}
	}
	c.held = append(c.held, ops...)
	return true
}

func (c *holdingClient) release(ctx context.Context) error {
	c.mu.Lock()
	held := c.held
	c.holding, c.held = false, nil
	c.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	return c.Client.Batch(ctx, held...)
}
