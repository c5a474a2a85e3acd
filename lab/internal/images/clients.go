package images

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cofferdam/lab/internal/proc"
)

// readGoEnv returns Go's registry settings that differ from its defaults.
func readGoEnv(ctx context.Context) ([]string, error) {
	text, err := proc.Output(proc.Command(ctx, "go", "env", "-changed", "-json"))
	if err != nil {
		return nil, err
	}
	changed := map[string]string{}
	if err := json.Unmarshal([]byte(text), &changed); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	var env []string
	for _, name := range []string{"GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE", "GOVCS"} {
		if value, ok := changed[name]; ok && !strings.Contains(value, "@") {
			env = append(env, name+"="+value)
		}
	}
	return env, nil
}

func readCargoConfig() string {
	home := os.Getenv("CARGO_HOME")
	if home == "" {
		home = filepath.Join(os.Getenv("HOME"), ".cargo")
	}
	for _, name := range []string{"config.toml", "config"} {
		if text, err := os.ReadFile(filepath.Join(home, name)); err == nil {
			return string(text)
		}
	}
	return ""
}

// registryTables keeps the tables of a Cargo configuration that say where crates come
// from; build settings of the machine's user and tokens stay behind.
func registryTables(config string) string {
	var kept []string
	keep := false
	for line := range strings.Lines(config) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			table, _, _ := strings.Cut(strings.Trim(trimmed, "[]"), ".")
			keep = slices.Contains([]string{"source", "registry", "registries", "http", "net"}, strings.TrimSpace(table))
		}
		if keep && !strings.HasPrefix(trimmed, "token") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// readPip returns where the machine's pip looks for packages, as a pip.conf, or nothing
// where that is the default.
func readPip() string {
	home := os.Getenv("HOME")
	values := map[string]string{}
	for _, file := range []string{
		"/etc/pip.conf", filepath.Join(home, ".pip", "pip.conf"), filepath.Join(home, ".config", "pip", "pip.conf"),
		os.Getenv("PIP_CONFIG_FILE"),
	} {
		if text, err := os.ReadFile(file); err == nil {
			pipValues(string(text), values)
		}
	}
	for _, name := range pipNames {
		if value := os.Getenv("PIP_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))); value != "" {
			values[name] = value
		}
	}
	return pipConfig(values)
}

// pipNames are the settings that say where packages come from, and how long that takes.
var pipNames = []string{"index-url", "extra-index-url", "trusted-host", "default-timeout"}

func pipValues(text string, into map[string]string) {
	section := ""
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if ok && section == "global" && slices.Contains(pipNames, name) {
			into[name] = strings.TrimSpace(value)
		}
	}
}

// pipConfig writes the settings down, except those that carry a password.
func pipConfig(values map[string]string) string {
	var lines []string
	for _, name := range pipNames {
		if value := values[name]; value != "" && !strings.Contains(value, "@") {
			lines = append(lines, name+" = "+value+"\n")
		}
	}
	if lines == nil {
		return ""
	}
	return "[global]\n" + strings.Join(lines, "")
}

// readNpm returns where the machine's npm looks for packages, as an npmrc, or nothing
// where that is the default.
func readNpm() string {
	text, _ := os.ReadFile(filepath.Join(os.Getenv("HOME"), ".npmrc"))
	lines := npmRegistries(string(text))
	for _, name := range []string{"npm_config_registry", "NPM_CONFIG_REGISTRY"} {
		if value := os.Getenv(name); value != "" {
			lines += npmRegistries("registry=" + value)
		}
	}
	return lines
}

// npmRegistries keeps the lines of an npmrc that name registries; tokens stay behind.
func npmRegistries(npmrc string) string {
	var kept strings.Builder
	for line := range strings.Lines(npmrc) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if ok && (name == "registry" || strings.HasPrefix(name, "@") && strings.HasSuffix(name, ":registry")) && !strings.Contains(value, "@") {
			kept.WriteString(name + "=" + value + "\n")
		}
	}
	return kept.String()
}

// readMaven returns the mirrors and proxies of the machine's Maven, as they stand in its
// settings, or nothing; servers, which hold passwords, stay behind.
func readMaven() string {
	text, _ := os.ReadFile(filepath.Join(os.Getenv("HOME"), ".m2", "settings.xml"))
	return mavenMirrors(string(text))
}

func mavenMirrors(settings string) string {
	var kept strings.Builder
	for _, name := range []string{"mirrors", "proxies"} {
		_, rest, ok := strings.Cut(settings, "<"+name+">")
		inner, _, closed := strings.Cut(rest, "</"+name+">")
		if ok && closed && !strings.Contains(inner, "<password>") && !strings.Contains(inner, "@") {
			kept.WriteString("<" + name + ">" + inner + "</" + name + ">\n")
		}
	}
	return kept.String()
}
