// Local runs all of Billing Clerk in one process, with no AWS.
package main

import (
	"fmt"
	"os"

	"github.com/billingclerk/billingclerk/internal/app/local"
)

func main() {
	if err := local.Main(local.Terminal{Args: os.Args[1:], Env: os.Getenv, In: os.Stdin, Out: os.Stdout}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
