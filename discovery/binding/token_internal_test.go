package binding

import (
	"crypto/aes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func testKey(t testing.TB) tokenKey {
	t.Helper()
	key, err := loadTokenKey(filepath.Join(t.TempDir(), "polo", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Tokens are as long as the original's, without a line feed, and two of the
// same user differ.
func TestTokenForm(t *testing.T) { // 4.3, 10
	key := testKey(t)
	form := regexp.MustCompile(`^[A-Za-z0-9+/]{43}=\z`)
	seen := map[string]bool{}
	for _, uid := range []uint32{0, 1, 1000, 65534, 1<<32 - 1} {
		for range 20 {
			token := key.mint(uid)
			if !form.MatchString(token) || seen[token] {
				t.Fatalf("mint(%d) = %q, seen before: %t; want 44 new characters", uid, token, seen[token])
			}
			seen[token] = true
			if got, ok := key.uid(token); got != uid || !ok {
				t.Errorf("uid(%q) = %d, %t, want %d", token, got, ok, uid)
			}
		}
	}
}

// originalToken is the token that the original makes of a key and a uid:
// each half of 32 padded bytes encrypted alone.
func originalToken(t *testing.T, key string, uid int) string {
	t.Helper()
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	plain := strconv.Itoa(uid)
	plain += strings.Repeat("#", 32-len(plain))
	out := make([]byte, 32)
	block.Encrypt(out[:16], []byte(plain[:16]))
	block.Encrypt(out[16:], []byte(plain[16:]))
	return base64.StdEncoding.EncodeToString(out)
}

// No other token than those that were made counts: a change of any bit, more
// or less of it, another spelling, another key, the original's form.
func TestForgedTokens(t *testing.T) { // 10, D55
	key := testKey(t)
	const uid = 1000
	good := key.mint(uid)
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"nothing":             "",
		"a blank after it":    good + " ",
		"a line feed after":   good + "\n",
		"a line feed within":  good[:20] + "\n" + good[21:],
		"without its =":       good[:43],
		"twice":               good + good,
		"the other alphabet":  strings.NewReplacer("+", "-", "/", "_").Replace(strings.Repeat("+", 43) + "="),
		"in lower case":       strings.ToLower(good),
		"of another key":      testKey(t).mint(uid),
		"the original's":      originalToken(t, strings.Repeat("k", 32), uid),
		"the original's of 0": originalToken(t, strings.Repeat("k", 32), 0),
		"zeros":               base64.StdEncoding.EncodeToString(make([]byte, tokenBytes)),
		"only proof changed":  base64.StdEncoding.EncodeToString(append(raw[:tokenUID+tokenRandom:tokenUID+tokenRandom], make([]byte, tokenProof)...)),
	}
	for i := range raw {
		for bit := range 8 {
			changed := append([]byte(nil), raw...)
			changed[i] ^= 1 << bit
			forged["bit "+strconv.Itoa(8*i+bit)+" turned"] = base64.StdEncoding.EncodeToString(changed)
		}
	}
	// The last character has two bits that stand for nothing.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	forged["loose end"] = good[:42] + string(alphabet[strings.IndexByte(alphabet, good[42])|1]) + "="
	if len(forged) < 8*tokenBytes || forged["loose end"] == good {
		t.Fatal("the table of forgeries is not what it should be")
	}
	for how, token := range forged {
		if got, ok := key.uid(token); ok {
			t.Errorf("a token with %s (%q) counts as one of uid %d", how, token, got)
		}
	}
}

func TestTokenKeyFile(t *testing.T) { // 10
	path := filepath.Join(t.TempDir(), "etc", "polo", "secret")
	first, err := loadTokenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Fatalf("the key file has mode %v, %v, want 0600", info.Mode(), err)
	}
	second, err := loadTokenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := second.uid(first.mint(7)); !ok {
		t.Error("a token of the first start does not count at the second")
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Errorf("beside the key there are files: %v, %v", names, err)
	}
}

func TestRefusedTokenKeys(t *testing.T) { // 10
	long := strings.Repeat("k", 32)
	const known = "stands for the key of the original, which is not kept here"
	sum := sha256.Sum256([]byte(known))
	tests := []struct {
		name, content string
		mode          os.FileMode
		want          string
	}{
		{"read by the group", long, 0o640, "others may read (mode 0640)"},
		{"read by all", long, 0o604, "others may read (mode 0604)"},
		{"short", long[:31], 0o600, "holds 31 bytes, want at least 32"},
		{"empty", "\n\n", 0o600, "holds 0 bytes"},
		{"endless", strings.Repeat("k", largestSecret+1), 0o600, "longer than"},
		{"the published one", known, 0o600, "which everybody knows"},
		{"the published one, edited", known + "\r\n", 0o600, "which everybody knows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(tt.content), tt.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := loadTokenKeyBut(path, hex.EncodeToString(sum[:])); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("loadTokenKey = %v, want an error with %q", err, tt.want)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != tt.content {
				t.Errorf("the refused file was changed (%v)", err)
			}
		})
	}
	if _, err := loadTokenKey(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("loadTokenKey of a folder = %v, want an error", err)
	}
}
