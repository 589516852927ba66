package web_test

import (
	"time"

	"co2/registry/web"
)

// A fakeNetwork is a network whose answers a test lays down. What it leaves
// out is empty.
type fakeNetwork struct {
	overview   web.Overview
	satellites []web.Satellite
	details    map[string]web.Details // beside what satellites tell
	series     map[web.SeriesName]web.Series
	messages   []web.Message // with their payloads
	events     []web.Event
	discovery  web.Discovery
	changes    chan web.Change
}

func (n *fakeNetwork) Overview() web.Overview { return n.overview }
func (n *fakeNetwork) Satellites() []web.Satellite {
	return append([]web.Satellite(nil), n.satellites...)
}
func (n *fakeNetwork) Events() []web.Event { return n.events }
func (n *fakeNetwork) Codes() []web.Code {
	return []web.Code{{Name: "DLV-OPEN", Of: "Deliveries", Level: "warn", What: "five deliveries failed", Do: "raise `ulimit -n`, or " + evil}}
}
func (n *fakeNetwork) Discovery() web.Discovery           { return n.discovery }
func (n *fakeNetwork) Watch() (<-chan web.Change, func()) { return n.changes, func() {} }

func (n *fakeNetwork) Satellite(hostID string) (web.Details, bool) {
	for _, s := range n.satellites {
		if s.HostID == hostID {
			d := n.details[hostID]
			d.Satellite = s
			return d, true
		}
	}
	return web.Details{}, false
}

func (n *fakeNetwork) Series(_ string, name web.SeriesName, _ time.Duration) web.Series {
	return n.series[name]
}

func (n *fakeNetwork) Messages(payloads bool) []web.Message {
	list := append([]web.Message(nil), n.messages...)
	for i := range list {
		if !payloads {
			list[i].Payload, list[i].HasPayload = "", false
		}
	}
	return list
}
