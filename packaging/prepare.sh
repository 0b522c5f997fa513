#!/bin/sh
# Makes bin/package, what archives and packages contain besides the programs. goreleaser runs it
# in the repository's folder.
set -eu
cd packaging
go run ./prepare ../bin/package
