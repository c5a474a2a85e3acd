// Package term tells the user what the lab is doing, one line a stage.
package term

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Out is where progress goes; standard output stays free for results such as `lab env`.
var Out io.Writer = os.Stderr

// heartbeat is how long a stage may stay silent.
const heartbeat = 20 * time.Second

var mu sync.Mutex

// Sayf prints one progress line.
func Sayf(format string, args ...any) {
	mu.Lock()
	defer mu.Unlock()
	fmt.Fprintf(Out, "lab: "+format+"\n", args...)
}

// Stage announces `what` with its usual duration, runs it, and reports the real
// duration. It returns the error of work with the stage's name in front.
func Stage(ctx context.Context, what, usual string, work func(context.Context) error) error {
	Sayf("%s (%s)", what, usual)
	start := time.Now()
	done := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() { beat(what, start, done) })
	err := work(ctx)
	close(done)
	beats.Wait()
	spent := Duration(time.Since(start))
	if err != nil {
		return fmt.Errorf("%s: %w (after %s)", what, err, spent)
	}
	Sayf("%s: done in %s", what, spent)
	return nil
}

// Duration renders a duration the way people time things by hand.
func Duration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func beat(what string, start time.Time, done <-chan struct{}) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			Sayf("%s: still at it after %.0f s", what, time.Since(start).Seconds())
		}
	}
}
