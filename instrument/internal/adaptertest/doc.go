// Package adaptertest is what the tests of all adapters share: a blog, the story that people
// play in it, and the activities that must be recorded, which are the same for each framework.
package adaptertest
