package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPublishedProgramsAreMeasuredByNameAlone(t *testing.T) {
	if all := chosen(""); len(all) != 6 {
		t.Errorf("%d examples, not one for each of six languages", len(all))
	}
	for _, name := range []string{"go", "Caddy", "mdbook"} {
		if one := chosen(name); len(one) != 1 {
			t.Errorf("%s: %d applications", name, len(one))
		}
	}
	if none := chosen("cobol"); len(none) != 0 {
		t.Errorf("%v", none)
	}
}

func TestBothSidesHaveTheirFiles(t *testing.T) {
	for _, a := range applications {
		for _, file := range []string{a.manifest, a.dockerfile} {
			if _, err := os.Stat(filepath.Join("../..", file)); err != nil {
				t.Errorf("%s: %v", a.name, err)
			}
		}
	}
}
