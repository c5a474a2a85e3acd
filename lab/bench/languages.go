package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// scenario is a kind of build; what is before it is not measured.
type scenario struct {
	name string
	// fresh empties the daemon before every build.
	fresh bool
	// edit is what differs from the last build; no edit has no file.
	edit func(application) edit
	// imports says that the daemon knows a registry's cache of the build before the edit.
	imports bool
	target  float64
}

func nothing(application) edit          { return edit{} }
func ofCode(a application) edit         { return a.code }
func ofDependencies(a application) edit { return a.dependencies }

var scenarios = []scenario{
	{name: "nothing changed", edit: nothing, target: buildTarget},
	{name: "source edited", edit: ofCode, target: buildTarget},
	{name: "dependencies edited", edit: ofDependencies, target: buildTarget},
	{name: "cold", fresh: true, edit: nothing, target: buildTarget},
	{name: "source edited, registry cache", fresh: true, edit: ofCode, imports: true, target: cacheTarget},
}

// contender is one of the two that are compared.
type contender struct{ name, file string }

// trial builds an application in all scenarios, by a daemon of its own.
type trial struct {
	options
	builds builds
	application
	// source is the application's, which every build gets a copy of.
	source string
	sides  [2]contender
	// edits counts, so that no edit is like another.
	edits int
}

// freshDaemon is a daemon of the lab that others leave alone.
const freshDaemon = "bench"

// scenarioOf is a measurement with the target that its scenario has.
type scenarioOf struct {
	measured
	Target float64 `json:"target"`
}

// measureLanguages measures each language's example, or what the flag names, in every scenario, and the bytes of what is
// built.
func measureLanguages(o options, r *results) error {
	// What the daemon has takes gigabytes and is of no use to anybody.
	defer func() {
		_ = lab(o.root, "down", "--name", freshDaemon, "--purge")
	}()
	for _, a := range chosen(o.language) {
		if err := measureApplication(o, a, r); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

func measureApplication(o options, a application, r *results) error {
	source, err := os.MkdirTemp("", "cofferdam-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(source)
	if err := a.fetch(o.root, source); err != nil {
		return err
	}
	t := &trial{options: o, builds: builds{root: o.root, client: strings.Fields(o.client)}, application: a, source: source}
	t.sides = [2]contender{{"ours", a.manifest}, {"theirs", a.dockerfile}}
	return t.measure(r)
}

func (t *trial) measure(r *results) error {
	if err := fresh(t.root); err != nil {
		return err
	}
	// Both sides are warm, pushed to be weighed, and known to the registry's cache.
	for _, s := range t.sides {
		said("%s: %s, for the first time", t.name, s.name)
		cache := "type=registry,mode=max,ref=" + t.cache(s)
		if _, err := t.build(s, t.source, "--cache-to", cache); err != nil {
			return err
		}
	}
	if err := t.weigh(r); err != nil {
		return err
	}
	for _, s := range scenarios {
		if t.languagePairs == 0 || t.scenario != nil && !t.scenario.MatchString(s.name) {
			continue
		}
		m, err := t.compare(s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.Languages = append(r.Languages, scenarioOf{m, s.target})
	}
	return nil
}

// repository is where the registry has what is built.
func (t *trial) repository() string { return "bench/" + strings.ToLower(t.name) }

func (t *trial) image(s contender) string { return t.registry + "/" + t.repository() + ":" + s.name }
func (t *trial) cache(s contender) string {
	return t.registry + "/" + t.repository() + ":cache-" + s.name
}

func (t *trial) weigh(r *results) error {
	var bytes [2]int64
	for i, s := range t.sides {
		n, err := sizeOf(t.registry, t.repository()+":"+s.name)
		if err != nil {
			return err
		}
		bytes[i] = n
	}
	ratio := float64(bytes[0]) / float64(bytes[1])
	r.Size = append(r.Size, size{t.name + ": image, compressed", bytes[0], bytes[1], ratio, bytesTarget})
	return nil
}

// compare measures pairs of builds of a scenario.
func (t *trial) compare(s scenario) (measured, error) {
	pairs := t.languagePairs
	said("%s, %s: %d pairs", t.name, s.name, pairs)
	m := measured{Name: t.name + ": " + s.name}
	// The first build of a kind on a warm daemon also pays for what the daemon has not read since it ran something else.
	for _, side := range t.sides {
		if s.fresh {
			break
		}
		if _, err := t.once(s, side); err != nil {
			return m, err
		}
	}
	for i := range pairs {
		x, y, err := inTurn(i, func() (time.Duration, error) { return t.once(s, t.sides[0]) },
			func() (time.Duration, error) { return t.once(s, t.sides[1]) })
		if err != nil {
			return m, err
		}
		m.OursSamples = append(m.OursSamples, float64(x))
		m.TheirsSamples = append(m.TheirsSamples, float64(y))
	}
	m.summary = summarize(m.OursSamples, m.TheirsSamples)
	said("%s, %s: ratio %.3f (%.3f … %.3f)", t.name, s.name, m.Ratio, m.Low, m.High)
	return m, nil
}

// once prepares a build, and returns how long it takes.
func (t *trial) once(s scenario, of contender) (time.Duration, error) {
	if s.fresh {
		if err := fresh(t.root); err != nil {
			return 0, err
		}
	}
	context, err := os.MkdirTemp("", "cofferdam-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(context)
	if err := os.CopyFS(context, os.DirFS(t.source)); err != nil {
		return 0, err
	}
	if edit := s.edit(t.application); edit.file != "" {
		if err := t.apply(edit, of, context); err != nil {
			return 0, err
		}
	}
	if !s.imports {
		return t.build(of, context)
	}
	return t.build(of, context, "--cache-from", "type=registry,ref="+t.cache(of))
}

// apply edits a file of a context as no edit before did.
func (t *trial) apply(e edit, of contender, context string) error {
	t.edits++
	more := strings.Repeat(blank, t.edits)
	if e.text != blank {
		more = fmt.Sprintf(e.text, fmt.Sprintf("edit %d of %s", t.edits, of.name))
	}
	path := filepath.Join(context, e.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(text), e.at)
	switch {
	case e.at == "":
		before, after = string(text), ""
	case !found:
		return fmt.Errorf("%s does not say %s any more", e.file, e.at)
	}
	return os.WriteFile(path, []byte(before+e.at+more+after), 0o644)
}

// build builds and pushes, as people do.
func (t *trial) build(of contender, context string, flags ...string) (time.Duration, error) {
	output := "type=image,push=true,name=" + t.image(of)
	args := []string{"build", "--builder", "cofferdam-" + freshDaemon, "-f", of.file, "--output", output}
	return t.builds.run(append(append(args, flags...), context), "quiet")
}
