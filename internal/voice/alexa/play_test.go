package alexa_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/billingclerk/billingclerk/internal/talk"
)

func TestPlays(t *testing.T) {
	paths, err := filepath.Glob("../../talk/testdata/*.txt")
	if err != nil || len(paths) < 13 {
		t.Fatalf("%d plays, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			talk.Play(t, script(t, path), demo(t).stage(t))
		})
	}
}
