package smtptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// fault reads a reply: code, enhanced code (may be missing), text. Empty = no fault.
func fault(text string) error {
	if text == "" {
		return nil
	}
	e := &gosmtp.SMTPError{EnhancedCode: gosmtp.NoEnhancedCode}
	var code gosmtp.EnhancedCode
	if n, _ := fmt.Sscanf(text, "%d %d.%d.%d", &e.Code, &code[0], &code[1], &code[2]); n == 4 {
		e.EnhancedCode = code
	}
	e.Message = "as told"
	return e
}

// Identity is a certificate for 127.0.0.1 and localhost, signed by itself.
type Identity struct {
	certificate tls.Certificate
	leaf        *x509.Certificate
}

// NewIdentity makes one that holds for a day.
func NewIdentity() (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "smtp.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, leaf}, nil
}

// Server is what the stand-in serves with.
func (i *Identity) Server() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{i.certificate}}
}

// Client is what trusts it.
func (i *Identity) Client() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(i.leaf)
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
}
