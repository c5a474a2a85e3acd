package place

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"cofferdam/lab/internal/term"
)

// Filled reports whether a cache entry is there. Entries appear by rename, so one
// that is there is whole.
func Filled(entry string) bool {
	_, err := os.Stat(entry)
	return err == nil
}

// Fill makes a cache entry unless it is there already. make works in an empty directory
// beside the entry, which is renamed at the end; another process that wants the same
// entry waits instead of doing the work twice.
func Fill(ctx context.Context, entry string, make func(ctx context.Context, dir string) error) error {
	if Filled(entry) {
		return nil
	}
	unlock, err := Lock(ctx, entry+".lock", "another lab fills "+filepath.Base(entry))
	if err != nil {
		return err
	}
	defer unlock()
	if Filled(entry) {
		return nil
	}
	work := entry + ".part"
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	if err := make(ctx, work); err != nil {
		os.RemoveAll(work)
		return err
	}
	return os.Rename(work, entry)
}

// Lock takes an exclusive lock on a file, waiting for its holder while ctx lives, and
// says once why it waits. The kernel drops the lock when the holder dies.
func Lock(ctx context.Context, path, why string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for said := false; ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if !said {
			term.Sayf("waiting: %s", why)
			said = true
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
