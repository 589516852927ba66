package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kolo/xmlrpc"

	"co2/methods/wire"
)

const kolo = "kolo/xmlrpc"

func koloVersion() string { return moduleVersion("github.com/kolo/xmlrpc", kolo) }

// codecs compare decoding and encoding in this process.
func (b *bench) codecs() ([]comparison, error) {
	tiny, err := wire.AppendResponse(nil, "OK")
	if err != nil {
		return nil, err
	}
	med, err := wire.AppendResponse(nil, mediumValue())
	if err != nil {
		return nil, err
	}
	large, err := wire.AppendResponse(nil, largeValue())
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(b.benchtime)
	if err != nil {
		return nil, err
	}
	plain := func() any { return new(any) }
	expat := b.expatSide(large, d)
	b.sizes = fmt.Sprintf("a tiny answer has %d octets, a medium one %d, a large one %d", len(tiny), len(med), len(large))
	return []comparison{
		decoding("decode tiny to values", tiny, plain, atLeast(8)),
		decoding("decode medium to values", med, plain, atLeast(10)).allocating(atMost(50)),
		decoding("decode large to values", large, plain, atLeast(15)).beside(expat, atLeast(2)),
		decoding("decode medium to a struct", med, func() any { return new(medium) }, atLeast(16)).allocating(atMost(12)),
		decoding("decode large to structs", large, func() any { return new([]record) }, atLeast(20)).allocating(atMost(20)).beside(expat, atLeast(2)),
		encoding("encode medium", mediumValue(), atLeast(15)).allocating(atMost(0)),
		encoding("encode large", largeValue(), atLeast(25)).allocating(atMost(0)),
	}, nil
}

// allocating adds a row that tells what ours allocates.
func (c comparison) allocating(g goal) comparison {
	c.rows = append(c.rows, row{"allocations, " + c.rows[0].what, allocs, "co2", "", g})
	return c
}

// beside adds another side and a row beside it.
func (c comparison) beside(s side, g goal) comparison {
	c.sides = append(c.sides, s)
	c.rows = append(c.rows, row{c.rows[0].what, rate, "co2", s.name, g})
	return c
}

func decoding(what string, doc []byte, into func() any, g goal) comparison {
	return codecPair(what, g,
		func() error { return wire.ParseResponse(doc, "", wire.Limits{}, into()) },
		func() error { return xmlrpc.Response(doc).Unmarshal(into()) })
}

func encoding(what string, value any, g goal) comparison {
	var buf []byte
	return codecPair(what, g,
		func() (err error) {
			buf, err = wire.AppendCall(buf[:0], "test", value)
			return err
		},
		func() error {
			_, err := xmlrpc.EncodeMethodCall("test", value)
			return err
		})
}

func codecPair(what string, g goal, ours, theirs func() error) comparison {
	return comparison{
		sides: []side{{"co2", inProcess(ours)}, {kolo, inProcess(theirs)}},
		rows:  []row{{what, rate, "co2", kolo, g}},
	}
}

// inProcess measures work with the benchmarks of package testing.
func inProcess(work func() error) func() (sample, error) {
	return func() (sample, error) {
		var failed error
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if failed = work(); failed != nil {
					b.FailNow()
				}
			}
		})
		switch {
		case failed != nil:
			return sample{}, failed
		case r.N == 0:
			return sample{}, errors.New("the benchmark failed")
		}
		return sample{Rate: float64(r.N) / r.T.Seconds(), Allocs: float64(r.AllocsPerOp())}, nil
	}
}
