package main

import (
	"log/slog"
	"time"

	"co2/methods/wire"
	"co2/registry"
	"co2/registry/door"
)

// secured are the settings of TLS.
type secured struct {
	TLSCert string `arg:"--tls-cert,env:CO2_TLS_CERT" placeholder:"FILE" help:"speak HTTPS with this certificate and its chain, PEM; read again when the file changes"`
	TLSKey  string `arg:"--tls-key,env:CO2_TLS_KEY" placeholder:"FILE" help:"the key of --tls-cert, PEM"`
}

func (s *secured) check() error {
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return usagef("--tls-cert and --tls-key go together")
	}
	return nil
}

func (s *secured) scheme() string {
	if s.TLSCert != "" {
		return "https"
	}
	return "http"
}

// into reads the certificate, which is nil if there is none.
func (s *secured) into(cfg *door.Config, log *slog.Logger) (*door.Certificate, error) {
	if s.TLSCert == "" {
		return nil, nil
	}
	certificate, err := door.LoadCertificate(s.TLSCert, s.TLSKey, log)
	if err != nil {
		return nil, err
	}
	cfg.TLS = certificate.Config()
	return certificate, nil
}

// limits are what a server takes from outside (xmlrpc.md section 8).
type limits struct {
	MaxConns     int           `arg:"--max-conns,env:CO2_MAX_CONNS" default:"8192" placeholder:"N" help:"open connections; more wait"`
	MaxPerPeer   int           `arg:"--max-conns-per-address,env:CO2_MAX_CONNS_PER_ADDRESS" default:"4096" placeholder:"N" help:"open connections of one address; more get 503"`
	MaxStreams   int           `arg:"--max-streams,env:CO2_MAX_STREAMS" default:"256" placeholder:"N" help:"pages kept up to date at once, half of them for one address; more get 503"`
	HeadTimeout  time.Duration `arg:"--head-timeout,env:CO2_HEAD_TIMEOUT" default:"10s" placeholder:"TIME" help:"for the header of a request"`
	BodyTimeout  time.Duration `arg:"--body-timeout,env:CO2_BODY_TIMEOUT" default:"30s" placeholder:"TIME" help:"for the body of a request"`
	WriteTimeout time.Duration `arg:"--write-timeout,env:CO2_WRITE_TIMEOUT" default:"30s" placeholder:"TIME" help:"for a peer to take its answer"`
	IdleTimeout  time.Duration `arg:"--idle-timeout,env:CO2_IDLE_TIMEOUT" default:"2m" placeholder:"TIME" help:"between the requests of a connection"`
	CallTimeout  time.Duration `arg:"--call-timeout,env:CO2_CALL_TIMEOUT" default:"30s" placeholder:"TIME" help:"for one call, a multicall as a whole"`
	MaxHead      octets        `arg:"--max-head,env:CO2_MAX_HEAD" default:"64KiB" placeholder:"SIZE" help:"header of a request"`
	MaxFields    int           `arg:"--max-fields,env:CO2_MAX_FIELDS" default:"256" placeholder:"N" help:"fields of a header"`
	MaxBody      octets        `arg:"--max-body,env:CO2_MAX_BODY" default:"8MiB" placeholder:"SIZE" help:"body of a request, also when unpacked; at most 64MiB"`
	BodyMemory   octets        `arg:"--max-body-memory,env:CO2_MAX_BODY_MEMORY" default:"128MiB" placeholder:"SIZE" help:"all bodies being read; more get 503"`
	MaxAnswer    octets        `arg:"--max-answer,env:CO2_MAX_ANSWER" default:"16MiB" placeholder:"SIZE" help:"answer to a call"`
	MaxDepth     int           `arg:"--max-depth,env:CO2_MAX_DEPTH" default:"128" placeholder:"N" help:"arrays and structs inside each other; at most 512"`
	MaxParams    int           `arg:"--max-params,env:CO2_MAX_PARAMS" default:"256" placeholder:"N" help:"params of a call"`
	MaxValues    int           `arg:"--max-values,env:CO2_MAX_VALUES" default:"262144" placeholder:"N" help:"values in a call"`
	MaxName      octets        `arg:"--max-name,env:CO2_MAX_NAME" default:"1KiB" placeholder:"SIZE" help:"name of a struct's member"`
	MaxMulticall int           `arg:"--max-multicall,env:CO2_MAX_MULTICALL" default:"1000" placeholder:"N" help:"calls in one system.multicall"`
}

const (
	bodyCeiling  = 64 << 20
	depthCeiling = 512
)

func (l *limits) check() error {
	for _, limit := range []struct {
		flag string
		n    int
	}{
		{"--max-conns", l.MaxConns}, {"--max-conns-per-address", l.MaxPerPeer}, {"--max-streams", l.MaxStreams}, {"--max-head", int(l.MaxHead)}, {"--max-fields", l.MaxFields},
		{"--max-body", int(l.MaxBody)}, {"--max-body-memory", int(l.BodyMemory)}, {"--max-answer", int(l.MaxAnswer)},
		{"--max-depth", l.MaxDepth}, {"--max-params", l.MaxParams}, {"--max-values", l.MaxValues}, {"--max-name", int(l.MaxName)},
		{"--max-multicall", l.MaxMulticall},
	} {
		if limit.n < 1 {
			return usagef("%s is at least 1", limit.flag)
		}
	}
	for _, limit := range []struct {
		flag string
		d    time.Duration
	}{
		{"--head-timeout", l.HeadTimeout}, {"--body-timeout", l.BodyTimeout}, {"--write-timeout", l.WriteTimeout},
		{"--idle-timeout", l.IdleTimeout}, {"--call-timeout", l.CallTimeout},
	} {
		if limit.d <= 0 {
			return usagef("%s is more than 0, for example 10s", limit.flag)
		}
	}
	switch {
	case l.MaxBody > bodyCeiling:
		return usagef("--max-body is at most %v", octets(bodyCeiling))
	case l.MaxDepth > depthCeiling:
		return usagef("--max-depth is at most %d", depthCeiling)
	case l.BodyMemory/8*7 < l.MaxBody:
		return usagef("--max-body-memory (%v) must hold one --max-body (%v) and an eighth for small ones", l.BodyMemory, l.MaxBody)
	}
	return nil
}

// into puts the limits where they act.
func (l *limits) into(cfg *registry.Config) {
	cfg.CallTimeout, cfg.MaxAnswer, cfg.MaxMulticall = l.CallTimeout, int(l.MaxAnswer), l.MaxMulticall
	cfg.Limits = wire.Limits{Depth: l.MaxDepth, Params: l.MaxParams, Values: l.MaxValues, NameLen: int(l.MaxName)}
	cfg.Door = door.Config{
		MaxHead: int(l.MaxHead), MaxFields: l.MaxFields, MaxBody: int64(l.MaxBody), BodyMemory: int64(l.BodyMemory),
		MaxConns: l.MaxConns, MaxPerPeer: l.MaxPerPeer, MaxStreams: l.MaxStreams,
		HeadTimeout: l.HeadTimeout, BodyTimeout: l.BodyTimeout, WriteTimeout: l.WriteTimeout, IdleTimeout: l.IdleTimeout,
	}
}
