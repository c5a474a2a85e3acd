// A private Go module proxy, Cargo registry, Python index, npm registry and Maven repository for tests: TLS by an
// authority of its own, and a password.
//
// It writes authority.pem, password, netrc, go.sum, credentials.toml, Cargo.lock, pip.conf, requirements.txt, npmrc,
// package-lock.json and settings.xml into the directory that it is given, prints its address, and serves the module
// example.com/private v1.0.0, the crate private-word 1.0.0, the distribution private-word 1.0.0, the package
// @acme/word 1.0.0 and the artifact com.example:private-word:1.0.0 until its
// standard input ends.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"time"
)

const (
	module  = "example.com/private"
	version = "v1.0.0"
	goMod   = "module example.com/private\n\ngo 1.26\n"
	source  = "package private\n\nfunc Word() string { return \"open sesame\" }\n"

	crateToml   = "[package]\nname = \"private-word\"\nversion = \"1.0.0\"\nedition = \"2021\"\n"
	crateSource = "pub fn word() -> &'static str { \"open sesame\" }\n"
)

const wheelName = "private_word-1.0.0-py3-none-any.whl"

var wheel = archive(map[string]string{
	"private_word.py":                       "def word():\n    return \"open sesame\"\n",
	"private_word-1.0.0.dist-info/WHEEL":    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
	"private_word-1.0.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: private-word\nVersion: 1.0.0\n",
	"private_word-1.0.0.dist-info/RECORD":   "private_word.py,,\n",
})

const (
	artifactPath = "/maven/com/example/private-word/1.0.0/private-word-1.0.0"
	pom          = "<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId>" +
		"<artifactId>private-word</artifactId><version>1.0.0</version></project>"
	settings = "<settings><servers><server><id>private</id><username>robot</username><password>%s</password></server></servers>" +
		"<mirrors><mirror><id>private</id><mirrorOf>private</mirrorOf><url>https://%s/maven</url></mirror></mirrors></settings>"
)

var lock = `version = 4

[[package]]
name = "private-app"
version = "0.1.0"
dependencies = [
 "private-word",
]

[[package]]
name = "private-word"
version = "1.0.0"
source = "sparse+https://%s/cargo/index/"
checksum = "%x"
`

var npmLock = `{"lockfileVersion": 3, "packages": {
  "": {"dependencies": {"@acme/word": "1.0.0"}},
  "node_modules/@acme/word": {
    "version": "1.0.0", "resolved": "https://%s/npm/@acme/word/-/word-1.0.0.tgz", "integrity": "sha512-%s"
  }
}}
`

