package statistics

import (
	"math/bits"
	"time"
)

// Histogram counts durations in buckets of whole seconds. Below 64 s a bucket is one second; above, every doubling has 32
// buckets of equal width, so that the middle of a bucket is at most 1/64 (1.6 %) away from any duration in it. Histograms of
// different months or bodies are added bucket by bucket, and integers alone decide the bucket: every machine counts alike.
type Histogram map[int]int

const fine = 32 // buckets of one doubling

// Bucket gives the bucket of a duration; what ended before it began counts as 0.
func Bucket(d time.Duration) int {
	seconds := max(int64(d/time.Second), 0)
	if seconds < fine {
		return int(seconds)
	}
	shift := bits.Len64(uint64(seconds)) - bits.Len64(fine)
	return shift*fine + int(seconds>>shift)
}

// middle is the duration in the middle of a bucket.
func middle(bucket int) time.Duration {
	if bucket < 2*fine {
		return time.Duration(bucket) * time.Second
	}
	shift := bucket/fine - 1
	low := int64(bucket-shift*fine) << shift
	return time.Duration(low)*time.Second + time.Duration(int64(1)<<shift-1)*time.Second/2
}

// Quantile gives the duration within which so many of a hundred were done (nearest rank), with the histogram's error; false
// for an empty one.
func (h Histogram) Quantile(percent int) (time.Duration, bool) {
	total, top := 0, 0
	for bucket, n := range h {
		total, top = total+n, max(top, bucket)
	}
	rank := (total*percent + 99) / 100
	for bucket, seen := 0, 0; bucket <= top && total > 0; bucket++ {
		if seen += h[bucket]; seen >= rank {
			return middle(bucket), true
		}
	}
	return 0, false
}
