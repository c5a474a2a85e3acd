package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The targets: the upper end of a ratio's interval must not be above.
const (
	compileTarget = 0.10
	buildTarget   = 1.05
	cacheTarget   = 1.0 / 3
	bytesTarget   = 0.6
)

// table is the results as people read them.
func table(r results) string {
	var b strings.Builder
	row := func(cells ...any) {
		fmt.Fprintf(&b, "%-34s %10v %10v %8v  %-17v %5v  %v\n", cells...)
	}
	part := func(title string) {
		b.WriteByte('\n')
		row(title, "ours", "theirs", "ratio", "95 % interval", "pairs", "target")
	}
	if len(r.Compile) > 0 {
		part("Text to LLB bytes, in process")
		for _, m := range r.Compile {
			row(cells("  "+m.Name, m.summary, compileTarget)...)
			row("    and its proofs", duration(m.Prove), "", "", "", "", "")
		}
		growth(&b, r.Compile)
	}
	if len(r.Build) > 0 {
		part("Fully cached build")
		for _, m := range r.Build {
			row(cells("  "+m.Name, m.summary, buildTarget)...)
		}
	}
	if len(r.Languages) > 0 {
		part("Builds of a language's example")
		for _, m := range r.Languages {
			row(cells("  "+m.Name, m.summary, m.Target)...)
		}
	}
	if len(r.Size) > 0 {
		part("Bytes")
		for _, s := range r.Size {
			row("  "+s.Name, megabytes(s.Ours), megabytes(s.Theirs), fmt.Sprintf("%.3f", s.Ratio), "", "", verdict(s.Ratio, s.Target))
		}
	}
	fmt.Fprintf(&b, "\nratio: ours by theirs, %s.\n", r.Method)
	fmt.Fprintf(&b, "%d processors, %s.\n", r.Processors, r.System)
	return trimmed(b.String())
}

func cells(name string, s summary, target float64) []any {
	return []any{
		name, duration(s.Ours), duration(s.Theirs), fmt.Sprintf("%.4f", s.Ratio),
		fmt.Sprintf("%.4f … %.4f", s.Low, s.High), s.Pairs, verdict(s.High, target),
	}
}

// verdict says what a value must not be above and whether it is.
func verdict(value, target float64) string {
	switch {
	case target == 0:
		return ""
	case value > target:
		return fmt.Sprintf("≤ %.2f MISSED", target)
	default:
		return fmt.Sprintf("≤ %.2f met", target)
	}
}

// growth tells how times grow with the size: ten for ten times the steps is linear.
func growth(b *strings.Builder, all []measured) {
	if len(all) < 2 {
		return
	}
	small, large := all[len(all)-2], all[len(all)-1]
	fmt.Fprintf(b, "  from %s to %s: ours × %.1f (proofs × %.1f), theirs × %.1f\n", small.Name, large.Name,
		large.Ours/small.Ours, large.Prove/small.Prove, large.Theirs/small.Theirs)
}

// duration is nanoseconds with a unit that fits.
func duration(ns float64) string {
	switch d := time.Duration(ns); {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", ns/1e6)
	default:
		return fmt.Sprintf("%.2f s", ns/1e9)
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }

// group writes a number with commas between thousands.
func group(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}
