package credential

import (
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Configs are the identity rules, in their order.
type Configs []Config

// Config is one identity rule. One of Header, Attribute, Cookie and MTLS must be set.
type Config struct {
	// Header names the user: the text of the header itself, a user of Basic
	// authentication, or the claims of a JSON web token.
	Header *HeaderConfig `mapstructure:"header"`

	// Attribute is a span attribute with the id of the user, such as "user" of Django.
	Attribute Attribute `mapstructure:"attribute"`

	// Cookie is looked up in a table of sessions.
	Cookie *CookieConfig `mapstructure:"cookie"`

	// MTLS is "subject": the subject of the client certificate is the user.
	MTLS MTLS `mapstructure:"mtls"`

	// Services are the services that the rule is for. "shop-*" is every name with that
	// beginning. Default: all.
	Services Services `mapstructure:"services"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// HeaderConfig is a header that names the user. As a text it is the name of the header.
type HeaderConfig struct {
	// Name of the header, in any case. Required.
	Name HeaderName `mapstructure:"name"`

	// As is "basic" (Basic authentication), "jwt" (a JSON web token, with or without
	// "Bearer" before it), or "" (default): the text of the header is the id.
	As Form `mapstructure:"as"`

	// Claims are the claims of a token that are used.
	Claims Claims `mapstructure:"claims"`

	// JWKSURL and JWKSFile have the public keys of tokens, as a JSON Web Key Set. With
	// one of them, only a token with a valid signature names a user. Without, each
	// token of an accepted request does, and its actor is marked as not verified.
	JWKSURL  URL    `mapstructure:"jwks_url"`
	JWKSFile string `mapstructure:"jwks_file"`

	// Algorithms are the signature algorithms to accept. Default: all with public keys,
	// such as RS256, PS256, ES256 and EdDSA. HMAC is not possible.
	Algorithms Algorithms `mapstructure:"algorithms"`

	// Issuer and Audience are what the claims iss and aud must be or have. Default:
	// anything. They need a key set.
	Issuer   string `mapstructure:"issuer"`
	Audience string `mapstructure:"audience"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Claims are names of claims of a token. "a.b" is the claim b within the claim a, unless
// there is a claim "a.b".
type Claims struct {
	// ID is the claim with the id of the user. Default "sub".
	ID string `mapstructure:"id"`

	// Name is the claim with a name for people. Default: none.
	Name string `mapstructure:"name"`

	// Tenant is the claim with the tenant. Default: none.
	Tenant string `mapstructure:"tenant"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// CookieConfig is a cookie that is a key of a table of sessions.
type CookieConfig struct {
	// Name of the cookie. Required.
	Name confcheck.Name `mapstructure:"name"`

	// Lookup is the name of one of the lookups, with one key, that sets user.id or
	// activity.actor.id. Required.
	Lookup confcheck.Name `mapstructure:"lookup"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *Config) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *HeaderConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// UnmarshalText implements [encoding.TextUnmarshaler], for a header without settings.
func (c *HeaderConfig) UnmarshalText(text []byte) error {
	c.Name = HeaderName(text)
	return nil
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *Claims) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *CookieConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}
