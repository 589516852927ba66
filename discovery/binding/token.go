package binding

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
)

// The parts of a token, in bytes: whose it is, what makes two of the same user
// differ, and the proof that we made it. Together they are 44 characters of
// base64, as long as the original's tokens, for which its C++ binding has room.
const (
	tokenUID    = 4
	tokenRandom = 8
	tokenProof  = 20
	tokenBytes  = tokenUID + tokenRandom + tokenProof
)

// shortestSecret is the least a key file may hold, in bytes.
const shortestSecret = 32

// publishedSecret is the SHA-256 of the key that the original ships, with
// which anybody can make tokens.
const publishedSecret = "abec7acacf9303ef73498776c323dd91df84bb910c0405193477a59e72a01023"

// tokenText is base64 that has one spelling for each value.
var tokenText = base64.StdEncoding.Strict()

// A tokenKey makes tokens, which say who their bearer is, and knows its own
// again. It keeps no list of them.
type tokenKey []byte

// loadTokenKey reads the key of a file, which it makes if there is none.
func loadTokenKey(path string) (tokenKey, error) { return loadTokenKeyBut(path, publishedSecret) }

// loadTokenKeyBut refuses the key with a SHA-256 that is known to everybody.
func loadTokenKeyBut(path, known string) (tokenKey, error) {
	secret, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := writeNew(path, newSecret()); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make the key of tokens: %w", err)
		}
		secret, err = readSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key of tokens: %w", err)
	}
	secret = bytes.TrimSpace(secret)
	sum := sha256.Sum256(secret)
	switch {
	case len(secret) < shortestSecret:
		return nil, fmt.Errorf("key of tokens: %s holds %d bytes, want at least %d: remove it to have a new one made", path, len(secret), shortestSecret)
	case hex.EncodeToString(sum[:]) == known:
		return nil, fmt.Errorf("key of tokens: %s holds the key that MarcoPolo was shipped with, which everybody knows: remove it to have a new one made, and have the tokens of its time made anew", path)
	}
	return secret, nil
}

func newSecret() []byte {
	random := make([]byte, shortestSecret)
	rand.Read(random)
	return append([]byte(base64.StdEncoding.EncodeToString(random)), '\n')
}

// mint returns a new token of the user.
func (k tokenKey) mint(uid uint32) string {
	token := binary.BigEndian.AppendUint32(nil, uid)
	token = append(token, make([]byte, tokenRandom)...)
	rand.Read(token[tokenUID:])
	return tokenText.EncodeToString(append(token, k.proof(token)...))
}

// uid returns whose token it is, if it is one of this key. How long that takes
// says nothing about the proof that was wanted.
func (k tokenKey) uid(token string) (uid uint32, ok bool) {
	if len(token) != tokenText.EncodedLen(tokenBytes) {
		return 0, false
	}
	b, err := tokenText.DecodeString(token)
	if err != nil || len(b) != tokenBytes {
		return 0, false
	}
	claim, proof := b[:tokenUID+tokenRandom], b[tokenUID+tokenRandom:]
	return binary.BigEndian.Uint32(claim), hmac.Equal(proof, k.proof(claim))
}

func (k tokenKey) proof(claim []byte) []byte {
	mac := hmac.New(sha256.New, k)
	mac.Write(claim)
	return mac.Sum(nil)[:tokenProof]
}
