package relay

import (
	"context"

	"co2/methods"
)

// queryMethods answer questions about satellites.
func (r *Relay) queryMethods() []methods.Method {
	return []methods.Method{{
		Names:  methods.Under("get_max_satellites", "relay", "co2", "web"),
		Doc:    "Returns how many satellites may be registered at once; 2147483647 if there is no limit.",
		Access: methods.Public,
		Func:   r.maxSatellites,
	}, {
		Names:  methods.Under("get_num_satellites", "relay", "co2", "web"),
		Doc:    "Returns how many satellites are registered.",
		Access: methods.Public,
		Func:   r.numSatellites,
	}, {
		Names:  methods.Under("get_satellites", "relay", "co2", "web"),
		Doc:    "Returns the host ids of all registered satellites, oldest registration first.",
		Access: methods.Public,
		Func:   r.satellites,
	}, {
		Names:  append(methods.Under("get_satellite_props", "relay", "co2", "web"), "co2.get_satellite"),
		Doc:    "Returns what the relay knows of a satellite. Ping times are in milliseconds, -1 before the first answer; a time of 19700101T00:00:00 beside a count of 0 means never. co2.get_satellite is kept for old callers.",
		Access: methods.Public,
		Func:   r.satelliteProps,
	}, {
		Names:  methods.Under("get_satellite_ctime", "relay", "co2", "web"),
		Doc:    "Returns when a satellite registered, in seconds since 1970-01-01 UTC.",
		Access: methods.Public,
		Func:   r.satelliteCtime,
	}, {
		Names:  []string{"relay.get_satellite_props_raw"},
		Doc:    "Returns the same as relay.get_satellite_props, with times as seconds since 1970-01-01 UTC.",
		Access: methods.Public,
		Func:   r.satellitePropsRaw,
	}}
}

func (r *Relay) maxSatellites(context.Context) (int, error) { return r.cfg.MaxSats, nil }

func (r *Relay) numSatellites(context.Context) (int, error) { return r.directory.Len(), nil }

func (r *Relay) satellites(context.Context) ([]string, error) {
	sats := r.directory.Satellites()
	ids := make([]string, len(sats))
	for i, s := range sats {
		ids[i] = s.HostID
	}
	return ids, nil
}

func (r *Relay) find(hostID string) (Satellite, error) {
	s, ok := r.directory.Find(hostID)
	if !ok {
		return s, notRegistered(hostID)
	}
	return s, nil
}

func (r *Relay) satelliteProps(_ context.Context, p hostParams) (dateProps, error) {
	s, err := r.find(p.HostID)
	if err != nil {
		return dateProps{}, err
	}
	return withRemoval(r, s, propsOf(s, asDate)), nil
}

func (r *Relay) satellitePropsRaw(_ context.Context, p hostParams) (secondProps, error) {
	s, err := r.find(p.HostID)
	if err != nil {
		return secondProps{}, err
	}
	return withRemoval(r, s, propsOf(s, asSeconds)), nil
}

// withRemoval adds what the relay, not the satellite, decides.
func withRemoval[T any](r *Relay, s Satellite, p props[T]) props[T] {
	words, in := r.RemovalOf(s)
	if p.Removal = words; in >= 0 {
		p.RemoveIn = in.Seconds()
	}
	return p
}

func (r *Relay) satelliteCtime(_ context.Context, p hostParams) (float64, error) {
	s, err := r.find(p.HostID)
	return asSeconds(s.Registered), err
}
