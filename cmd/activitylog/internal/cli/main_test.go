package cli

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(closing{m}) }

// closing ends the connections that http.DefaultClient keeps for later, which are no leak.
type closing struct{ *testing.M }

// Run runs the tests.
func (m closing) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return m.M.Run()
}
