package activityguardextension

import (
	"context"
	"crypto/tls"

	"go.opentelemetry.io/collector/client"
)

// CertificateAttribute is the attribute of [client.AuthData] with the common name of
// the client certificate that the server has verified.
const CertificateAttribute = "certificate"

// certificate is the authentication data of a request that has a client certificate
// and no authenticator.
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

// withCertificate adds the subject of the client certificate to the client's
// information, for the processors. It does not change the data of an authenticator.
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
