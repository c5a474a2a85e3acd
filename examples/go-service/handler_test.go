package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAnswers(t *testing.T) {
	for path, want := range map[string]int{
		"/": http.StatusOK, "/healthz": http.StatusOK, "/metrics": http.StatusOK,
		"/zones/Asia/Tokyo": http.StatusOK, "/zones/No/Where": http.StatusNotFound, "/nothing": http.StatusNotFound,
	} {
		recorder := httptest.NewRecorder()
		newHandler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if recorder.Code != want {
			t.Errorf("%s: %d, want %d", path, recorder.Code, want)
		}
	}
}
