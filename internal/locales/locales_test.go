package locales

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestEveryFolderIsALocaleAndSpeaksAndListens(t *testing.T) {
	folders, err := filepath.Glob("*/speech.json")
	if err != nil {
		t.Fatal(err)
	}
	if tags := Tags(); len(tags) != len(folders) || tags[0] != Default {
		t.Errorf("%v for %d folders", tags, len(folders))
	}
	for _, tag := range Tags() {
		for name, read := range map[string]func(string) ([]byte, error){"speech.json": Speech, "model.txt": Model, "listing.json": Listing} {
			if data, err := read(tag); err != nil || len(data) == 0 {
				t.Errorf("%s/%s: %v", tag, name, err)
			}
		}
	}
}

func TestALocaleIsLikeOneThatIsThere(t *testing.T) {
	for _, tag := range Tags() {
		for _, t2 := range Line(tag) {
			if !slices.Contains(Tags(), t2) {
				t.Errorf("%s is like %s, which is not there", tag, t2)
			}
		}
		line := Line(tag)
		if last := line[len(line)-1]; last != tag {
			t.Errorf("%s ends with %s", tag, last)
		}
		if _, err := os.Stat(tag + "/like"); (err == nil) != (len(line) > 1) {
			t.Errorf("%s: %v, %v", tag, line, err)
		}
	}
	if got := Line("en-GB"); !slices.Equal(got, []string{"en-US", "en-GB"}) {
		t.Errorf("%v", got)
	}
}
