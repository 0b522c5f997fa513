// Images makes container images of released programs, without a container engine and without a base
// image: a layer with the root's files, and one with the program. The same input gives the same bytes.
//
// Usage, in the folder packaging:
//
//	go run ./images -name otelcol-activitylog -version 0.1.0 -out ../bin/images linux/amd64=PROGRAM linux/arm64=PROGRAM
//
// It writes NAME-VERSION.oci.tar, an OCI image layout, which docker load, podman load, skopeo, crane
// and ctr image import read. make images calls it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		os.Exit(1)
	}
}

// release is what all images of a release have in common.
type release struct {
	Version      string
	Revision     string    // the commit; may be empty
	Created      time.Time // of the commit, so that the image is the same whenever it is made
	Certificates string    // a file of certificate authorities, PEM
	Documents    []string  // files for usr/share/doc/NAME: licences
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	var r release
	var documents string
	name := flags.String("name", "", "the program: otelcol-activitylog or activitylog")
	flags.StringVar(&r.Version, "version", "", "version, without v")
	flags.StringVar(&r.Revision, "revision", "", "commit")
	created := flags.Int64("created", 0, "time of the commit, seconds of Unix time")
	flags.StringVar(&r.Certificates, "certificates", "/etc/ssl/certs/ca-certificates.crt", "certificate authorities that the program trusts")
	flags.StringVar(&documents, "documents", "", "licences to add, separated by commas")
	out := flags.String("out", ".", "folder for the image")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r.Created = time.Unix(*created, 0).UTC()
	if documents != "" {
		r.Documents = strings.Split(documents, ",")
	}
	if r.Version == "" || strings.ContainsAny(r.Version, "/ :") || strings.HasPrefix(r.Version, "v") {
		return fmt.Errorf("-version must be a version without v, such as 0.1.0; got %q", r.Version)
	}
	program, ok := programs[*name]
	if !ok {
		return fmt.Errorf("-name must be otelcol-activitylog or activitylog; got %q", *name)
	}
	builds, err := readBuilds(flags.Args())
	if err != nil {
		return err
	}
	index, err := program.index(r, builds)
	if err != nil {
		return fmt.Errorf("make the image of %s: %w", *name, err)
	}
	file := filepath.Join(*out, fmt.Sprintf("%s-%s.oci.tar", *name, r.Version))
	if err := write(index, file, reference(*name, r.Version)); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s  %s\n", digest, file)
	return err
}

// build is a program that was compiled for a platform.
type build struct{ OS, Arch, File string }

// readBuilds reads arguments such as linux/amd64=bin/program.
func readBuilds(args []string) (builds []build, err error) {
	if len(args) == 0 {
		return nil, errors.New("no program is given; want linux/amd64=FILE, one for each platform")
	}
	for _, arg := range args {
		platform, file, ok := strings.Cut(arg, "=")
		system, arch, ok2 := strings.Cut(platform, "/")
		if !ok || !ok2 || file == "" || arch == "" {
			return nil, fmt.Errorf("want linux/amd64=FILE, got %q", arg)
		}
		if system != "linux" {
			return nil, fmt.Errorf("images are made for linux only, got %q", arg)
		}
		builds = append(builds, build{system, arch, file})
	}
	return builds, nil
}
