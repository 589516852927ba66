package wire_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"co2/methods/wire"
)

// A param was read with a copy of every prefix that the params before it had
// declared: 8 MiB of them cost 7 GB (L-A).
func TestPrefixesOutOfScopeAreFree(t *testing.T) {
	var doc strings.Builder
	doc.WriteString(`<methodCall xmlns:a="urn:x"><methodName>m</methodName><params><param><value><array><data>`)
	for i := range 20_000 {
		fmt.Fprintf(&doc, `<value xmlns:p%d="urn:x"/>`, i)
	}
	doc.WriteString("</data></array></value></param>" + strings.Repeat("<param><value/></param>", 250) + "</params></methodCall>")
	c, err := wire.ParseCall([]byte(doc.String()), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := c.Len()
	runtime.ReadMemStats(&after)
	if err != nil || n != 251 {
		t.Fatalf("%d params, %v, want 251", n, err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(16*doc.Len()) {
		t.Errorf("reading %d octets took %d octets of memory", doc.Len(), took)
	}
}
