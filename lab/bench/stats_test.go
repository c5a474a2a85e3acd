package main

import (
	"math"
	"testing"
)

func TestRanksAreThoseOfTheTables(t *testing.T) {
	// From published tables of the sign test: for n values, the median lies between the k-th from both ends.
	for n, want := range map[int]int{3: 0, 5: 0, 6: 1, 10: 2, 20: 6, 21: 6, 41: 14, 61: 23} {
		if got := rank(n); got != want {
			t.Errorf("rank(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestSummaryPairsAndIgnoresOneSlowRun(t *testing.T) {
	ours := []float64{1, 2, 3, 4, 5, 6, 700}
	theirs := []float64{2, 4, 6, 8, 10, 12, 14}
	got := summarize(ours, theirs)
	if got.Ratio != 0.5 || got.Ours != 4 || got.Theirs != 8 || got.Pairs != 7 || got.Low != 0.5 || got.High != 50 {
		t.Errorf("%+v", got)
	}
	if few := summarize(ours[:2], theirs[:2]); !math.IsInf(few.High, 1) {
		t.Errorf("two pairs prove nothing: %+v", few)
	}
}
