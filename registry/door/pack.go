package door

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// worthPacking is how long an answer is that goes out compressed, in octets (H21).
const worthPacking = 1024

var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for other levels only
	return w
}}

// pack compresses an answer if the peer wants it so.
func (a *Answer) pack(r *Request) {
	if len(a.Body) < worthPacking || a.Status != http.StatusOK || r.Get("Accept-Encoding") == "" || a.has("Content-Encoding") {
		return
	}
	accepted := strings.Join(r.Values("Accept-Encoding"), ",")
	a.Fields = append(a.Fields, Field{"Vary", "Accept-Encoding"})
	if !takesGzip(accepted) {
		return
	}
	a.packed = getBuffer(len(a.Body) > smallBuffer)
	out := bytes.NewBuffer((*a.packed)[:0])
	w := packers.Get().(*gzip.Writer)
	w.Reset(out)
	w.Write(a.Body) // to memory: it cannot fail
	w.Close()
	packers.Put(w)
	*a.buf, *a.packed, a.Body = a.Body, out.Bytes(), out.Bytes()
	a.Fields = append(a.Fields, Field{"Content-Encoding", "gzip"})
}

func (a *Answer) has(name string) bool {
	for _, f := range a.Fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// takesGzip reads Accept-Encoding: gzip by name, else by its old name, else *
// for all that is not named.
func takesGzip(accepted string) bool {
	old, named, any := false, false, false
	for item := range strings.SplitSeq(accepted, ",") {
		name, params, _ := strings.Cut(item, ";")
		switch name = trimBlanks(name); {
		case isWord(name, "gzip"):
			return wanted(params)
		case isWord(name, "x-gzip"):
			old, named = wanted(params), true
		case name == "*":
			any = wanted(params)
		}
	}
	return old || any && !named
}

// wanted reads the weight behind a coding: all but q=0 is yes.
func wanted(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(trimBlanks(key), "q") {
			q, err := strconv.ParseFloat(trimBlanks(value), 64)
			return err == nil && q > 0
		}
	}
	return true
}
