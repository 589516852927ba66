package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
)

// serveCanned answers a call to /NAME with the file NAME of dir: the least
// that a server on net/http can do.
func serveCanned(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	answers := map[string][]byte{}
	for _, f := range files {
		if answers["/"+f.Name()], err = os.ReadFile(path.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("canned at http://%s/\n", ln.Addr())
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return
		}
		answer := answers[r.URL.Path]
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.Write(answer)
	}))
}
