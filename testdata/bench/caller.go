package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// A caller is one kept connection that makes the same call again and again.
// It does as little as it can, and the same for every server: one write, few
// reads, a look at status and length, a comparison of the body.
type caller struct {
	conn    connection
	request []byte
	want    []byte // the body of each answer
	buf     []byte
	took    []time.Duration // of the calls of the latest until
	spent   time.Duration   // in it
}

// A connection is what a caller needs of one.
type connection interface {
	io.ReadWriteCloser
	SetDeadline(time.Time) error
}

// dial connects. A caller that is alone blocks, many share Go's poller.
func dial(addr string, alone bool, request, want []byte) (*caller, error) {
	var conn connection
	var err error
	if alone {
		conn, err = dialBlocking("tcp", addr)
	} else {
		conn, err = net.Dial("tcp", addr)
	}
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, request: request, want: want, buf: make([]byte, len(want)+4<<10)}, nil
}

// until calls until then, at least once.
func (c *caller) until(then time.Time) error {
	if err := c.conn.SetDeadline(then.Add(time.Minute)); err != nil {
		return err
	}
	c.took = c.took[:0]
	began := time.Now()
	for now := began; ; {
		if err := c.call(); err != nil {
			return err
		}
		after := time.Now()
		c.took = append(c.took, after.Sub(now))
		if now = after; !now.Before(then) {
			c.spent = now.Sub(began)
			return nil
		}
	}
}

// call makes one call and wants the answer it knows.
func (c *caller) call() error {
	body, err := c.exchange()
	if err == nil && !bytes.Equal(body, c.want) {
		err = fmt.Errorf("this answer is not as the first was: %.200q", body)
	}
	return err
}

// exchange sends the request and returns the body of the answer, which is
// good until the next one.
func (c *caller) exchange() ([]byte, error) {
	if _, err := c.conn.Write(c.request); err != nil {
		return nil, err
	}
	return c.answer()
}

var headEnd = []byte("\r\n\r\n")

// answer reads one answer.
func (c *caller) answer() ([]byte, error) {
	var n, head, all int
	for head == 0 || n < all {
		if n == len(c.buf) {
			c.buf = append(c.buf, make([]byte, len(c.buf))...)
		}
		m, err := c.conn.Read(c.buf[n:])
		if err != nil {
			return nil, err
		}
		n += m
		if head > 0 {
			continue
		}
		if i := bytes.Index(c.buf[:n], headEnd); i >= 0 {
			length, err := bodyLength(c.buf[:i])
			if err != nil {
				return nil, err
			}
			head = i + len(headEnd)
			all = head + length
		}
	}
	if n > all {
		return nil, fmt.Errorf("%d octets after the answer", n-all)
	}
	return c.buf[head:all], nil
}

var ok, lengthField = []byte("HTTP/1.1 200 "), []byte("Content-Length:")

// bodyLength reads the head of an answer.
func bodyLength(head []byte) (int, error) {
	if !bytes.HasPrefix(head, ok) {
		return 0, fmt.Errorf("the answer begins %.200q", head)
	}
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, headEnd[:2])
		if len(line) > len(lengthField) && bytes.EqualFold(line[:len(lengthField)], lengthField) {
			return strconv.Atoi(string(bytes.TrimSpace(line[len(lengthField):])))
		}
	}
	return 0, errors.New("an answer without Content-Length")
}
