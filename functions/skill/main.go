// Skill is the Lambda function that answers Alexa.
package main

import (
	"log/slog"
	"os"

	"github.com/billingclerk/billingclerk/internal/app/skill"
)

func main() {
	if err := skill.Main(os.Getenv, os.Stderr); err != nil {
		slog.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
}
