package credential

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

// maxKeySet is the largest key set, in bytes.
const maxKeySet = 1 << 20

// loadTimeout limits one load.
const loadTimeout = 5 * time.Second

// withoutQuery returns an address without what may be secret.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func readKeyFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator's path
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return limited(file)
}

func limited(in io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxKeySet+1))
	if err == nil && len(text) > maxKeySet {
		err = fmt.Errorf("it has more than %d bytes", maxKeySet)
	}
	return text, err
}

func fetchKeys(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Close = true // keys are read every few minutes
	response, err := http.DefaultClient.Do(request)
	if wrong := (*url.Error)(nil); errors.As(err, &wrong) {
		return nil, wrong.Err // without the URL, which may have a secret in its query
	}
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", response.Status)
	}
	return limited(response.Body)
}
