package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// entry is a file or, if it has no content, a folder.
type entry struct {
	name    string // without a slash at the beginning
	mode    int64
	owner   int
	content []byte
}

// rootLayer has what a program needs besides itself: certificate authorities, the name of its user, and
// the folder that it writes to.
func (p program) rootLayer(r release) (v1.Layer, error) {
	certificates, err := os.ReadFile(r.Certificates)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authorities: %w", err)
	}
	if !bytes.Contains(certificates, []byte("-----BEGIN CERTIFICATE-----")) {
		return nil, fmt.Errorf("%s has no certificate in PEM", r.Certificates)
	}
	entries := []entry{
		{name: "etc", mode: 0o755},
		{name: "etc/group", mode: 0o644, content: fmt.Appendf(nil, "root:x:0:\n%s:x:%d:\n", p.name, uid)},
		{name: "etc/passwd", mode: 0o644, content: fmt.Appendf(nil, "root:x:0:0:root:/:/nonexistent\n%s:x:%d:%d::%s:/nonexistent\n",
			p.name, uid, uid, path.Join("/", p.data))},
		{name: "etc/ssl", mode: 0o755}, {name: "etc/ssl/certs", mode: 0o755},
		{name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, content: certificates},
		{name: "usr", mode: 0o755}, {name: "usr/bin", mode: 0o755}, {name: "usr/share", mode: 0o755},
		{name: "usr/share/doc", mode: 0o755}, {name: "usr/share/doc/" + p.name, mode: 0o755},
	}
	for _, file := range r.Documents {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a document: %w", err)
		}
		entries = append(entries, entry{name: path.Join("usr/share/doc", p.name, filepath.Base(file)), mode: 0o644, content: content})
	}
	if p.data != "" {
		entries = append(entries, entry{name: "var", mode: 0o755}, entry{name: "var/lib", mode: 0o755},
			entry{name: p.data[1:], mode: 0o750, owner: uid})
	}
	return layer(entries, r.Created)
}

// programLayer has the program alone, so that a new version is one new layer.
func (p program) programLayer(r release, file string) (v1.Layer, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the program: %w", err)
	}
	if !bytes.HasPrefix(content, []byte("\x7fELF")) {
		return nil, fmt.Errorf("%s is not a program for Linux", file)
	}
	return layer([]entry{
		{name: "usr", mode: 0o755}, {name: "usr/bin", mode: 0o755},
		{name: "usr/bin/" + p.name, mode: 0o755, content: content},
	}, r.Created)
}

// layer is a compressed layer of entries in their order.
func layer(entries []entry, at time.Time) (v1.Layer, error) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	var errs []error
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Mode: e.mode, Uid: e.owner, Gid: e.owner, ModTime: at, Format: tar.FormatPAX,
			Typeflag: tar.TypeReg, Size: int64(len(e.content))}
		if e.content == nil {
			header.Typeflag, header.Name = tar.TypeDir, e.name+"/"
		}
		errs = append(errs, w.WriteHeader(header))
		_, err := w.Write(e.content)
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		return nil, err
	}
	content := archive.Bytes()
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithCompressedCaching)
}
