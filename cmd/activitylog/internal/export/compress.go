package export

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compressor compresses what is written in pieces, of which each is whole: gzip and zstd
// read several pieces after each other as one. A piece begins with the first Write.
type compressor struct {
	out  io.Writer
	kind Compression
	zip  resetter // nil before the first piece
	in   bool     // a piece was begun
}

// resetter is what both kinds of writers are.
type resetter interface {
	io.WriteCloser
	Reset(io.Writer)
}

// zstdWindow bounds the memory of the encoder. A larger one makes our files hardly smaller.
const zstdWindow = 1 << 20

// Write implements [io.Writer].
func (c *compressor) Write(text []byte) (int, error) {
	if c.kind == None {
		return c.out.Write(text)
	}
	if err := c.begin(); err != nil {
		return 0, err
	}
	return c.zip.Write(text)
}

// begin begins a piece, unless one was begun.
func (c *compressor) begin() (err error) {
	if c.in || c.kind == None {
		return nil
	}
	c.in = true
	if c.zip != nil {
		c.zip.Reset(c.out)
		return nil
	}
	if c.kind == Gzip {
		c.zip = gzip.NewWriter(c.out)
		return nil
	}
	c.zip, err = zstd.NewWriter(c.out, zstd.WithWindowSize(zstdWindow), zstd.WithEncoderConcurrency(2), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return fmt.Errorf("begin to compress: %w", err)
	}
	return nil
}

// end ends a piece.
func (c *compressor) end() error {
	if !c.in {
		return nil
	}
	c.in = false
	if err := c.zip.Close(); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	return nil
}
