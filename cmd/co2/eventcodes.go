package main

import (
	"regexp"
	"strings"

	"co2/docs/operate"
	"co2/registry/web"
)

// Codes implements [web.Network]: what docs/operate/events.md says.
func (n *network) Codes() []web.Code { return eventCodes(operate.Events) }

var markdownLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// eventCodes reads the rows of the tables in a page of Markdown, under their
// headings.
func eventCodes(page string) (list []web.Code) {
	heading := ""
	for line := range strings.Lines(page) {
		if text, ok := strings.CutPrefix(line, "## "); ok {
			heading = strings.TrimSpace(text)
		}
		row, ok := strings.CutPrefix(strings.TrimSpace(line), "| `")
		if !ok {
			continue
		}
		row = markdownLink.ReplaceAllString(strings.TrimSuffix(row, " |"), "$1")
		if cells := strings.Split(row, " | "); len(cells) == 4 {
			list = append(list, web.Code{Name: strings.TrimSuffix(cells[0], "`"), Of: heading, Level: cells[1], What: cells[2], Do: cells[3]})
		}
	}
	return list
}
