package web

import "time"

// A SeriesName names a plot.
type SeriesName string

// The series: the first four of the relay, the last two of a satellite.
// Waiting is of either.
const (
	SeriesIn      SeriesName = "in"      // messages accepted, messages/s
	SeriesOut     SeriesName = "out"     // messages delivered, messages/s
	SeriesP50     SeriesName = "p50"     // half of the deliveries were as fast, ms
	SeriesP99     SeriesName = "p99"     // 99 of 100 were, ms
	SeriesWaiting SeriesName = "waiting" // messages in the outbox, or in all of them
	SeriesPing    SeriesName = "ping"    // ms; a failed ping is a gap
)

// A Series is one line of a plot. Only what is over is in it: the bucket
// under way is not.
type Series struct {
	Unit   string        // "ms", "messages", "messages/s"
	Step   time.Duration // width of a bucket; 0: a point is one measurement
	Points []Point       // oldest first
}

// A Point is one bucket, with the time it began, or one measurement.
type Point struct {
	Time  time.Time
	Value float64 // of a bucket the mean; NaN: nothing measured, or a ping that failed
	Max   float64 // of a bucket the greatest; of a measurement, Value
}
