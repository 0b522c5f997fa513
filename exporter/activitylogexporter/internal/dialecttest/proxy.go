package dialecttest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands between a store and its server, and cuts connections.
type proxy struct {
	listener net.Listener
	server   string
	mu       sync.Mutex
	left     int64 // bytes to the server until all connections are cut; < 0: no limit
	open     map[net.Conn]bool
	frozen   chan struct{} // nil, or closed when what passes may pass again
	perByte  time.Duration // how long a byte to the server takes
}

func newProxy(t *testing.T, server string) *proxy {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, server: server, left: -1, open: map[net.Conn]bool{}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.thaw()
		p.cut()
		wg.Wait()
	})
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) cutAfter(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = n
}

// freeze lets nothing pass, and accepts connections all the same, until thaw.
func (p *proxy) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		p.frozen = make(chan struct{})
	}
}

func (p *proxy) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen != nil {
		close(p.frozen)
		p.frozen = nil
	}
}

// slow limits the bytes per second to the server; 0: no limit.
func (p *proxy) slow(bytesPerSecond int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.perByte = 0
	if bytesPerSecond > 0 {
		p.perByte = time.Second / time.Duration(bytesPerSecond)
	}
}

// wait waits until n bytes may pass.
func (p *proxy) wait(n int) {
	p.mu.Lock()
	frozen, pause := p.frozen, time.Duration(n)*p.perByte
	p.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
	time.Sleep(pause)
}

// answers copies what the server sends.
func (p *proxy) answers(client, server net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := server.Read(buf)
		p.wait(0)
		if n > 0 {
			if _, failed := client.Write(buf[:n]); failed != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close()
	}
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.open[client], p.open[server] = true, true
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { p.answers(client, server); _ = client.Close() })
	buf := make([]byte, 4096)
	for {
		n, err := client.Read(buf)
		p.wait(n)
		if err != nil || p.spend(n) {
			break
		}
		if _, err := server.Write(buf[:n]); err != nil {
			break
		}
	}
	_, _ = client.Close(), server.Close()
	wg.Wait()
	p.mu.Lock()
	delete(p.open, client)
	delete(p.open, server)
	p.mu.Unlock()
}

// spend takes n bytes off what may pass, and reports whether that was too much.
func (p *proxy) spend(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < 0 {
		return false
	}
	p.left = max(0, p.left-int64(n))
	return p.left == 0
}
