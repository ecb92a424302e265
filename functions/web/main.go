// Web is the Lambda function behind the payers' pages, the webhooks and the console.
package main

import (
	"log/slog"
	"os"

	"github.com/billingclerk/billingclerk/internal/app/web"
)

func main() {
	if err := web.Main(os.Getenv, os.Stderr); err != nil {
		slog.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
}
