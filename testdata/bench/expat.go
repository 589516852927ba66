package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// expatSide parses doc with expat and empty handlers, for d, in a C program.
func (b *bench) expatSide(doc []byte, d time.Duration) side {
	start := sync.OnceValues(func() (*process, error) { return b.startExpat(doc) })
	return side{"expat", func() (s sample, err error) {
		p, err := start()
		if err != nil {
			return s, err
		}
		if _, err := fmt.Fprintln(p.in, d.Nanoseconds()); err != nil {
			return s, err
		}
		line, err := p.line()
		if err != nil {
			return s, err
		}
		var documents, nanos float64
		if _, err := fmt.Sscan(line, &documents, &nanos); err != nil {
			return s, fmt.Errorf("%q: %w", line, err)
		}
		return sample{Rate: documents / nanos * 1e9}, nil
	}}
}

func (b *bench) startExpat(doc []byte) (*process, error) {
	program, err := b.build("expat", "-lexpat")
	if err != nil {
		return nil, err
	}
	path := b.dir + "/document.xml"
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		return nil, err
	}
	p, err := b.start(program, path)
	if err != nil {
		return nil, err
	}
	version, err := p.line()
	b.beside(version)
	return p, err
}
