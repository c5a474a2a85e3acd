// Command agent stands for a program that somebody else builds.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
)

func main() {
	path := flag.String("config", "agent.json", "configuration file")
	flag.Parse()
	if err := report(*path); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1)
	}
}

func report(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var config struct{ Greeting string }
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	fmt.Printf("%s on %s as %d:%d\n", config.Greeting, runtime.GOARCH, os.Getuid(), os.Getgid())
	return nil
}
