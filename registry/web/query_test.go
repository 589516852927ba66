package web_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"co2/registry/web"
)

// few are satellites that every order puts otherwise.
var few = []web.Satellite{
	{HostID: "192.0.2.3:1", Nick: "Cora", State: web.StateUp, Ping: web.Ping{Now: 5}, Waiting: 1, Sent: 30, Received: 7, Failed: 0, Dropped: 3, LastSeen: now.Add(-3)},
	{HostID: "192.0.2.1:1", Nick: "anna", State: web.StateDown, Ping: web.Ping{Now: -1}, Waiting: 9, Sent: 10, Received: 8, Failed: 5, LastSeen: now.Add(-9e9)},
	{HostID: "192.0.2.2:1", Nick: "Bea", State: web.StatePaused, Paused: true, Ping: web.Ping{Now: 70}, Sent: 20, Received: 6, Failed: 2, LastSeen: now.Add(-6e9), Plugins: []string{"PD.bridge"}},
	{HostID: "192.0.2.4:1", Nick: "dora", State: web.StateStuck, Breaker: web.BreakerOpen, Ping: web.Ping{Now: 5}, Waiting: 4, Sent: 40, Received: 9, Failed: 9, Dropped: 1234, LastSeen: now},
}

var rowNames = regexp.MustCompile(`<th scope="row"><a href="/satellites/[^"]+"><bdi>([^<]*)</bdi>`)

// rowsOf are the nicks that a page of satellites shows, in order.
func rowsOf(page string) string {
	var names []string
	for _, m := range rowNames.FindAllStringSubmatch(page, -1) {
		names = append(names, m[1])
	}
	return strings.Join(names, " ")
}

func TestSatellitesAreSortedAndFiltered(t *testing.T) {
	s := relaySite(0)
	s.Network = &fakeNetwork{satellites: slices.Clone(few)}
	h := web.Handler(s)
	for query, want := range map[string]string{
		"": "anna dora Bea Cora", "?sort=state&order=desc": "Cora Bea dora anna",
		"?sort=nick": "anna Bea Cora dora", "?sort=nick&order=desc": "dora Cora Bea anna",
		"?sort=host": "anna Bea Cora dora", "?sort=ping": "Bea Cora dora anna", "?sort=ping&order=asc": "anna Cora dora Bea",
		"?sort=waiting": "anna dora Cora Bea", "?sort=sent": "dora Cora Bea anna", "?sort=received": "dora anna Cora Bea",
		"?sort=failed": "dora anna Bea Cora", "?sort=lost": "dora Cora anna Bea", "?sort=lost&order=asc": "anna Bea Cora dora", "?sort=seen": "dora Cora Bea anna", "?sort=seen&order=asc": "anna Bea Cora dora",
		"?state=up": "Cora", "?state=stuck": "dora", "?state=down": "anna", "?state=attention": "anna dora", "?state=suspect": "",
		"?q=EA": "Bea", "?q=192.0.2.4": "dora", "?q=pd.bri": "Bea", "?q=or&state=up&sort=nick": "Cora", "?q=nobody": "",
		"?q=%20cora%20": "Cora",
	} {
		page := get(h, "GET", "/satellites"+query).Body.String()
		if got := rowsOf(page); got != want || strings.Contains(page, `class="note"`) {
			t.Errorf("GET /satellites%s shows %q, want %q without a note", query, got, want)
		}
	}
}

func TestSatellitesArePaged(t *testing.T) {
	h := web.Handler(relaySite(120))
	for query, want := range map[string]string{
		"?sort=nick&rows=25":               "sat-00002 … of 120",
		"?sort=nick&order=desc&page=3":     "sat-00019 … of 120",
		"?rows=250&sort=host":              "1 to 120 of 120",
		"?sort=nick&rows=25&page=5":        "101 to 120 of 120",
		"?sort=nick&rows=25&page=99":       "101 to 120 of 120",
		"?q=sat-0010&rows=25":              "1 to 10 of 10",
		"?sort=nick&rows=25&page=99999999": "there is no page 99999999",
	} {
		page := get(h, "GET", "/satellites"+query).Body.String()
		first, rest, _ := strings.Cut(want, " … ")
		if !strings.Contains(page, first) || !strings.Contains(page, rest) {
			t.Errorf("GET /satellites%s shows %q, want %q", query, rowsOf(page), want)
		}
	}
}

