package web_test

import (
	"fmt"
	"math"
	"time"

	"co2/registry/web"
)

// evil is what strangers may send as a nick, a plugin, a reason or a payload.
const evil = `</title></svg><script>alert("1")</script><img src=x onerror=alert(1)>'{{.}}`

// now is the time of every page in the tests.
var now = time.Date(2003, 10, 16, 14, 0, 0, 0, time.UTC)

// crowd is a network of n satellites, most of them well, with text of
// strangers wherever they can put it.
func crowd(n int) *fakeNetwork {
	net := &fakeNetwork{
		overview: web.Overview{
			Now: now, In: 12.34, Out: 480, Rate: 10 * time.Second, P50: 3 * time.Millisecond, P99: 41 * time.Millisecond,
			Delivered: 28_800, Window: time.Minute, LimiterWaits: 7,
			Dump: web.Dump{Saved: now.Add(-90 * time.Second)},
		},
		series: map[web.SeriesName]web.Series{
			web.SeriesIn: wave("messages/s", 20, 0), web.SeriesOut: wave("messages/s", 90, 1), web.SeriesP50: wave("ms", 4, 2),
			web.SeriesP99: wave("ms", 40, 3), web.SeriesWaiting: wave("messages", 11, 4), web.SeriesPing: gaps(wave("ms", 9, 5)),
		},
		discovery: web.Discovery{
			Port: 1337, Counts: web.Counts{Marco: 7, RequestFor: 1234, Answered: 1200, Malformed: 3}, Sources: 4,
			Trouble: evil, LastError: evil, LastErrorAt: now.Add(-time.Hour),
			Groups: []web.Group{{Address: "224.0.0.112", Interfaces: []web.Interface{{Name: evil, Joined: true}, {Name: "eth1", Trouble: evil}}, Trouble: evil}},
			Services: []web.Service{
				{ID: evil, Params: []web.Property{{Name: "port", Value: evil}}, Groups: []string{"224.0.0.112"}},
				{ID: "off", Owner: evil, Disabled: true, Static: true},
			},
		},
		details: map[string]web.Details{},
	}
	for i := range n {
		net.satellites = append(net.satellites, satellite(i))
	}
	for i := range min(n, 3) {
		net.enrich(i)
	}
	if n == 0 {
		net.overview.Dump, net.series, net.discovery = web.Dump{}, nil, web.Discovery{Off: "it is switched off"}
	}
	return net
}

// satellite is the one of number i.
func satellite(i int) web.Satellite {
	s := web.Satellite{
		HostID: fmt.Sprintf("192.0.2.%d:%d", i%250, 2004+i/250), Nick: fmt.Sprintf("sat-%05d", i), State: web.StateUp,
		StateSince: now.Add(-time.Duration(i%900) * time.Minute), Registered: now.Add(-20 * time.Hour), LastSeen: now.Add(-time.Duration(i%30) * time.Second),
		Ping:    web.Ping{Now: 1 + float64(i%37)/3, Min: 0.4, Avg: 3.21, Max: 80, Count: 2400, Fails: i % 3},
		Waiting: i % 5, Sent: i * 31, Received: 120_000 - i, Failed: i % 7, SentAt: now.Add(-time.Minute), ReceivedAt: now.Add(-time.Second),
		Plugins: []string{"pd.bridge", "log"}, Breaker: web.BreakerClosed,
	}
	s.URL = "http://" + s.HostID + "/"
	switch {
	case i == 0:
		s.Nick, s.Plugins, s.Reason, s.Removal = evil, []string{evil}, evil, evil
		s.State, s.Breaker = web.StateDown, web.BreakerOpen
	case i == 1:
		s.HostID, s.Nick, s.URL = "[fe80::1%25eth0/"+evil+"]:2004", "bea", "javascript:alert(1)"
		s.State, s.Flapping, s.Pinned = web.StateSuspect, true, true
	case i%500 == 7:
		s.State, s.Reason = web.StateDown, "dial tcp 192.0.2.7:2004: connect: connection refused"
	case i%500 == 8:
		s.State, s.Breaker, s.Reason, s.Answers = web.StateStuck, web.BreakerOpen, "5 deliveries in a row failed", "up"
	case i%500 == 10:
		s.State, s.Flapping = web.StateFlapping, true
	case i%100 == 9:
		s.State, s.Paused = web.StatePaused, true
	case i%50 == 11:
		s.State, s.Ping = web.StateNew, web.Ping{Now: -1, Min: -1, Avg: -1, Max: -1}
	}
	return s
}

