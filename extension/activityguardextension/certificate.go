package activityguardextension

import (
	"context"
	"crypto/tls"

	"go.opentelemetry.io/collector/client"
)

// CertificateAttribute is the name under which [client.AuthData] has the common
// name of the client certificate that the server verified.
const CertificateAttribute = "certificate"

// certificate is the authentication by a client certificate, of a request that no
// authenticator has looked at.
type certificate struct{ name string }

// GetAttribute implements [client.AuthData].
func (c certificate) GetAttribute(name string) any {
	if name == CertificateAttribute {
		return c.name
	}
	return nil
}

// GetAttributeNames implements [client.AuthData].
func (certificate) GetAttributeNames() []string { return []string{CertificateAttribute} }

// withCertificate adds who the client certificate is for to the client's
// information, for the processors. What an authenticator said stays as it is.
func withCertificate(ctx context.Context, state *tls.ConnectionState) context.Context {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.PeerCertificates) == 0 {
		return ctx
	}
	info := client.FromContext(ctx)
	if info.Auth != nil {
		return ctx
	}
	info.Auth = certificate{state.PeerCertificates[0].Subject.CommonName}
	return client.NewContext(ctx, info)
}