// What an address asks wrongly counts as not asked, and a note says so.
func TestWrongAddressesFallBack(t *testing.T) {
	h := web.Handler(relaySite(120))
	plain := rowsOf(get(h, "GET", "/satellites").Body.String())
	for query, note := range map[string]string{
		"?sort=size": "cannot be sorted by “size”", "?order=up": "the order is asc or desc", "?state=gone": "there is no state “gone”",
		"?rows=51": "a page has 25, 50, 100 or 250 rows", "?rows=x": "not “x”", "?page=0": "counted from 1", "?page=-1": "counted from 1",
		"?page=1e9": "counted from 1", "?page=9999999999999999999999": "counted from 1", "?limit=5": "knows no “limit”", "?rows=50&rows=25": "“rows” is given 2 times",
		"?q=%ff": "is not text", "?%zz": "cannot be read", "?a;b": "cannot be read", "?<script>=1": "knows no “&lt;script&gt;”",
		"?sort=" + strings.Repeat("x", 1000): "cannot be sorted by “" + strings.Repeat("x", 40) + "…”",
	} {
		w := get(h, "GET", "/satellites"+strings.ReplaceAll(query, "<script>", "%3Cscript%3E"))
		page := w.Body.String()
		if w.Code != 200 || !strings.Contains(page, note) || rowsOf(page) != plain {
			t.Errorf("GET /satellites%s = %d without the note %q, or with other rows", query, w.Code, note)
		}
	}
	for path, note := range map[string]string{
		"/?span=2h": "plots are of 10m, 1h or 6h, not “2h”", "/messages?payloads=2": "payloads is 0 or 1", "/messages?sort=id": "knows no “sort”",
		"/events?state=up": "knows no “state”", "/discovery?q=x": "knows no “q”", "/?page=2": "knows no “page”",
		"/messages?q=" + strings.Repeat("y", 101): "cut after 100 characters",
	} {
		if w := get(h, "GET", path); w.Code != 200 || !strings.Contains(w.Body.String(), note) {
			t.Errorf("GET %s = %d without the note %q", path, w.Code, note)
		}
	}
}

// The head of the column that is sorted by says so, and turns it round.
func TestHeadsTellTheOrder(t *testing.T) {
	h := web.Handler(relaySite(120))
	for query, want := range map[string]string{
		"":                            `<th scope="col" aria-sort="ascending"><a href="/satellites?order=desc">State`,
		"?sort=ping":                  `<th scope="col" class="num" aria-sort="descending"><a href="/satellites?order=asc&amp;sort=ping"`,
		"?sort=nick&state=up&rows=25": `aria-sort="ascending"><a href="/satellites?order=desc&amp;rows=25&amp;sort=nick&amp;state=up">Nick`,
	} {
		page := get(h, "GET", "/satellites"+query).Body.String()
		if strings.Count(page, "aria-sort") != 1 || !strings.Contains(page, want) {
			t.Errorf("GET /satellites%s lacks %q, or tells %d orders", query, want, strings.Count(page, "aria-sort"))
		}
	}
}

// Who is slow is told of those that answer: the latest ping of one that is
// down is old.
func TestSlowest(t *testing.T) {
	s := relaySite(0)
	net := &fakeNetwork{}
	for i := range 14 {
		net.satellites = append(net.satellites, web.Satellite{HostID: fmt.Sprint("h", i), Nick: fmt.Sprintf("n%02d", i), State: web.StateUp, Ping: web.Ping{Now: float64(i)}})
	}
	net.satellites[13].State, net.satellites[12].Ping.Now = web.StateDown, -1
	s.Network = net
	_, page, _ := strings.Cut(get(web.Handler(s), "GET", "/").Body.String(), `id="slow"`)
	var got []string
	for _, m := range regexp.MustCompile(`<bdi>(n\d\d)</bdi>`).FindAllStringSubmatch(page, -1) {
		got = append(got, m[1])
	}
	if want := "n11 n10 n09 n08 n07 n06 n05 n04 n03 n02"; strings.Join(got, " ") != want {
		t.Errorf("the slowest are %v, want %s", got, want)
	}
}

func TestSentence(t *testing.T) {
	many := crowd(0)
	for i := range 8 {
		many.satellites = append(many.satellites, web.Satellite{HostID: string(rune('a' + i)), State: web.StateSuspect})
	}
	trouble := &fakeNetwork{satellites: few[:1]}
	trouble.overview.Dump.Trouble = "changes cannot be written: disk full"
	for name, tt := range map[string]struct {
		net        *fakeNetwork
		mood, want string
	}{
		"nobody":  {crowd(0), "empty", "No satellite has joined yet."},
		"one":     {&fakeNetwork{satellites: few[:1]}, "well", "The one satellite is well."},
		"paused":  {&fakeNetwork{satellites: []web.Satellite{few[0], few[2]}}, "well", "All 2 satellites are well."},
		"two":     {&fakeNetwork{satellites: few}, "bad", `<strong>2 of 4 satellites need attention:</strong> <a href="/satellites/192.0.2.1:1"><bdi>anna</bdi></a> is down, <a href="/satellites/192.0.2.4:1"><bdi>dora</bdi></a> takes no messages.`},
		"one bad": {&fakeNetwork{satellites: few[3:]}, "warn", "1 of 1 satellite needs attention:"},
		"many":    {many, "warn", `<bdi>e</bdi></a> did not answer the latest call and <a href="/satellites?state=attention">3 more</a>.`},
		"dump":    {trouble, "bad", "The dump is in trouble:</strong> <bdi>changes cannot be written: disk full"},
	} {
		s := relaySite(0)
		s.Network = tt.net
		page := get(web.Handler(s), "GET", "/").Body.String()
		if !strings.Contains(page, tt.want) || !strings.Contains(page, `class="verdict is-`+tt.mood+`"`) {
			_, from, _ := strings.Cut(page, `<section class="verdict`)
			t.Errorf("%s: the overview says\n%.600s\nwant %s: %s", name, from, tt.mood, tt.want)
		}
	}
}
