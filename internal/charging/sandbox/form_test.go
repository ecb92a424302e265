package sandbox

import (
	"strings"
	"testing"
)

func TestBracketsNest(t *testing.T) {
	f, failed := readForm("a=1&b[c]=2&d[0][e][f]=3&expand[]=x&expand[]=y&m[k]=&s=%26%3D")
	if failed != nil {
		t.Fatal(failed.Error)
	}
	want := form{"a": "1", "b[c]": "2", "d[0][e][f]": "3", "expand[0]": "x", "expand[1]": "y", "m[k]": "", "s": "&="}
	for name, value := range want {
		if got, ok := f[name]; !ok || got != value {
			t.Errorf("%s is %q", name, got)
		}
	}
	if len(f) != len(want) || !f.expands("y") || f.expands("z") || f.under("b")["c"] != "2" || f.under2("d", "0") == nil {
		t.Errorf("%v", f)
	}
	if f.only([]string{"a", "b[*]", "d[*][e][f]", "expand[*]", "m[k]", "s"}) != nil {
		t.Error("allowed parameters were refused")
	}
	if f.only([]string{"a", "b[*]", "d[*][e]", "expand[*]", "m[k]", "s"}) == nil {
		t.Error("d[0][e][f] is not d[0][e]")
	}
}

func TestMisshapenNamesAreRefused(t *testing.T) {
	for _, text := range []string{"[a]=1", "a[=1", "a]=1", "a[b=1", "a[b]c=1", "a[b][=1", "a[[b]]=1", "=1", "a=1&a=2", "a;b=1", "a[][b]=1"} {
		if f, failed := readForm(text); failed == nil {
			t.Errorf("%q was read as %v", text, f)
		}
	}
}

// Whatever comes, reading it does not fail, and what is read has names that are read the same again.
func FuzzForm(f *testing.F) {
	for _, text := range []string{"a=1&b[c]=2", "expand[]=x&expand[]=y", "a[b=1", "%zz", "metadata[attempt]=%F0%9F%92%B3", "a[0][b][c]=", strings.Repeat("[", 600) + "=1"} {
		f.Add(text)
	}
	core := NewCore(Options{Now: newClock().Now, NewID: newClock().id})
	f.Fuzz(func(t *testing.T, text string) {
		read, failed := readForm(text)
		if failed != nil {
			return
		}
		for name := range read {
			parts, ok := split(name)
			again := parts[0]
			for _, p := range parts[1:] {
				again += "[" + p + "]"
			}
			if !ok || again != name {
				t.Errorf("%q is not its parts %q", name, parts)
			}
		}
		if a, err := core.Do(Call{post, payments, text, ""}); err != nil || a.Status >= 500 {
			t.Errorf("%d, %v", a.Status, err)
		}
	})
}
