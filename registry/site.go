package registry

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"co2/methods"
	"co2/registry/web"
)

// site is what this server shows on its pages.
func (s *Server) site() web.Site {
	site := web.Site{
		Kind:       s.cfg.Kind,
		Version:    Version,
		Properties: s.propertyRows,
		Methods:    s.methodRows,
		Network:    s.cfg.Network,
		Operator:   s.isOperator,
		Address:    s.address,
		Call:       s.callFromPage,
	}
	if s.cfg.CallSatellite != nil {
		site.CallSatellite = s.callSatellite
	}
	return site
}

// callSatellite calls a satellite for the reader of a page, if that is an
// operator.
func (s *Server) callSatellite(ctx context.Context, hostID string, call []byte) (answer []byte, charset string, err error) {
	if methods.Peer(ctx).Access < methods.Operator {
		return nil, "", &methods.DeniedError{Name: "calling a satellite", Need: methods.Operator}
	}
	return s.cfg.CallSatellite(ctx, hostID, call)
}

// isOperator reports whether the reader of a page has operator's access.
func (s *Server) isOperator(r *http.Request) bool {
	return methods.Peer(r.Context()).Access >= methods.Operator
}

// address is where the reader of r can make calls: as the browser came, so
// that it is right behind forwarded ports too.
func (s *Server) address(r *http.Request) string {
	u := url.URL{Scheme: "http", Host: r.Host, Path: "/RPC2"}
	if s.cfg.Door.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

// propertyRows are the properties, as the methods tell them.
func (s *Server) propertyRows() []web.Property {
	p, err := s.properties(context.Background())
	if err != nil {
		return nil
	}
	fields, err := methods.Fields(reflect.TypeOf(p))
	if err != nil {
		return nil
	}
	v := reflect.ValueOf(p)
	rows := make([]web.Property, len(fields))
	for i, f := range fields {
		rows[i] = web.Property{Name: f.Name, Value: showValue(v.Field(f.Index).Interface()), Doc: f.Doc}
	}
	return rows
}

func showValue(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02 15:04:05 UTC")
	case []string:
		return strings.Join(v, ", ")
	}
	return fmt.Sprint(v)
}

// methodRows are the methods once each, under their principal name.
func (s *Server) methodRows() []web.Method {
	var rows []web.Method
	for _, name := range s.table.Names() {
		d, err := s.table.Describe(name)
		if err != nil || d.Names[0] != name {
			continue
		}
		rows = append(rows, web.Method{
			Name: name, Aliases: d.Names[1:], Help: Help(d),
			Signature: showSignature(d), Access: d.Access.String(), Params: d.Args(), Result: d.Result,
		})
	}
	return rows
}

// showSignature writes a signature for people: name(struct) → string.
func showSignature(d methods.Description) string {
	var params []string
	for _, arg := range d.Args() {
		if arg.Optional {
			arg.Type = "[" + arg.Type + "]"
		}
		params = append(params, arg.Type)
	}
	return fmt.Sprintf("%s(%s) → %s", d.Names[0], strings.Join(params, ", "), d.Result.Type)
}
