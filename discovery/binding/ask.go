package binding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"
)

// ask sends a request and stores the OK value of its reply in into, unless
// that is nil.
func (p *Polo) ask(doing, command string, args map[string]any, into any) error {
	request, err := json.Marshal(map[string]any{"Command": command, "Args": args})
	if err == nil && len(request) > MaxRequest {
		err = errTooLarge
	}
	if err != nil {
		return &MisuseError{doing, err.Error()}
	}
	value, err := p.exchange(request)
	if err != nil {
		return &InternalError{doing, err}
	}
	return readReply(doing, value, into)
}

// readReply follows the Python binding: a value under OK counts first, then a
// text under Error.
func readReply(doing string, value json.RawMessage, into any) error {
	var keys map[string]json.RawMessage
	if value[0] != '{' || json.Unmarshal(value, &keys) != nil {
		return &InternalError{doing, errors.New("the reply is no object")}
	}
	if ok := keys["OK"]; !isNull(ok) {
		if into == nil {
			return nil
		}
		if err := decodeValue(ok, into); err != nil {
			return &InternalError{doing, fmt.Errorf("the reply is not as expected: %w", err)}
		}
		return nil
	}
	if reason, ok := textOf(keys["Error"]); ok {
		return &MisuseError{doing, reason}
	}
	return &InternalError{doing, errors.New("the reply has neither OK nor Error")}
}

// exchange sends a request and returns the reply. A door closes connections
// that are idle for long; that can be seen only now, so the request is sent
// once more on a new one. It has not been done before: a door answers what it
// has read before it closes.
func (p *Polo) exchange(request []byte) (json.RawMessage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, net.ErrClosed
	}
	if p.link != nil {
		reply, err := p.tryLocked(request)
		if err == nil || isTimeout(err) || errors.Is(err, errMalformed) || errors.Is(err, errTooLarge) {
			return reply, err
		}
	}
	var err error
	if p.link, err = p.route.dial(context.Background(), p.cfg); err != nil {
		return nil, err
	}
	return p.tryLocked(request)
}

// tryLocked hangs up when it fails: what came later would be taken for the
// reply to another request.
func (p *Polo) tryLocked(request []byte) (json.RawMessage, error) {
	reply, err := p.link.exchange(request, time.Now().Add(p.cfg.Timeout))
	if err != nil {
		p.hangUpLocked()
	}
	return reply, err
}

func (p *Polo) hangUpLocked() error {
	link := p.link
	p.link = nil
	if link == nil {
		return nil
	}
	return link.Close()
}

func (l *link) exchange(request []byte, by time.Time) (json.RawMessage, error) {
	l.SetDeadline(by)
	if _, err := l.Write(request); err != nil {
		return nil, err
	}
	return l.in.next()
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// askAsUser is ask with what tells the door who this user is, which a Unix door
// knows.
func (p *Polo) askAsUser(doing, command string, args map[string]any, into any) error {
	if p.route.private() {
		return p.ask(doing, command, args, into)
	}
	token, err := p.token()
	if err != nil {
		return err
	}
	args["token"] = token
	err = p.ask(doing, command, args, into)
	if refused, ok := errors.AsType[*MisuseError](err); ok && strings.HasPrefix(refused.Reason, badToken) {
		return &TokenError{p.cfg.TokenFile, refused}
	}
	return err
}

// badToken is how a Polo begins to refuse a token, the original's too.
const badToken = "Bad token"

// token returns what the token file holds. The Polo is asked to make the file
// if there is none.
func (p *Polo) token() (string, error) {
	token, err := readTokenFile(p.cfg.TokenFile)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := p.RequestToken(); err != nil {
			return "", err
		}
		token, err = readTokenFile(p.cfg.TokenFile)
	}
	if err != nil {
		return "", &InternalError{"read the token", err}
	}
	return token, nil
}

func readTokenFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	return strings.TrimSpace(string(text)), err
}
