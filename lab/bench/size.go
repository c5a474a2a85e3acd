package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// size is what an image weighs, in bytes as they travel: layers and configuration.
type size struct {
	Name   string  `json:"name"`
	Ours   int64   `json:"ours"`
	Theirs int64   `json:"theirs"`
	Ratio  float64 `json:"ratio"`
	// Target is what the ratio must not be above; 0 where there is none.
	Target float64 `json:"target,omitempty"`
}

// sizeOf asks a registry for an image's manifest, for the first platform of an index.
func sizeOf(registry, name string) (int64, error) {
	repository, reference, _ := strings.Cut(name, ":")
	type descriptor struct {
		Digest string `json:"digest"`
		Size   int64  `json:"size"`
	}
	var manifest struct {
		Manifests []descriptor `json:"manifests"`
		Config    descriptor   `json:"config"`
		Layers    []descriptor `json:"layers"`
	}
	request, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://%s/v2/%s/manifests/%s", registry, repository, reference), nil)
	if err != nil {
		return 0, err
	}
	request.Header["Accept"] = []string{
		"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
		"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: the registry answered %s", name, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&manifest); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(manifest.Manifests) > 0 {
		return sizeOf(registry, repository+":"+manifest.Manifests[0].Digest)
	}
	total := manifest.Config.Size
	for _, layer := range manifest.Layers {
		total += layer.Size
	}
	return total, nil
}
