// Package artifacts tests what goreleaser makes for this machine: versions, archives, lists of
// contents, checksums, and that the same commit gives the same bytes again.
package artifacts
