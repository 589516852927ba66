package main

import (
	"fmt"
	"strings"
	"time"
)

// The payloads: a tiny answer, a struct of 20 members (2.4 KB), an array of
// 1,000 structs (300 KB). Times are whole seconds in UTC, numbers fit 32 bit
// and nothing is nil or base64, so that every library can carry them.

// A record is one struct of the large payload.
type record struct {
	Nick  string  `xmlrpc:"nick"`
	Count int     `xmlrpc:"count"`
	Ping  float64 `xmlrpc:"ping"`
	Up    bool    `xmlrpc:"up"`
}

// A medium is the struct of 20 members.
type medium struct {
	A1 string         `xmlrpc:"author"`
	A2 string         `xmlrpc:"description"`
	A3 string         `xmlrpc:"maintainer"`
	A4 string         `xmlrpc:"operating_system"`
	B1 int            `xmlrpc:"uptime"`
	B2 int            `xmlrpc:"send_count"`
	B3 int            `xmlrpc:"recv_count"`
	B4 int            `xmlrpc:"ping_count"`
	C1 float64        `xmlrpc:"ping_current"`
	C2 float64        `xmlrpc:"ping_min"`
	C3 float64        `xmlrpc:"ping_max"`
	C4 float64        `xmlrpc:"ping_avg"`
	D1 bool           `xmlrpc:"up"`
	D2 bool           `xmlrpc:"pinned"`
	E1 time.Time      `xmlrpc:"start_time"`
	E2 time.Time      `xmlrpc:"server_time"`
	F1 []string       `xmlrpc:"plugins"`
	F2 []int          `xmlrpc:"history"`
	G1 map[string]int `xmlrpc:"states"`
	G2 string         `xmlrpc:"processor"`
}

var someTime = time.Date(2003, 10, 16, 12, 30, 15, 0, time.UTC)

func mediumValue() medium {
	return medium{
		A1: "the authors of the server & friends", A2: strings.Repeat("control data, not media streams. ", 4),
		A3: "someone <someone@example.net>", A4: "Debian GNU/Linux", B1: 86400, B2: 12, B3: 100000, B4: 2880,
		C1: 0.75, C2: 0.25, C3: 120.5, C4: 1.125, D1: true, E1: someTime, E2: someTime.Add(time.Hour),
		F1: []string{"pd.bridge", "osc.bridge", "chat.room"}, F2: []int{1, 2, 3, 5, 8, 13, 21},
		G1: map[string]int{"up": 40, "suspect": 1, "down": 0}, G2: "a processor of some kind at 2.5 GHz",
	}
}

func largeValue() []record {
	list := make([]record, 1000)
	for i := range list {
		list[i] = record{fmt.Sprintf("satellite %d", i), i, float64(i) / 8, i%7 != 0}
	}
	return list
}
