package binding

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"
)

// certificateLife is how long a certificate that we make is good: longer than
// a machine is left alone, since a new one is made only at a start.
const certificateLife = 10 * 365 * 24 * time.Hour

// publishedCertificate is the SHA-256 of the certificate that the original
// ships together with its key.
const publishedCertificate = "1a92111b35bd9d28d98a065dabca6a7d686e318273075bbe7ab44da7487ea5a4"

// loadCertificate reads a certificate and its key. It makes both if one is
// missing, if the certificate has expired, or if it is the published one.
func loadCertificate(certFile, keyFile string, now time.Time) (tls.Certificate, error) {
	return loadCertificateBut(certFile, keyFile, now, publishedCertificate)
}

// loadCertificateBut replaces the certificate with a SHA-256 whose key is known
// to everybody.
func loadCertificateBut(certFile, keyFile string, now time.Time, known string) (tls.Certificate, error) {
	pair, err := readCertificate(certFile, keyFile, now, known)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errStale) {
		if err := makeCertificate(certFile, keyFile, now); err != nil {
			return tls.Certificate{}, fmt.Errorf("make the certificate of the TLS door: %w", err)
		}
		pair, err = readCertificate(certFile, keyFile, now, known)
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate of the TLS door: %w", err)
	}
	return pair, nil
}

var errStale = errors.New("out of use")

func readCertificate(certFile, keyFile string, now time.Time, known string) (tls.Certificate, error) {
	text, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := parseCertificate(text)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", certFile, err)
	}
	// Before its key is looked at: both will be replaced, whoever may read it.
	if sum := sha256.Sum256(leaf.Raw); now.After(leaf.NotAfter) || hex.EncodeToString(sum[:]) == known {
		return tls.Certificate{}, errStale
	}
	key, err := readSecret(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(text, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s and %s: %w", certFile, keyFile, err)
	}
	return pair, nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("holds no certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// makeCertificate replaces the key first: if it does not come further, what is
// there is no pair and its certificate is as stale as before, or missing.
func makeCertificate(certFile, keyFile string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "MarcoPolo binding"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(certificateLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := replace(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600); err != nil {
		return err
	}
	return replace(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

// tlsConfig is that of the door. Old clients verify nothing, and take one read
// for the whole reply, so a reply is never spread over several records.
func tlsConfig(pair tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates:                []tls.Certificate{pair},
		MinVersion:                  tls.VersionTLS12,
		DynamicRecordSizingDisabled: true,
		SessionTicketsDisabled:      true,
	}
}
