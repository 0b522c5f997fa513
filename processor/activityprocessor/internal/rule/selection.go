package rule

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Selection are lists of what a record may be. At least one entry of each list that is not
// empty must match.
type Selection struct {
	Services  confcheck.Texts    `mapstructure:"services"`
	Routes    confcheck.Texts    `mapstructure:"routes"`
	Users     confcheck.Texts    `mapstructure:"users"`
	Objects   confcheck.Texts    `mapstructure:"objects"`
	Actions   confcheck.Texts    `mapstructure:"actions"`
	Methods   confcheck.Texts    `mapstructure:"methods"`
	Codes     Codes              `mapstructure:"codes"`
	Addresses confcheck.Prefixes `mapstructure:"addresses"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (s *Selection) Unmarshal(conf *confmap.Conf) (err error) {
	s.problems, err = confcheck.Decode(conf, s, nil)
	return err
}

// Validate implements [confmap.Validator]. The types of the fields check the rest.
func (s *Selection) Validate() error { return s.problems.Err() }

// Codes are response codes of HTTP: 404, or "4xx" for all from 400 to 499.
type Codes []any

// Validate implements [confmap.Validator].
func (c Codes) Validate() error {
	for i, code := range c {
		if _, err := codesOf(code); err != nil {
			return fmt.Errorf("must be a list of codes such as 404 or 4xx; entry %d is %v", i, code)
		}
	}
	return nil
}

// codeRange are the codes from least to most.
type codeRange struct{ least, most int }

func codesOf(code any) (codeRange, error) {
	text := fmt.Sprint(code)
	hundreds, class := strings.CutSuffix(strings.ToLower(text), "xx")
	n, err := strconv.Atoi(hundreds)
	switch {
	case err != nil:
		return codeRange{}, err
	case class && n >= 1 && n <= 9:
		return codeRange{n * 100, n*100 + 99}, nil
	case !class && n >= 100 && n <= 999:
		return codeRange{n, n}, nil
	}
	return codeRange{}, strconv.ErrRange
}

// codeRanges are ranges of codes of which one must hold the code. Without ranges every
// code matches.
type codeRanges []codeRange

func newCodeRanges(codes Codes) codeRanges {
	list := make(codeRanges, 0, len(codes))
	for _, code := range codes {
		r, _ := codesOf(code)
		list = append(list, r)
	}
	return list
}

func (list codeRanges) match(code int) bool {
	for _, r := range list {
		if r.least <= code && code <= r.most {
			return true
		}
	}
	return len(list) == 0
}

// networks are networks of which one must hold the address. Without networks every
// address matches.
type networks activity.Proxies

func newNetworks(prefixes confcheck.Prefixes) networks {
	list := make([]netip.Prefix, 0, len(prefixes))
	for _, p := range prefixes {
		list = append(list, p.Prefix())
	}
	return networks(activity.NewProxies(list...))
}

func (list networks) match(address string) bool {
	if len(list) == 0 {
		return true
	}
	addr, ok := activity.ParseAddress(address)
	return ok && activity.Proxies(list).Contain(addr)
}
