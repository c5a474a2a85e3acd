package images

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyring is Debian's own, for sources that name none.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// readSources returns the machine's Debian sources, asked for Suite instead of the
// machine's own release. Sources of others (they do not name the release) are left out.
func readSources(etcApt, release string) ([]Source, error) {
	var sources []Source
	files, err := sourceFiles(etcApt)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(file, ".sources") {
			sources = append(sources, parseStanzas(string(text), release)...)
		} else {
			sources = append(sources, parseLines(string(text), release)...)
		}
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("no source for Debian %q in %s: the images come from the same place as the machine's packages", release, etcApt)
	}
	return sources, nil
}

// line returns a source as apt's one-line format wants it.
func (s Source) line(suite string) string {
	return fmt.Sprintf("deb [signed-by=%s] %s %s main", s.SignedBy, s.URI, suite)
}

// lines returns all of them, one for each suite.
func lines(sources []Source) []string {
	var out []string
	for _, s := range sources {
		for _, suite := range s.Suites {
			out = append(out, s.line(suite))
		}
	}
	return out
}

// stanzas returns the sources the way Debian's own image carries them.
func stanzas(sources []Source) string {
	var out []string
	for _, s := range sources {
		out = append(out, fmt.Sprintf("Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n",
			s.URI, strings.Join(s.Suites, " "), "/usr/share/keyrings/debian-archive-keyring.pgp"))
	}
	return strings.Join(out, "\n")
}

func sourceFiles(etcApt string) ([]string, error) {
	var files []string
	main := filepath.Join(etcApt, "sources.list")
	if _, err := os.Stat(main); err == nil {
		files = append(files, main)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, pattern := range []string{"*.list", "*.sources"} {
		more, err := filepath.Glob(filepath.Join(etcApt, "sources.list.d", pattern))
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

func parseStanzas(text, release string) []Source {
	var sources []Source
	for stanza := range strings.SplitSeq(text, "\n\n") {
		fields := map[string]string{}
		for line := range strings.Lines(stanza) {
			if name, value, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, " ") {
				fields[strings.ToLower(name)] = strings.TrimSpace(value)
			}
		}
		if !strings.Contains(" "+fields["types"]+" ", " deb ") || strings.EqualFold(fields["enabled"], "no") {
			continue
		}
		for uri := range strings.FieldsSeq(fields["uris"]) {
			sources = appendSource(sources, uri, fields["suites"], fields["signed-by"], release)
		}
	}
	return sources
}

func parseLines(text, release string) []Source {
	var sources []Source
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "deb ")
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		signedBy := ""
		if options, after, ok := strings.Cut(rest, "]"); ok && strings.HasPrefix(options, "[") {
			rest = after
			for option := range strings.FieldsSeq(options[1:]) {
				if value, ok := strings.CutPrefix(option, "signed-by="); ok {
					signedBy = value
				}
			}
		}
		if parts := strings.Fields(rest); len(parts) >= 3 {
			sources = appendSource(sources, parts[0], parts[1], signedBy, release)
		}
	}
	return sources
}

// appendSource adds a source whose suites are the release's, renamed to Suite's.
func appendSource(sources []Source, uri, suites, signedBy, release string) []Source {
	if !strings.HasPrefix(signedBy, "/") {
		signedBy = keyring
	}
	s := Source{URI: uri, SignedBy: signedBy}
	for suite := range strings.FieldsSeq(suites) {
		rest, ok := strings.CutPrefix(suite, release)
		if ok && release != "" && (rest == "" || rest == "-updates" || rest == "-security") {
			s.Suites = append(s.Suites, Suite+rest)
		}
	}
	if len(s.Suites) == 0 {
		return sources
	}
	return append(sources, s)
}
