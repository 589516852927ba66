package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// assets are the files that pages load: style sheet, icon, scripts. Their paths
// hold a hash of all of them, so browsers keep them for ever and never mix
// those of two versions.
type assets struct {
	base string // path they are below: /assets/HASH/
	list map[string]*oneAsset
}

// A oneAsset is a file as it is sent.
type oneAsset struct {
	kind          string
	plain, packed []byte // packed is nil where it would not be shorter
	tag           string // strong ETag of plain, without its quotes
}

// theAssets are made once: packing takes a while, and they never change.
var theAssets = sync.OnceValue(newAssets)

func newAssets() *assets {
	a := &assets{list: map[string]*oneAsset{}}
	all := sha256.New()
	entries, err := fs.ReadDir(assetFiles, "assets") // sorted by name
	if err != nil {
		panic(err) // they are in the program
	}
	for _, e := range entries {
		text, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		one := sha256.Sum256(text)
		all.Write([]byte(e.Name() + "\n"))
		all.Write(one[:])
		kind := mime.TypeByExtension(path.Ext(e.Name()))
		switch path.Ext(e.Name()) { // whatever the system's tables say
		case ".js":
			kind = "text/javascript; charset=utf-8"
		case ".css":
			kind = "text/css; charset=utf-8"
		case ".svg":
			kind = "image/svg+xml"
		case ".txt":
			kind = "text/plain; charset=utf-8"
		}
		a.list[e.Name()] = &oneAsset{kind, text, packedIfShorter(text), hex.EncodeToString(one[:12])}
	}
	a.base = "/assets/" + hex.EncodeToString(all.Sum(nil)[:8]) + "/"
	return a
}

func packedIfShorter(text []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails for other levels only
	z.Write(text)                                         // to memory: it cannot fail
	z.Close()
	if b.Len() >= len(text) {
		return nil
	}
	return b.Bytes()
}

// path is where an asset is.
func (a *assets) path(name string) string { return a.base + name }

// asset serves one file of this version; others are not there.
func (s server) asset(w http.ResponseWriter, r *http.Request) {
	one := s.assets.list[r.PathValue("name")]
	if one == nil || r.URL.Path != s.assets.path(r.PathValue("name")) {
		s.nothing(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", one.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	text, tag := one.plain, one.tag
	if one.packed != nil && acceptsGzip(r.Header.Values("Accept-Encoding")) {
		text, tag = one.packed, one.tag+"-gzip"
		h.Set("Content-Encoding", "gzip")
		if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == "" {
			h.Set("Content-Length", strconv.Itoa(len(text)))
		}
		r = r.Clone(r.Context())
		r.Header.Del("Range") // of what is packed nobody wants a part
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// acceptsGzip reads Accept-Encoding as the door does, which would pack what is
// not packed here, and then the tag would be wrong.
func acceptsGzip(values []string) bool {
	any, named := false, false
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		_, q, weighed := strings.Cut(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		takes := !weighed || err == nil && weight > 0
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "gzip":
			return takes
		case "x-gzip":
			any, named = takes, true
		case "*":
			any = any || takes && !named
		}
	}
	return any
}
