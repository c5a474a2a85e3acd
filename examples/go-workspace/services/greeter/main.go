// Command greeter greets whoever is named.
package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"example.com/monorepo/wording"
)

func main() {
	tag := pflag.StringP("language", "l", "en", "language to greet in")
	pflag.Parse()
	for _, name := range pflag.Args() {
		fmt.Println(wording.Greeting(*tag, name))
	}
}
