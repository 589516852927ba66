package door

import "bytes"

// readChunks appends a chunked body to p (H14). Extensions and trailers are
// read over; all that is no data may have the octets of a head.
func (s *stream) readChunks(p *parcel) *Refusal {
	extra := s.conn.cfg().MaxHead
	for {
		line, no := s.line(&extra, len("ffffffff"))
		if no != nil {
			return no
		}
		size, ok := chunkSize(line)
		if !ok {
			return errChunk
		}
		if size == 0 {
			return s.trailer(&extra)
		}
		if size > s.most-int64(len(p.octets)) {
			return s.conn.tooLarge()
		}
		if no := s.read(p, size); no != nil {
			return no
		}
		if line, no = s.line(&extra, 0); no != nil {
			return no
		}
		if line != "" {
			return errChunk
		}
	}
}

// chunkSize reads the hexadecimal digits that begin a chunk's line. Behind
// them is nothing, or an extension.
func chunkSize(line string) (size int64, ok bool) {
	i := 0
	for ; i < len(line); i++ {
		digit := hexDigit(line[i])
		if digit < 0 {
			break
		}
		if i == 15 { // it fits into 60 bits
			return 0, false
		}
		size = size<<4 | int64(digit)
	}
	rest := trimBlanks(line[i:])
	return size, i > 0 && (rest == "" || rest[0] == ';')
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// trailer reads over the fields behind the last chunk.
func (s *stream) trailer(extra *int) *Refusal {
	for {
		line, no := s.line(extra, 0)
		if no != nil || line == "" {
			return no
		}
		if _, no := parseField(line); no != nil {
			return no
		}
	}
}

// line reads a line between chunks, which ends in CR LF and nothing else. What
// is longer than usual counts against extra.
func (s *stream) line(extra *int, usual int) (string, *Refusal) {
	c := s.conn
	for searched := 0; ; {
		seen := c.in[c.start:c.end]
		for i := searched; i < len(seen); i++ {
			if seen[i] != '\n' {
				continue
			}
			if i == 0 || bytes.IndexByte(seen[:i], '\r') != i-1 {
				return "", errChunk
			}
			c.start += i + 1
			s.got += int64(i + 1)
			if *extra -= max(0, i-1-usual); *extra < 0 {
				return "", errLongTail
			}
			return string(seen[:i-1]), nil
		}
		if len(seen) > *extra+usual+2 {
			return "", errLongTail
		}
		searched = len(seen)
		c.setReadBy(s.by())
		if err := c.fillHead(); err != nil {
			return "", bodyError(err)
		}
	}
}
