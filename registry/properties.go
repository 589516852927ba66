package registry

import (
	"context"
	"runtime"
	"time"
)

// properties are a server's system properties: the 14 fields of co2.md 2.6.2.
type properties struct {
	Author          string    `xmlrpc:"co2_author" doc:"who wrote this server"`
	Version         string    `xmlrpc:"co2_version" doc:"its version of co2"`
	SWPlatform      string    `xmlrpc:"sw_platform" doc:"what it runs on"`
	Maintainer      string    `xmlrpc:"maintainer" doc:"who runs it"`
	MaintainerEmail string    `xmlrpc:"maintainer_email" doc:"and where to reach them"`
	StartTime       time.Time `xmlrpc:"start_time" doc:"when it started, UTC"`
	ServerTime      time.Time `xmlrpc:"server_time" doc:"its clock now, UTC"`
	Uptime          int       `xmlrpc:"uptime" doc:"whole seconds since it started"`
	Plugins         []string  `xmlrpc:"plugins" doc:"loaded plugins"`
	OperatingSystem string    `xmlrpc:"operating_system" doc:"its host's operating system"`
	Kernel          string    `xmlrpc:"kernel" doc:"its host's kernel"`
	Hardware        string    `xmlrpc:"hardware" doc:"its host's hardware"`
	HWPlatform      string    `xmlrpc:"hw_platform" doc:"the platform it was built for"`
	Processor       string    `xmlrpc:"processor" doc:"its host's processor"`
}

func (s *Server) properties(context.Context) (properties, error) {
	now := s.cfg.Now()
	return properties{
		Author: "the co2 authors", Version: Version, SWPlatform: runtime.Version(),
		Maintainer: s.cfg.Maintainer, MaintainerEmail: s.cfg.MaintainerEmail,
		StartTime: s.started.UTC(), ServerTime: now.UTC(), Uptime: int(now.Sub(s.started).Seconds()),
		Plugins:         s.cfg.Plugins(),
		OperatingSystem: s.host.operatingSystem, Kernel: s.host.kernel, Hardware: s.host.hardware,
		HWPlatform: runtime.GOOS + "/" + runtime.GOARCH, Processor: s.host.processor,
	}, nil
}
