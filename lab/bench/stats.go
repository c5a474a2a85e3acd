package main

import (
	"math"
	"slices"
)

// summary is what pairs of measurements say: medians of both sides, and the median of the ratios of the pairs.
type summary struct {
	Pairs  int     `json:"pairs"`
	Ours   float64 `json:"ours"`
	Theirs float64 `json:"theirs"`
	// Ratio is ours by theirs; Low and High bound it with at least 95 % confidence.
	Ratio float64 `json:"ratio"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// confidence is how sure an interval holds the true median.
const confidence = 0.95

// summarize compares measurements that were taken in pairs, so that what slows the machine down slows both sides.
//
// The interval comes from order statistics: the true median lies outside the k-th smallest and k-th largest ratio
// only if fewer than k of n ratios fell on one side of it, which is a matter of coin tosses. It assumes nothing
// about how the times are distributed, and one slow run does not move it.
func summarize(ours, theirs []float64) summary {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i] / theirs[i]
	}
	slices.Sort(ratios)
	s := summary{Pairs: len(ratios), Ours: median(ours), Theirs: median(theirs), Ratio: median(ratios)}
	s.Low, s.High = math.Inf(-1), math.Inf(1)
	if k := rank(len(ratios)); k > 0 {
		s.Low, s.High = ratios[k-1], ratios[len(ratios)-k]
	}
	return s
}

// rank is the largest k for which the k-th smallest and the k-th largest of n values enclose the median with the
// wanted confidence; 0 if there are too few values.
func rank(n int) int {
	outside := 0.0
	for k := 0; k < n/2; k++ {
		// The probability that exactly k of n values are smaller than the median.
		outside += math.Exp(logChoose(n, k) - float64(n)*math.Ln2)
		if 2*outside > 1-confidence {
			return k
		}
	}
	return n / 2
}

func logChoose(n, k int) float64 {
	lgamma := func(x int) float64 {
		value, _ := math.Lgamma(float64(x + 1))
		return value
	}
	return lgamma(n) - lgamma(k) - lgamma(n-k)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return math.NaN()
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
