package door_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/registry/door"
)

// wantWithin checks that something happened when its time-out said, which may
// be up to 1/8 late.
func wantWithin(t *testing.T, what string, took, limit time.Duration) {
	t.Helper()
	if took < limit || took > limit+limit/8+time.Second {
		t.Errorf("%s after %v, want %v", what, took, limit)
	}
}

func TestHeadTimeout(t *testing.T) { // L15
	for name, sent := range map[string]string{
		"nothing":           "",
		"empty lines":       "\r\n\r\n",
		"half a line":       "POST / HT",
		"half a header":     "POST / HTTP/1.1\r\nHost: x\r\n",
		"a header too late": call + "POST / HTTP/1.1\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := open(t, door.Config{}, echo{})
				c := p.dial("192.0.2.1")
				began := time.Now()
				c.say(sent)
				if rest, ok := strings.CutPrefix(sent, call); ok {
					c.answer(t)
					sent = rest
				}
				if strings.TrimSpace(sent) != "" {
					if res, body := c.answer(t); res.StatusCode != http.StatusRequestTimeout || !res.Close {
						t.Errorf("status %d %q, want 408 and the end", res.StatusCode, body)
					}
				}
				wantWithin(t, "closed", c.ended(t).Sub(began), 10*time.Second)
			})
		})
	}
}

// A header that comes octet by octet has no more time than another.
func TestSlowHead(t *testing.T) { // L15
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, echo{})
		c := p.dial("192.0.2.1")
		began := time.Now()
		go func() {
			for _, octet := range []byte("POST / HTTP/1.1\r\nX: " + strings.Repeat("y", 100)) {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{octet}); err != nil {
					return
				}
			}
		}()
		if res, _ := c.answer(t); res.StatusCode != http.StatusRequestTimeout {
			t.Errorf("status %d, want 408", res.StatusCode)
		}
		wantWithin(t, "answered", time.Since(began), 10*time.Second)
		c.ended(t)
		time.Sleep(time.Second) // the sender notices
	})
}

func TestBodyTimeout(t *testing.T) { // L16
	tests := []struct {
		name  string
		rate  int // octets a second
		limit time.Duration
	}{
		{"a body that stops", 0, 5 * time.Second},
		{"a body of 1 octet a second", 1, 5 * time.Second},
		{"a body of 512 octets a second", 512, 10 * time.Second},
		{"a body of 2 KiB a second", 2048, 30 * time.Second},
	}
	for _, kind := range []string{"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nf4240\r\n"} {
		for _, tt := range tests {
			t.Run(tt.name+" "+kind[:8], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p, _ := open(t, door.Config{}, echo{})
					c := p.dial("192.0.2.1")
					began := time.Now()
					go func() {
						io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\n"+kind)
						for tt.rate > 0 {
							if _, err := c.Write(make([]byte, tt.rate)); err != nil {
								return
							}
							time.Sleep(time.Second)
						}
					}()
					if res, body := c.answer(t); res.StatusCode != http.StatusRequestTimeout || !res.Close {
						t.Errorf("status %d %q, want 408 and the end", res.StatusCode, body)
					}
					wantWithin(t, "answered", time.Since(began), tt.limit)
					c.ended(t)
					time.Sleep(time.Second) // the sender notices
				})
			})
		}
	}
}

func TestWriteTimeout(t *testing.T) { // L17
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, echo{})
		c := p.dial("192.0.2.1")
		began := time.Now()
		c.say(call)
		octet := make([]byte, 1)
		for {
			if _, err := c.Read(octet); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		wantWithin(t, "a peer that takes one octet a second is cut off", time.Since(began), 30*time.Second)
	})
}

func TestIdleTimeout(t *testing.T) { // L18
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, echo{})
		c := p.dial("192.0.2.1")
		for range 3 {
			c.say(call)
			c.answer(t)
			time.Sleep(119 * time.Second)
		}
		c.say(call)
		c.answer(t)
		began := time.Now()
		wantWithin(t, "closed", c.ended(t).Sub(began), 120*time.Second)
	})
}

// While the house is nearly full, idle connections have 10 seconds, also those
// that began to wait before.
func TestIdleTimeoutInACrowd(t *testing.T) { // L18
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 8}, echo{})
		var conns []*peer
		for range 6 {
			c := p.dial("192.0.2.1")
			c.say(call)
			c.answer(t)
			conns = append(conns, c)
		}
		time.Sleep(60 * time.Second)
		synctest.Wait()
		began := time.Now()
		last := p.dial("192.0.2.2")
		last.say(call)
		last.answer(t)
		for _, c := range conns {
			wantWithin(t, "an idle connection closed", c.ended(t).Sub(began), 10*time.Second)
		}
	})
}
