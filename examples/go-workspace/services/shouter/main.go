// Command shouter greets loudly.
package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"example.com/monorepo/wording"
)

func main() {
	tag := pflag.StringP("language", "l", "en", "language to greet in")
	pflag.Parse()
	for _, name := range pflag.Args() {
		fmt.Println(strings.ToUpper(wording.Greeting(*tag, name)))
	}
}
