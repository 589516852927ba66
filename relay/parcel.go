package relay

import "time"

// parcelSize is how many deliveries go to the carrier at once: enough for it
// to work in batches, and few enough that the first are on their way while
// the relay still goes through the satellites.
const parcelSize = 256

// A parcel gathers deliveries for the carrier. Parcels are used again, so
// that a message to many satellites leaves little behind.
type parcel struct {
	d    *deliveries
	list []Delivery
}

// parcel returns an empty one. Its last send gives it back.
func (d *deliveries) parcel() *parcel {
	if p, ok := d.parcels.Get().(*parcel); ok {
		return p
	}
	return &parcel{d: d}
}

// add puts dl in, and sends what is in when that is enough.
func (p *parcel) add(dl Delivery) {
	p.list = append(p.list, dl)
	if len(p.list) == parcelSize {
		p.flush()
	}
}

// send sends the rest. The parcel is not to be used any more.
func (p *parcel) send() {
	p.flush()
	p.d.parcels.Put(p)
}

func (p *parcel) flush() {
	if len(p.list) == 0 {
		return
	}
	now := time.Now()
	for i := range p.list {
		p.list[i].began = now
	}
	p.d.carrier.Send(p.list, p.d.done)
	clear(p.list)
	p.list = p.list[:0]
}
