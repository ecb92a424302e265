package auth

import (
	"errors"
	"strings"
	"testing"
)

func TestPasswordsThatAnybodyWouldTryAreRefused(t *testing.T) {
	own := []string{"ada.byron@lovelace-law.test", "Ada Byron", "Lovelace & Partners"}
	for password, want := range map[string]error{
		"correct horse battery":       nil,
		"äöüßéèêåøñçž":                nil,
		"elevenchars":                 ErrPassword,
		strings.Repeat("ab ", 90):     ErrPassword,
		"1qaz2wsx3edc":                ErrCommon, // in the list as it is
		"1QAZ2wsx3EDC":                ErrCommon,
		"!password1234":               ErrCommon, // a listed word with signs around it
		"p4$$w0rd1234!!":              ErrCommon,
		"111111111111":                ErrCommon,
		"abcabcabcabc":                ErrCommon,
		"correctcorrect":              ErrCommon,
		"abcdefghijklmn":              ErrCommon,
		"321098765432":                ErrCommon,
		"lovelacepartners":            ErrOwn,
		"Ada.Byron-2026":              ErrOwn,
		"ada.byron@lovelace-law.test": ErrOwn,
		"byron walks on the moon":     nil,
	} {
		if err := refused(password, own...); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}

func TestTheListOfCommonPasswordsIsWhole(t *testing.T) {
	if n := len(common()); n != 10173 {
		t.Errorf("%d words", n)
	}
	if !strings.Contains(commonText, "zxcvbn 4.4.2") || !strings.Contains(commonText, "Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.") {
		t.Error("the list does not say where it is from")
	}
}
