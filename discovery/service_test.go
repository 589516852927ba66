package discovery_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"co2/discovery"
)

func TestServiceIsChecked(t *testing.T) {
	long := map[string]any{"x": strings.Repeat("x", discovery.MaxReply)}
	for name, s := range map[string]discovery.Service{
		"empty id":              {},
		"id too long":           {ID: strings.Repeat("ñ", 31)},
		"id of a user":          {ID: "alice:svc"},
		"id of a user, dashes":  {ID: "al-ice:my.svc"},
		"control character":     {ID: "a\nb"},
		"C1 control character":  {ID: "a\u0085b"},
		"id not UTF-8":          {ID: "a\xff"},
		"half a surrogate pair": {ID: "\ufffd"},
		"list":                  {ID: "a", Params: map[string]any{"x": []any{1}}},
		"object":                {ID: "a", Params: map[string]any{"x": map[string]any{}}},
		"not a number":          {ID: "a", Params: map[string]any{"x": json.Number("1x")}},
		"empty number":          {ID: "a", Params: map[string]any{"x": json.Number("")}},
		"infinity":              {ID: "a", Params: map[string]any{"x": 1 / zero()}},
		"text not UTF-8":        {ID: "a", Params: map[string]any{"x": "\xff"}},
		"name not UTF-8":        {ID: "a", Params: map[string]any{"\xff": 1}},
		"too long for a reply":  {ID: "a", Params: long},
	} {
		if s.Validate() == nil {
			t.Errorf("%s: Validate(%.40v) = nil, want an error", name, s)
		}
	}
}

func TestServiceIsValid(t *testing.T) {
	for _, id := range []string{
		"co2-relay", "a", strings.Repeat("ñ", 30), "with blank", "a:b:c", ":", "a:", ":b", "a: b", "a/b", "../x",
	} {
		s := discovery.Service{ID: id, Params: map[string]any{"": uint8(1), "f": 0.5, "n": json.Number("-0")}}
		if err := s.Validate(); err != nil {
			t.Errorf("Validate(%q) = %v, want nil", id, err)
		}
	}
}

func zero() float64 { return 0 }

func TestPublishWarnsOfLargeReplies(t *testing.T) {
	for size, want := range map[int]int{100: 0, 1500: 1} {
		var lines bytes.Buffer
		services := discovery.NewServices(slog.New(slog.NewTextHandler(&lines, nil)))
		s := discovery.Service{ID: "a", Params: map[string]any{"x": strings.Repeat("x", size)}}
		if err := services.Publish(s); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(lines.String(), "\n"); got != want {
			t.Errorf("publishing %d bytes logged %d lines, want %d", size, got, want)
		}
	}
}

func TestServices(t *testing.T) {
	services := discovery.NewServices(nil)
	params := map[string]any{"n": 1}
	if err := services.Publish(discovery.Service{ID: "b", Params: params}); err != nil {
		t.Fatal(err)
	}
	params["n"] = 2
	if got, _ := services.Lookup("b"); got.Params["n"] != json.Number("1") {
		t.Errorf("Lookup = %v, want the params as they were published", got)
	}
	if err := services.Publish(discovery.Service{ID: "b"}); !errors.Is(err, discovery.ErrServiceExists) {
		t.Errorf("second Publish = %v, want ErrServiceExists", err)
	}
	if err := services.Publish(discovery.Service{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	if list := services.List(); len(list) != 2 || list[0].ID != "a" {
		t.Errorf("List = %v, want a and b", list)
	}
	if err := services.Unpublish("b"); err != nil {
		t.Errorf("Unpublish = %v", err)
	}
	if err := services.Unpublish("b"); !errors.Is(err, discovery.ErrNoService) {
		t.Errorf("second Unpublish = %v, want ErrNoService", err)
	}
}
