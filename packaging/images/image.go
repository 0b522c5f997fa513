package main

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// index returns an index of one image for each platform.
func (p program) index(r release, builds []build) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range builds {
		image, err := p.image(r, b)
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", b.OS, b.Arch, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: b.OS, Architecture: b.Arch}},
		})
	}
	return index, nil
}

// image returns the image for one platform.
func (p program) image(r release, b build) (v1.Image, error) {
	root, err := p.rootLayer(r)
	if err != nil {
		return nil, err
	}
	own, err := p.programLayer(r, b.File)
	if err != nil {
		return nil, err
	}
	image := mutate.MediaType(mutate.ConfigMediaType(empty.Image, types.OCIConfigJSON), types.OCIManifestSchema1)
	var adds []mutate.Addendum
	for by, layer := range []v1.Layer{root, own} {
		adds = append(adds, mutate.Addendum{Layer: layer, MediaType: types.OCILayer,
			History: v1.History{CreatedBy: []string{"root", "program"}[by], Created: v1.Time{Time: r.Created}}})
	}
	if image, err = mutate.Append(image, adds...); err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = b.OS, b.Arch, v1.Time{Time: r.Created}
	file.Config = p.runConfig(r)
	return mutate.ConfigFile(image, file)
}

// runConfig says how the program is started.
func (p program) runConfig(r release) v1.Config {
	config := *p.config.DeepCopy()
	config.User = user
	config.Entrypoint = []string{"/usr/bin/" + p.name}
	config.Env = append([]string{"PATH=/usr/bin"}, config.Env...)
	config.WorkingDir = "/"
	if p.data != "" {
		config.WorkingDir = p.data // SQLite's temporary files go there: the rest of the root is read-only
		config.Volumes = map[string]struct{}{p.data: {}}
	}
	config.Labels = map[string]string{
		"org.opencontainers.image.title":       p.name,
		"org.opencontainers.image.description": p.description,
		"org.opencontainers.image.source":      "https://github.com/otelactivity/activitylog",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     r.Version,
		"org.opencontainers.image.created":     r.Created.Format("2006-01-02T15:04:05Z"),
	}
	if r.Revision != "" {
		config.Labels["org.opencontainers.image.revision"] = r.Revision
	}
	return config
}
