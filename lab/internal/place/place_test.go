package place

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestModuleDirFindsTheCheckoutFromInsideAndFromItsRoot(t *testing.T) {
	root := t.TempDir()
	lab := filepath.Join(root, "lab")
	deep := filepath.Join(lab, "cmd", "lab")
	must(t, os.MkdirAll(deep, 0o755))
	must(t, os.WriteFile(filepath.Join(lab, "go.mod"), []byte("module cofferdam/lab\n\ngo 1.26\n"), 0o644))
	want, err := filepath.EvalSymlinks(lab)
	must(t, err)
	for _, from := range []string{root, lab, deep} {
		if got, err := ModuleDir(from); err != nil || got != want {
			t.Errorf("from %s: %q, %v; want %q", from, got, err, want)
		}
	}
	if _, err := ModuleDir(t.TempDir()); err == nil {
		t.Error("a directory outside any checkout has no module, but no error came")
	}
}

func TestInstancesDifferByCheckoutAndStayTheSame(t *testing.T) {
	c := Cache{"/cache"}
	a, err := c.Instance("", "/checkout/a/lab")
	must(t, err)
	again, err := c.Instance("", "/checkout/a/lab")
	must(t, err)
	b, err := c.Instance("", "/checkout/b/lab")
	must(t, err)
	if a != again || a.Root == b.Root {
		t.Errorf("instances: %v, %v, %v", a, again, b)
	}
	if _, err := c.Instance("../up", "/x"); err == nil {
		t.Error("a name that leaves the cache was taken")
	}
	if _, err := (Cache{"/" + strings.Repeat("long/", 20)}).Instance("", "/x"); err == nil || !strings.Contains(err.Error(), "COFFERDAM_LAB_CACHE") {
		t.Errorf("a socket path beyond the kernel's limit: %v", err)
	}
}

func TestOnlyInstancesWhoseCheckoutIsGoneAreAbandoned(t *testing.T) {
	checkouts := t.TempDir()
	root, err := os.MkdirTemp("", "lab")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(root) })
	cache := Cache{root}
	for _, name := range []string{"here", "gone", "unclaimed"} {
		in, err := cache.Instance(name, "")
		must(t, err)
		must(t, os.MkdirAll(in.Root, 0o755))
		if name != "unclaimed" {
			must(t, in.Claim(filepath.Join(checkouts, name)))
		}
	}
	must(t, os.Mkdir(filepath.Join(checkouts, "here"), 0o755))
	abandoned, err := cache.Abandoned()
	must(t, err)
	if len(abandoned) != 1 || abandoned[0].ID != "gone" {
		t.Errorf("abandoned: %v", abandoned)
	}
}

func TestFillMakesAnEntryOnceForManyCallers(t *testing.T) {
	entry := filepath.Join(t.TempDir(), "bin", "tool-key")
	var made atomic.Int32
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			err := Fill(t.Context(), entry, func(_ context.Context, dir string) error {
				made.Add(1)
				return os.WriteFile(filepath.Join(dir, "tool"), []byte("x"), 0o755)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	if _, err := os.Stat(filepath.Join(entry, "tool")); err != nil {
		t.Error(err)
	}
}

func TestFillLeavesNothingBehindAfterAFailure(t *testing.T) {
	entry := filepath.Join(t.TempDir(), "bin", "tool-key")
	broken := errors.New("broken")
	err := Fill(t.Context(), entry, func(_ context.Context, dir string) error {
		must(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o644))
		return broken
	})
	if !errors.Is(err, broken) || Filled(entry) || Filled(entry+".part") {
		t.Errorf("error %v, entry %v, part %v", err, Filled(entry), Filled(entry+".part"))
	}
}

func TestLockWaitsAndGivesUpWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(t.Context(), path, "test")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Lock(ctx, path, "test"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock was taken: %v", err)
	}
	unlock()
	unlock, err = Lock(t.Context(), path, "test")
	must(t, err)
	unlock()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
