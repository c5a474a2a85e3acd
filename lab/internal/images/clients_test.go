package images

import "testing"

func TestCargoConfigKeepsRegistriesOnly(t *testing.T) {
	got := registryTables("[build]\ntarget-dir = \"/x\"\n[source.crates-io]\nreplace-with = 'm'\n[registries.m]\nindex = 'i'\ntoken = 'secret'\n[target.x]\nlinker = 'l'\n")
	want := "[source.crates-io]\nreplace-with = 'm'\n[registries.m]\nindex = 'i'\n"
	if got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestPipKeepsItsIndexAndNoPassword(t *testing.T) {
	values := map[string]string{}
	pipValues("[global]\nindex-url = https://a.example/simple\ncert = /ca.pem\nextra-index-url=https://u:p@b.example\n[install]\ntrusted-host = c.example\n", values)
	if got, want := pipConfig(values), "[global]\nindex-url = https://a.example/simple\n"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	if got := pipConfig(nil); got != "" {
		t.Errorf("defaults gave %q", got)
	}
}

func TestPipIsAskedWhatTheEnvironmentSays(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PIP_INDEX_URL", "https://env.example/simple")
	t.Setenv("PIP_DEFAULT_TIMEOUT", "")
	if got, want := readPip(), "[global]\nindex-url = https://env.example/simple\n"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestNpmKeepsRegistriesAndNoToken(t *testing.T) {
	got := npmRegistries("registry = https://a.example/\n//a.example/:_authToken=secret\n@team:registry=https://b.example/\nregistry=https://u:p@c.example/\ncafile=/ca.pem\n")
	if want := "registry=https://a.example/\n@team:registry=https://b.example/\n"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestMavenKeepsMirrorsAndNoServers(t *testing.T) {
	got := mavenMirrors("<settings><servers><server><password>secret</password></server></servers>\n<mirrors><mirror/></mirrors><proxies><proxy><password>secret</password></proxy></proxies></settings>")
	if want := "<mirrors><mirror/></mirrors>\n"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	if got := mavenMirrors(""); got != "" {
		t.Errorf("no settings gave %q", got)
	}
}
