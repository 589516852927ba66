package main

import (
	"fmt"
	"time"

	"co2/discovery"
)

// An asker sends requests, as many as its window at once, and waits for all
// the answers before it sends more.
type asker struct {
	conn   *blocking
	window int
	buf    []byte
}

func newAsker(addr string, window int) (*asker, error) {
	conn, err := dialBlocking("udp4", addr)
	return &asker{conn, window, make([]byte, discovery.MaxMessage)}, err
}

// until asks until then, at least once.
func (a *asker) until(then time.Time) (answers int, spent time.Duration, err error) {
	if err := a.conn.SetDeadline(then.Add(10 * time.Second)); err != nil {
		return 0, 0, err
	}
	request := []byte(poloRequest)
	began := time.Now()
	for now := began; answers == 0 || now.Before(then); now = time.Now() {
		for range a.window {
			if _, err := a.conn.Write(request); err != nil {
				return 0, 0, err
			}
		}
		for range a.window {
			n, err := a.conn.Read(a.buf)
			if err != nil {
				return 0, 0, fmt.Errorf("no answer: %w", err)
			}
			if string(a.buf[:n]) != poloAnswer {
				return 0, 0, fmt.Errorf("the answer is %.200q", a.buf[:n])
			}
		}
		answers += a.window
	}
	return answers, time.Since(began), nil
}
