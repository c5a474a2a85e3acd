// A scanner as BuildKit's protocol wants it, which also tries what it must not be able to do.
package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

func main() {
	source, destination := os.Getenv("BUILDKIT_SCAN_SOURCE"), os.Getenv("BUILDKIT_SCAN_DESTINATION")
	if os.WriteFile(filepath.Join(source, "app", "scanned"), nil, 0o644) == nil {
		fail("the image can be changed")
	}
	if _, err := net.DialTimeout("udp", "192.0.2.1:53", time.Second); err == nil {
		fail("there is a network")
	}
	if entries, err := os.ReadDir("/run/secrets"); err == nil && len(entries) > 0 {
		fail("there are secrets")
	}
	packages := []map[string]string{{"SPDXID": "SPDXRef-parameter", "name": os.Getenv("BUILDKIT_SCAN_depth")}}
	filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && len(packages) < 1000 {
			name, _ := filepath.Rel(source, path)
			id := fmt.Sprintf("SPDXRef-%d", len(packages))
			packages = append(packages, map[string]string{"SPDXID": id, "name": name, "downloadLocation": "NONE"})
		}
		return nil
	})
	statement, err := json.Marshal(map[string]any{
		"_type":         "https://in-toto.io/Statement/v0.1",
		"predicateType": "https://spdx.dev/Document",
		"predicate": map[string]any{
			"spdxVersion":       "SPDX-2.3",
			"SPDXID":            "SPDXRef-DOCUMENT",
			"dataLicense":       "CC0-1.0",
			"name":              "what the scanner found",
			"documentNamespace": "https://example.com/scan",
			"creationInfo": map[string]any{
				"created":  "1970-01-01T00:00:00Z",
				"creators": []string{"Tool: scanner-of-the-tests"},
			},
			"packages": packages,
		},
	})
	if err == nil {
		name := filepath.Base(source) + ".spdx.json"
		err = os.WriteFile(filepath.Join(destination, name), statement, 0o644)
	}
	if err != nil {
		fail(err)
	}
}

func fail(what any) {
	fmt.Fprintln(os.Stderr, "scanner:", what)
	os.Exit(1)
}
