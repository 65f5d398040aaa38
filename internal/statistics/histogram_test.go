package statistics

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The middle of a bucket is at most 1/64 away from what lies in it, and buckets are in the order of durations.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := time.Duration(rapid.Int64Range(0, 10*366*24*3600).Draw(t, "seconds")) * time.Second
		b := a + time.Duration(rapid.Int64Range(0, 1<<20).Draw(t, "more"))*time.Second
		if off := (middle(Bucket(a)) - a).Abs(); off > a/64 {
			t.Errorf("%v is shown as %v", a, middle(Bucket(a)))
		}
		if Bucket(b) < Bucket(a) {
			t.Errorf("%v lies in bucket %d, %v in %d", a, Bucket(a), b, Bucket(b))
		}
	})
	if Bucket(-time.Hour) != 0 || Bucket(999*time.Millisecond) != 0 || middle(Bucket(63*time.Second)) != 63*time.Second {
		t.Error("short durations")
	}
}

func TestQuantile(t *testing.T) {
	h := Histogram{}
	if _, ok := h.Quantile(50); ok {
		t.Error("nothing has a middle")
	}
	for i := 1; i <= 10; i++ {
		h[Bucket(time.Duration(i)*time.Second)]++
	}
	for percent, want := range map[int]time.Duration{1: 1, 10: 1, 11: 2, 50: 5, 90: 9, 91: 10, 100: 10} {
		if d, _ := h.Quantile(percent); d != want*time.Second {
			t.Errorf("p%d: %v", percent, d)
		}
	}
}
