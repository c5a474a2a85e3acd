package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"testing"
)

func TestReferencesAreCompletedWithTheLabsRegistry(t *testing.T) {
	for image, want := range map[string]string{
		"app:1":                       "127.0.0.1:5/app:1",
		"team/app":                    "127.0.0.1:5/team/app",
		"127.0.0.1:9/app":             "127.0.0.1:9/app",
		"localhost/app":               "localhost/app",
		"oci-archive:/tmp/x.tar":      "oci-archive:/tmp/x.tar",
		"gcr.example/distroless/base": "gcr.example/distroless/base",
	} {
		if got := reference(image, "127.0.0.1:5"); got != want {
			t.Errorf("%s: %s, want %s", image, got, want)
		}
	}
}

func TestContainersRunReadOnlyWithoutPowers(t *testing.T) {
	o := runOptions{network: "none", readOnly: true, name: "web", detach: true, env: many{"A=b"}}
	args := o.podmanArgs("i1", "image", []string{"--flag"})
	for _, want := range []string{"--read-only", "--cap-drop=all", "--network=none", "--name=cofferdam-i1-web", "--detach", "--env=A=b"} {
		if !slices.Contains(args, want) {
			t.Errorf("no %s in %v", want, args)
		}
	}
	if tail := args[len(args)-2:]; !slices.Equal(tail, []string{"image", "--flag"}) {
		t.Errorf("the command ends with %v", tail)
	}
	o.readOnly = false
	if slices.Contains(o.podmanArgs("i1", "image", nil), "--read-only") {
		t.Error("--read-only=false is ignored")
	}
}

func TestContainersAreListedByTheNameThatStopsThem(t *testing.T) {
	listing := "cofferdam-i1-web\t12\t127.0.0.1:5/app:1\ncofferdam-i1-run-9\t13\toci-archive:/x y.tar\n"
	want := []container{{"web", "12", "127.0.0.1:5/app:1"}, {"run-9", "13", "oci-archive:/x y.tar"}}
	if got := readContainers(listing, containerName("i1", "")); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := readContainers("", "cofferdam-"); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestRunOptionsAreChecked(t *testing.T) {
	for _, o := range []runOptions{{network: "bridge"}, {network: "host", detach: true}, {network: "host", name: "No Name"}} {
		if o.check() == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	if err := (&runOptions{network: "host"}).check(); err != nil {
		t.Error(err)
	}
}

func TestExitCodes(t *testing.T) {
	failed := exec.Command("sh", "-c", "exit 7").Run()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want int
	}{
		{t.Context(), nil, 0},
		{t.Context(), errors.Join(errContainer, failed), 7},
		{t.Context(), fmt.Errorf("a tool: %w", failed), 1},
		{t.Context(), flag.ErrHelp, 2},
		{canceled, context.Canceled, 130},
		{canceled, fmt.Errorf("%w: %w", errLeft, failed), 1},
	} {
		if got := exitCode(c.ctx, c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

func TestTheCauseOutranksTheCancellationItSets(t *testing.T) {
	cause := errors.New("cause")
	if got := firstCause(context.Canceled, cause); !errors.Is(got, cause) {
		t.Errorf("got %v", got)
	}
	if got := firstCause(nil, context.Canceled); !errors.Is(got, context.Canceled) {
		t.Errorf("got %v", got)
	}
	if got := firstCause(nil, nil); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestCommandsAreShownSoThatTheyWorkAnywhere(t *testing.T) {
	for dir, want := range map[string]string{
		"/src/lab":         "go run -C /src/lab ./cmd/lab stop web",
		"/a'b c/lab":       `go run -C '/a'\''b c/lab' ./cmd/lab stop web`,
		"/src/$(true)/lab": "go run -C '/src/$(true)/lab' ./cmd/lab stop web",
	} {
		if got := (&lab{moduleDir: dir}).command("stop web"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestUnknownVerbIsAnError(t *testing.T) {
	if err := dispatch(t.Context(), []string{"fly"}); err == nil {
		t.Error("no error")
	}
}