func main() {
	directory, password := os.Args[1], os.Args[2]
	prefix := module + "@" + version + "/"
	files := map[string]string{prefix + "go.mod": goMod, prefix + "private.go": source}
	sums := fmt.Sprintf("%s %s %s\n%s %s/go.mod %s\n",
		module, version, hash(files), module, version, hash(map[string]string{"go.mod": goMod}))
	authority, certificate := certificates()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	check(err)
	address := listener.Addr().String()
	crate := tarball("private-word-1.0.0/", [][2]string{{"Cargo.toml", crateToml}, {"src/lib.rs", crateSource}})
	checksum := sha256.Sum256(crate)
	word := tarball("package/", [][2]string{
		{"package.json", `{"name": "@acme/word", "version": "1.0.0"}`}, {"index.js", "module.exports = () => 'open sesame';\n"},
	})
	digest := sha512.Sum512(word)
	for name, text := range map[string]string{
		"authority.pem":    authority,
		"password":         password,
		"go.sum":           sums,
		"netrc":            fmt.Sprintf("machine %s login robot password %s\n", address, password),
		"Cargo.lock":       fmt.Sprintf(lock, address, checksum),
		"requirements.txt": fmt.Sprintf("private-word==1.0.0 --hash=sha256:%x\n", sha256.Sum256(wheel)),
		"pip.conf": fmt.Sprintf("[global]\nindex-url = https://%s@%s/simple\n",
			url.UserPassword("robot", password), address),
		"credentials.toml":  fmt.Sprintf("[registries.acme]\ntoken = %q\n", password),
		"npmrc":             fmt.Sprintf("//%s/npm/:_authToken=%q\n", address, password),
		"package-lock.json": fmt.Sprintf(npmLock, address, base64.StdEncoding.EncodeToString(digest[:])),
		"settings.xml":      fmt.Sprintf(settings, password, address),
	} {
		check(os.WriteFile(filepath.Join(directory, name), []byte(text), 0o644))
	}
	fmt.Println(address)
	routes := http.NewServeMux()
	routes.Handle("/", handler(files, password))
	routes.Handle("/cargo/", registry(address, crate, checksum, password))
	routes.HandleFunc("/npm/@acme/word/-/word-1.0.0.tgz", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+password {
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(word)
	})
	go func() { check(http.Serve(listener, routes)) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func handler(files map[string]string, password string) http.Handler {
	base := "/" + module + "/@v/" + version
	answers := map[string][]byte{
		base + ".info": []byte(fmt.Sprintf(`{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, version)),
		base + ".mod":  []byte(goMod),
		base + ".zip":  archive(files),

		"/simple/private-word/":      []byte(fmt.Sprintf("<a href=\"/simple/files/%s\">%s</a>", wheelName, wheelName)),
		"/simple/files/" + wheelName: wheel,

		artifactPath + ".pom": []byte(pom),
		artifactPath + ".jar": archive(map[string]string{"word.txt": "open sesame\n"}),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, given, _ := r.BasicAuth()
		if user != "robot" || given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="tests"`)
			http.Error(w, "a password is needed", http.StatusUnauthorized)
			return
		}
		if answer, ok := answers[r.URL.Path]; ok {
			_, _ = w.Write(answer)
			return
		}
		http.NotFound(w, r)
	})
}

// registry answers as a sparse registry of Cargo does ("The Cargo Book", "Registry Index").
func registry(address string, crate []byte, checksum [32]byte, password string) http.Handler {
	entry := `{"name":"private-word","vers":"1.0.0","deps":[],"cksum":"%x","features":{},"yanked":false}`
	answers := map[string][]byte{
		"/cargo/index/config.json":              []byte(fmt.Sprintf(`{"dl":"https://%s/cargo/dl","auth-required":true}`, address)),
		"/cargo/index/pr/iv/private-word":       []byte(fmt.Sprintf(entry, checksum)),
		"/cargo/dl/private-word/1.0.0/download": crate,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != password {
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		if answer, ok := answers[r.URL.Path]; ok {
			_, _ = w.Write(answer)
			return
		}
		http.NotFound(w, r)
	})
}

func tarball(below string, files [][2]string) []byte {
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	writer := tar.NewWriter(zipped)
	for _, file := range files {
		header := tar.Header{Name: below + file[0], Mode: 0o644, Size: int64(len(file[1]))}
		check(writer.WriteHeader(&header))
		_, err := writer.Write([]byte(file[1]))
		check(err)
	}
	check(writer.Close())
	check(zipped.Close())
	return buffer.Bytes()
}

func archive(files map[string]string) []byte {
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for name, text := range files {
		file, err := writer.Create(name)
		check(err)
		_, err = file.Write([]byte(text))
		check(err)
	}
	check(writer.Close())
	return buffer.Bytes()
}

// hash is Go's hash of a set of files (golang.org/x/mod/sumdb/dirhash, "Hash1").
func hash(files map[string]string) string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	whole := sha256.New()
	for _, name := range names {
		one := sha256.Sum256([]byte(files[name]))
		fmt.Fprintf(whole, "%s  %s\n", hex.EncodeToString(one[:]), name)
	}
	return "h1:" + base64.StdEncoding.EncodeToString(whole.Sum(nil))
}

func certificates() (string, tls.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test authority"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return string(authority), tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
