package confcheck

import (
	"fmt"
	"net/netip"
)

// Prefixes is a list of addresses and networks.
type Prefixes []Prefix

// UnmarshalText implements [encoding.TextUnmarshaler], for one prefix without a list.
func (p *Prefixes) UnmarshalText(text []byte) error {
	*p = Prefixes{Prefix(text)}
	return nil
}

// Prefix is an address, "10.0.0.1", or a network, "10.0.0.0/8".
type Prefix string

// Validate implements [confmap.Validator].
func (p Prefix) Validate() error {
	if _, err := p.parse(); err != nil {
		return fmt.Errorf("must be an address or a prefix, such as 10.0.0.0/8; got %q", string(p))
	}
	return nil
}

// Prefix returns the network, which must be valid. That of an address holds it alone.
func (p Prefix) Prefix() netip.Prefix {
	prefix, _ := p.parse()
	return prefix
}

func (p Prefix) parse() (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(string(p)); err == nil {
		return addr.Prefix(addr.BitLen())
	}
	return netip.ParsePrefix(string(p))
}
