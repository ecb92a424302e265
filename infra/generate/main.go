// Command generate writes the skill package's files from the locales' folders: go generate ./infra
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/billingclerk/billingclerk/infra"
)

func main() {
	files, err := infra.Generate()
	for path, data := range files {
		if err == nil {
			err = os.WriteFile(filepath.FromSlash(path), data, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