// enrich gives satellite i a history.
func (n *fakeNetwork) enrich(i int) {
	s := n.satellites[i]
	d := web.Details{
		BreakerReason: evil, BreakerRetry: 42 * time.Second, BreakerSince: now.Add(-time.Hour), QueueBytes: 4096, QueuePolicy: "drop-oldest",
		WayBack: evil, CalledAddress: "http://192.0.2.7:2004/RPC2", SeenAddress: "192.0.2.7", Recorded: i != 2,
		Limits: []web.Limit{{Name: "Outbox", Used: 3, Limit: 1000, Unit: "messages"}, {Name: "Rate", Used: 1.5, Limit: -1, Unit: "messages/s"}},
		States: []web.StateChange{
			{Time: now.Add(-9 * time.Hour), State: web.StateNew}, {Time: now.Add(-8 * time.Hour), State: web.StateUp},
			{Time: now.Add(-3 * time.Hour), State: web.StateSuspect, Reason: evil}, {Time: now.Add(-170 * time.Minute), State: web.StateDown, Reason: evil},
			{Time: now.Add(-2 * time.Hour), State: web.StateUp}, {Time: now.Add(-time.Hour), State: s.State, Reason: evil},
		},
	}
	for k := range 50 {
		outcome := []web.Outcome{web.OutcomeDelivered, web.OutcomeDelivered, web.OutcomeFailed, web.OutcomeRetry}[k%4]
		d.Deliveries = append(d.Deliveries, web.Delivery{
			Time: now.Add(-time.Duration(k) * time.Second), MessageID: fmt.Sprintf("%014x-abcd", k), Sender: n.satellites[0].HostID,
			Took: time.Duration(k+1) * 800 * time.Microsecond, Outcome: outcome, Reason: evil,
		})
		n.messages = append(n.messages, web.Message{
			ID: fmt.Sprintf("%014x-%d", k, i), Time: now.Add(-time.Duration(k) * time.Second), Sender: s.HostID, Nick: s.Nick, Key: evil,
			Bytes: 1 << (k % 20), Receivers: k % 3, Payload: `{"payload": "` + evil + `"}`, HasPayload: true,
		})
		n.events = append(n.events, web.Event{
			Time: now.Add(-time.Duration(k) * 90 * time.Minute), Code: []string{"SAT-STATE", "DLV-OPEN", "DUMP-FAIL"}[k%3],
			Words: "state changed", Level: []web.Level{web.LevelInfo, web.LevelWarning, web.LevelError}[k%3], HostID: s.HostID, Nick: s.Nick, State: s.State, Reason: evil,
		})
	}
	d.Events = n.events[:3]
	n.details[s.HostID] = d
}

// wave is ten minutes of one point every ten seconds.
func wave(unit string, size, phase float64) web.Series {
	s := web.Series{Unit: unit, Step: 10 * time.Second}
	for i := range 60 {
		v := size * (1 + math.Sin(float64(i)/5+phase)*0.4)
		s.Points = append(s.Points, web.Point{Time: now.Add(time.Duration(i-60) * 10 * time.Second), Value: v, Max: v * 1.2})
	}
	return s
}

// gaps takes some of the points away, as failed pings do.
func gaps(s web.Series) web.Series {
	for _, i := range []int{20, 21, 40} {
		s.Points[i].Value, s.Points[i].Max = math.NaN(), math.NaN()
	}
	return s
}
