package registry_test

import (
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"co2/registry"
)

func TestProperties(t *testing.T) {
	start := time.Date(2003, 10, 16, 14, 0, 0, 500e6, time.FixedZone("CEST", 7200))
	var passed atomic.Int64 // seconds
	s := serve(t, registry.Config{
		Maintainer: "lu", MaintainerEmail: "lu@example.org",
		Plugins: func() []string { return []string{"pd.bridge", "log.file"} },
		Now:     func() time.Time { return start.Add(time.Duration(passed.Load())*time.Second + 999*time.Millisecond) },
	})
	passed.Store(90061)
	got, _ := s.must(t, "system.get_properties").(members)
	uname := strings.Fields(output(t, "uname", "-s", "-m"))
	want := members{
		"co2_author": "the co2 authors", "co2_version": registry.Version, "sw_platform": runtime.Version(),
		"maintainer": "lu", "maintainer_email": "lu@example.org",
		"start_time":  time.Date(2003, 10, 16, 12, 0, 1, 0, time.UTC),
		"server_time": time.Date(2003, 10, 17, 13, 1, 2, 0, time.UTC),
		"uptime":      int64(90061), "plugins": items{"pd.bridge", "log.file"},
		"operating_system": prettyName(t), "kernel": uname[0] + " " + output(t, "uname", "-r"),
		"hardware": uname[1], "hw_platform": runtime.GOOS + "/" + runtime.GOARCH, "processor": got["processor"],
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Call(system.get_properties) =\n%v, want\n%v", got, want)
	}
	if processor, _ := got["processor"].(string); processor == "" {
		t.Error("processor is empty")
	}
	if len(got) != 14 {
		t.Errorf("%d properties, want 14", len(got))
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	b, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// prettyName is the operating system as a shell reads it.
func prettyName(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/etc/os-release"); err != nil {
		return runtime.GOOS
	}
	return output(t, "sh", "-c", `. /etc/os-release && echo "$PRETTY_NAME"`)
}

func TestUptimeIsFloored(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var passed atomic.Int64
	s := serve(t, registry.Config{Now: func() time.Time { return start.Add(time.Duration(passed.Load())) }})
	for after, want := range map[time.Duration]int64{0: 0, 999 * time.Millisecond: 0, time.Second: 1, 59*time.Second + 999999999: 59} {
		passed.Store(int64(after))
		if got := s.must(t, "web.get_properties").(members)["uptime"]; got != want {
			t.Errorf("uptime after %v = %v, want %d", after, got, want)
		}
	}
}

func TestPropertiesWithoutPlugins(t *testing.T) {
	s := serve(t, registry.Config{})
	got, _ := s.must(t, "co2.get_properties", members{}).(members)
	if !reflect.DeepEqual(got["plugins"], any(items{})) || got["maintainer"] != "" {
		t.Errorf("plugins, maintainer = %v, %v, want none", got["plugins"], got["maintainer"])
	}
	_, err := s.call(t, "co2.get_properties", "x")
	wantFault(t, "Call(co2.get_properties, x)", err, -32602, "got string, want struct")
}
