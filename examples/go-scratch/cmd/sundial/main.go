// Command sundial shows what an image on scratch offers a program: one line for each thing, and a failure
// when one of them is missing.
package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"time"
)

const state = "/var/lib/sundial"

func main() {
	failed := false
	for _, probe := range []struct {
		name string
		look func() (string, error)
	}{
		{"zone", zone}, {"user", account}, {"authorities", authorities},
		{"temporary files", func() (string, error) { return written(os.TempDir()) }},
		{"state", func() (string, error) { return written(state) }},
		{"own directory", refused},
	} {
		text, err := probe.look()
		if err != nil {
			failed, text = true, "MISSING: "+err.Error()
		}
		fmt.Printf("%s: %s\n", probe.name, text)
	}
	if failed {
		os.Exit(1)
	}
}

func zone() (string, error) {
	name := os.Getenv("TZ")
	location, err := time.LoadLocation(name)
	if err != nil {
		return "", err
	}
	_, offset := time.Now().In(location).Zone()
	return fmt.Sprintf("%s is %v from UTC", name, time.Duration(offset)*time.Second), nil
}

func account() (string, error) {
	who, err := user.Current()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s (%s:%s)", who.Username, who.Uid, who.Gid), nil
}

func authorities() (string, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return "", err
	}
	if roots.Equal(x509.NewCertPool()) {
		return "", errors.New("the pool is empty")
	}
	return "trusted", nil
}

func written(dir string) (string, error) {
	path := filepath.Join(dir, "probe")
	if err := os.WriteFile(path, []byte("shadow"), 0o600); err != nil {
		return "", err
	}
	return "writable", os.Remove(path)
}

// refused succeeds when the program cannot change what it runs from.
func refused() (string, error) {
	if _, err := written("."); err == nil {
		return "", errors.New("it is writable")
	}
	return "read-only", nil
}
