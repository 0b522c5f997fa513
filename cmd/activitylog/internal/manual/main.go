// Command manual writes the manual pages of activitylog to a folder: make generate.
package main

import (
	"log"
	"os"

	"github.com/otelactivity/activitylog/cmd/activitylog/internal/cli"
)

func main() {
	if err := cli.WriteManual(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}
