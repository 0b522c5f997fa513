package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// certificates is what a test trusts: one certificate, which no program reads here.
const certificates = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"

// file writes a file of a test, and returns its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// arguments makes an image of a program that does nothing into a folder.
func arguments(t *testing.T, out string) []string {
	t.Helper()
	program := file(t, "program", "\x7fELF and so on")
	return []string{"-name", "otelcol-activitylog", "-version", "0.1.0", "-revision", "abc", "-created", "1790000000", "-out", out,
		"-certificates", file(t, "ca.crt", certificates), "-documents", file(t, "LICENSE", "a licence"),
		"linux/amd64=" + program, "linux/arm64=" + program}
}

// TestImage makes an image of two platforms, and reads it as those do that load it.
func TestImage(t *testing.T) {
	out := t.TempDir()
	var stdout bytes.Buffer
	if err := run(arguments(t, out), &stdout); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(out, "otelcol-activitylog-0.1.0.oci.tar")
	if !strings.HasPrefix(stdout.String(), "sha256:") || !strings.HasSuffix(stdout.String(), path+"\n") {
		t.Errorf("it says %q, want the digest and %s", stdout.String(), path)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		image := load(t, path, arch)
		if err := validate.Image(image); err != nil {
			t.Errorf("%s: %v", arch, err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Architecture != arch || config.OS != "linux" || config.Config.User != "65532:65532" ||
			!slices.Equal(config.Config.Entrypoint, []string{"/usr/bin/otelcol-activitylog"}) ||
			config.Config.Labels["org.opencontainers.image.revision"] != "abc" || config.Config.Labels["org.opencontainers.image.version"] != "0.1.0" ||
			!slices.Equal(config.Config.Healthcheck.Test, []string{"CMD", "/usr/bin/otelcol-activitylog", "healthcheck"}) {
			t.Errorf("%s: %+v", arch, config.Config)
		}
		checkFiles(t, image)
	}
	if left, _ := filepath.Glob(filepath.Join(out, ".image-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// checkFiles checks the root: who owns what, and that only the data folder belongs to the user.
func checkFiles(t *testing.T, image v1.Image) {
	t.Helper()
	files := map[string]*tar.Header{}
	content := mutate.Extract(image)
	defer content.Close()
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(header.Name, "/")] = header
		if mine := strings.HasPrefix(header.Name, "var/lib/otelcol-activitylog"); mine != (header.Uid == uid) || header.Mode&0o022 != 0 {
			t.Errorf("%s belongs to %d and has mode %o", header.Name, header.Uid, header.Mode)
		}
	}
	for _, want := range []string{"usr/bin/otelcol-activitylog", "etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt",
		"usr/share/doc/otelcol-activitylog/LICENSE", "var/lib/otelcol-activitylog"} {
		if files[want] == nil {
			t.Errorf("%s is missing", want)
		}
	}
}

// TestReproducible makes the same image twice.
func TestReproducible(t *testing.T) {
	var sums [2][32]byte
	for i := range sums {
		out := t.TempDir()
		if err := run(arguments(t, out), io.Discard); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(out, "otelcol-activitylog-0.1.0.oci.tar"))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(content)
	}
	if sums[0] != sums[1] {
		t.Error("two images of the same input differ")
	}
}

// TestWrongArguments: what is wrong is named, and no image is written.
func TestWrongArguments(t *testing.T) {
	text := file(t, "text", "no program")
	for name, test := range map[string]struct {
		flag, value string // instead of that of arguments; flag "": the last argument
		want        string
	}{
		"version with v":         {"-version", "v0.1.0", `-version must be a version without v, such as 0.1.0; got "v0.1.0"`},
		"no version":             {"-version", "", "-version must be"},
		"unknown program":        {"-name", "blog", `-name must be otelcol-activitylog or activitylog; got "blog"`},
		"no certificates":        {"-certificates", "/nonexistent", "read the certificate authorities"},
		"a file that is not PEM": {"-certificates", text, "has no certificate in PEM"},
		"no licence":             {"-documents", "/nonexistent", "read a document"},
		"no platform":            {"", text, "want linux/amd64=FILE"},
		"another system":         {"", "darwin/arm64=" + text, "for linux only"},
		"a file that is missing": {"", "linux/amd64=/nonexistent", "linux/amd64: read the program"},
		"not a program":          {"", "linux/amd64=" + text, "is not a program for Linux"},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			args := arguments(t, out)
			if i := slices.Index(args, test.flag); i >= 0 {
				args[i+1] = test.value
			} else {
				args[len(args)-1] = test.value
			}
			if err := run(args, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
	if err := run([]string{"-name", "activitylog", "-version", "0.1.0"}, io.Discard); err == nil || !strings.Contains(err.Error(), "no program is given") {
		t.Errorf("without a program: %v", err)
	}
}

// load reads the image of a platform from a file, as docker load does.
func load(t *testing.T, path, arch string) v1.Image {
	t.Helper()
	folder := t.TempDir()
	unpack(t, path, folder)
	index, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, find := range []func(v1.Descriptor) bool{
		func(d v1.Descriptor) bool {
			return strings.HasPrefix(d.Annotations["org.opencontainers.image.ref.name"], "ghcr.io/otelactivity/")
		},
		func(d v1.Descriptor) bool { return d.Platform != nil && d.Platform.Architecture == arch },
	} {
		manifest, err := index.IndexManifest()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(manifest.Manifests, find)
		if i < 0 {
			t.Fatalf("%s has no image for %s: %+v", path, arch, manifest)
		}
		found := manifest.Manifests[i].Digest
		if manifest.Manifests[i].MediaType.IsImage() {
			image, err := index.Image(found)
			if err != nil {
				t.Fatal(err)
			}
			return image
		}
		if index, err = index.ImageIndex(found); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("%s has no image", path)
	return nil
}

// unpack unpacks a tar file.
func unpack(t *testing.T, path, folder string) {
	t.Helper()
	content, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	unpackTo(t, content, folder, false)
}

// unpackTo unpacks what tar reads, with the owners if that is wanted.
func unpackTo(t *testing.T, content io.Reader, folder string, owners bool) {
	t.Helper()
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(folder, filepath.Clean("/"+header.Name))
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(to, 0o755)
		} else {
			err = unpackFile(r, to)
		}
		if err == nil && owners {
			err = errors.Join(os.Chown(to, header.Uid, header.Gid), os.Chmod(to, header.FileInfo().Mode()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func unpackFile(r io.Reader, to string) (err error) {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, r)
	return err
}
