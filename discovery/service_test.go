package discovery_test

import (
	"encoding/json"
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
