// Package wording is shared by the services of this repository.
package wording

import (
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Greeting greets in the language of a tag such as "de"; unknown tags are greeted in English.
func Greeting(tag, name string) string {
	greetings := map[language.Tag]string{
		language.English: "Good day, %s!",
		language.German:  "Guten Tag, %s!",
		language.French:  "Bonjour, %s !",
	}
	for known, text := range greetings {
		if err := message.SetString(known, "greeting", text); err != nil {
			return "Good day, " + name + "!"
		}
	}
	wanted, _, _ := language.NewMatcher([]language.Tag{language.English, language.German, language.French}).Match(language.Make(tag))
	return message.NewPrinter(wanted).Sprintf("greeting", name)
}
