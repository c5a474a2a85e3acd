package tools

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"cofferdam/lab/internal/place"
	"cofferdam/lab/internal/proc"
	"cofferdam/lab/internal/term"
)

// needed maps a program to the Debian package that brings it.
var needed = []struct{ program, pkg string }{
	{"runc", "runc"},
	{"mmdebstrap", "mmdebstrap"},
	{"podman", "podman"},
	{"apt-get", "apt"},
	{"dpkg-deb", "dpkg"},
}

// CheckMachine returns an error at once when the lab cannot work here at all.
func CheckMachine() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("the lab must run as root: buildkitd mounts file systems, mmdebstrap makes device nodes and apt-get installs packages; run it with sudo, or in a machine of your own")
	}
	for _, program := range []string{"apt-get", "go"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not on the PATH: the lab needs Debian and Go", program)
		}
	}
	return nil
}

// EnsurePackages installs the Debian packages whose programs are missing.
func EnsurePackages(ctx context.Context, cache place.Cache) error {
	missing := missingPackages(exec.LookPath)
	if len(missing) == 0 {
		return nil
	}
	unlock, err := place.Lock(ctx, cache.Root+"/apt.lock", "another lab installs packages")
	if err != nil {
		return err
	}
	defer unlock()
	what := "installing " + strings.Join(missing, ", ") + " with apt-get"
	return term.Stage(ctx, what, "about 20 s", func(ctx context.Context) error {
		if err := apt(ctx, "update"); err != nil {
			return err
		}
		return apt(ctx, append([]string{"install", "--yes", "--no-install-recommends"}, missing...)...)
	})
}

func missingPackages(look func(string) (string, error)) []string {
	var missing []string
	for _, n := range needed {
		if _, err := look(n.program); err != nil {
			missing = append(missing, n.pkg)
		}
	}
	return missing
}

func apt(ctx context.Context, args ...string) error {
	cmd := proc.Command(ctx, "apt-get", append([]string{"-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	return proc.Run(cmd)
}
