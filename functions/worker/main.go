// Worker is the Lambda function that carries out effects and sweeps what is due.
package main

import (
	"log/slog"
	"os"

	"github.com/billingclerk/billingclerk/internal/app/worker"
)

func main() {
	if err := worker.Main(os.Getenv, os.Stderr); err != nil {
		slog.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
}
