package wording

import "testing"

func TestGreeting(t *testing.T) {
	for tag, want := range map[string]string{"de": "Guten Tag, Ada!", "de-AT": "Guten Tag, Ada!", "tlh": "Good day, Ada!"} {
		if got := Greeting(tag, "Ada"); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}
