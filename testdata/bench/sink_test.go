package main

import (
	"bytes"
	"net"
	"testing"
	"time"
)

// calls has satellites of a sink take a call each, over new connections.
func (s *sink) calls(t *testing.T, method string, satellites ...int) (conns []net.Conn) {
	t.Helper()
	for _, i := range satellites {
		conn, err := net.Dial("tcp", addressOf(i, s.port).String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		request := post("/RPC2", "satellite", []byte("<methodCall><methodName>"+method+"</methodName></methodCall>"))
		for _, part := range [][]byte{request[:10], request[10:70], request[70:]} { // as it may come
			if _, err := conn.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		conns = append(conns, conn)
	}
	return conns
}

// answered reads an answer, for at most so long.
func answered(t *testing.T, conn net.Conn, within time.Duration) bool {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(within))
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	return err == nil && bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 200 OK\r\n")) && bytes.Contains(buf[:n], []byte("<string>OK</string>"))
}

func testSink(t *testing.T, n int) *sink {
	s, err := startedBench(t).sink(n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSinkCounts(t *testing.T) {
	s := testSink(t, 3)
	check(t, s.expect("notify", 1, all))
	before := monotonicNow()
	s.calls(t, "ping", 0, 1, 2) // not what is expected
	conns := s.calls(t, "notify", 0, 1, 2)
	at, err := s.reached(1)
	check(t, err)
	if took := at.since(before); took <= 0 || at > monotonicNow() {
		t.Errorf("the last came %v after the start, at %d of a clock that shows %d", took, at, monotonicNow())
	}
	for i, conn := range conns {
		if !answered(t, conn, patience) {
			t.Errorf("satellite %d does not answer", i)
		}
	}
	for kind, want := range map[string]string{"notify": ">notify<", "ping": ">ping<"} {
		request, err := s.last(kind)
		if err != nil || !bytes.HasPrefix(request, []byte("POST /RPC2 ")) || !bytes.Contains(request, []byte(want)) {
			t.Errorf("last %s = %q, %v", kind, request, err)
		}
	}
}

// TestSinkTellsWrongCounts has one satellite get two and another none, which
// is not one for each.
func TestSinkTellsWrongCounts(t *testing.T) {
	s := testSink(t, 2)
	check(t, s.expect("notify", 1, all))
	for range 2 {
		if !answered(t, s.calls(t, "notify", 0)[0], patience) {
			t.Fatal("no answer")
		}
	}
	if missing, err := s.enough(); err != nil || missing != 1 {
		t.Errorf("enough = %d, %v, want 1 that is missing", missing, err)
	}
	check(t, s.expect("notify", 1, all))
	for _, i := range []int{0, 0, 1} {
		if !answered(t, s.calls(t, "notify", i)[0], patience) {
			t.Errorf("satellite %d does not answer", i)
		}
	}
	if _, err := s.reached(1); err == nil {
		t.Error("reached = nil, though one satellite got two deliveries")
	}
}

func TestSinkHangs(t *testing.T) {
	s := testSink(t, hangEvery+2)
	check(t, s.hang())
	check(t, s.expect("notify", 1, hung))
	stuck := s.calls(t, "notify", 0, hangEvery)
	if !answered(t, s.calls(t, "notify", 1)[0], patience) {
		t.Error("a satellite that should answer does not")
	}
	for _, conn := range stuck {
		if answered(t, conn, 10*time.Millisecond) {
			t.Error("a satellite that should hang answers")
		}
	}
	check(t, s.release())
	if _, err := s.reached(1); err != nil {
		t.Error(err)
	}
	for _, conn := range stuck {
		if !answered(t, conn, patience) {
			t.Error("a satellite does not answer what it owes")
		}
	}
}
