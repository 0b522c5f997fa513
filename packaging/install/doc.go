// Package install tests what goreleaser makes: make release-test-packages. It installs the
// packages in a copy of this machine, runs the collector as its systemd unit says, and looks
// into archives, lists of contents and checksums.
package install
