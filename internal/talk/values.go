package talk

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// builtin reads words as a value of one of Amazon's slot types, in the form in which Alexa sends it. Of a type that is not
// listed, any words are a value.
func builtin(kind string, words []string, now time.Time) (value string, ok bool) {
	words = strings.Fields(strings.ReplaceAll(strings.Join(words, " "), "-", " "))
	switch kind {
	case "AMAZON.FOUR_DIGIT_NUMBER":
		return fourDigits(words)
	case "AMAZON.NUMBER":
		n, ok := number(words)
		return strconv.Itoa(n), ok
	case "AMAZON.DURATION":
		return duration(words)
	case "AMAZON.TIME":
		return timeOfDay(words)
	case "AMAZON.DATE":
		return date(words, now)
	}
	return spoken(words), true
}

// duration is a stretch of time as ISO 8601: "an hour and a half" is PT1H30M, "two weeks" P2W.
func duration(words []string) (string, bool) {
	minutes, days, weeks := 0, 0, 0
	for len(words) > 0 {
		n, unit, rest, ok := stretch(words)
		if !ok {
			return "", false
		}
		switch words = rest; unit {
		case "minute":
			minutes += n / 60
		case "hour":
			minutes += n
		case "day":
			days += n / 60
		case "week":
			weeks += n / 60
		}
		if len(words) > 1 && words[0] == "and" {
			words = words[1:]
		}
	}
	switch {
	case weeks > 0 && days == 0 && minutes == 0:
		return fmt.Sprintf("P%dW", weeks), true
	case minutes == 0 && days+weeks > 0:
		return fmt.Sprintf("P%dD", days+7*weeks), true
	}
	value := "P"
	if days+weeks > 0 {
		value += fmt.Sprintf("%dD", days+7*weeks)
	}
	return value + clock(minutes), true
}

// clock is hours and minutes, as ISO 8601 writes a duration.
func clock(minutes int) string {
	switch hours, rest := minutes/60, minutes%60; {
	case hours == 0:
		return fmt.Sprintf("T%dM", rest)
	case rest == 0:
		return fmt.Sprintf("T%dH", hours)
	default:
		return fmt.Sprintf("T%dH%dM", hours, rest)
	}
}

// stretch takes one number with its unit off the front, in sixtieths of the unit: "two and a half hours", "half an hour",
// "a quarter of an hour", "an hour and a half".
func stretch(words []string) (sixtieths int, unit string, rest []string, ok bool) {
	for at, word := range words {
		unit = strings.TrimSuffix(word, "s")
		if unit != "minute" && unit != "hour" && unit != "day" && unit != "week" {
			continue
		}
		sixtieths, ok = amount(words[:at])
		rest = words[at+1:]
		for said, more := range map[string]int{"and a half": 30, "and a quarter": 15, "and three quarters": 45} {
			if spoken(rest) == said && ok {
				return sixtieths + more, unit, nil, true
			}
		}
		return sixtieths, unit, rest, ok
	}
	return 0, "", nil, false
}

// fractions are parts of an hour that are said before it.
var fractions = map[string]int{"half an": 30, "half a": 30, "half": 30, "a quarter of an": 15, "quarter of an": 15, "a quarter": 15, "three quarters of an": 45, "three quarters": 45}

// amount is what stands before a unit, in sixtieths.
func amount(words []string) (int, bool) {
	if n, ok := fractions[spoken(words)]; ok {
		return n, true
	}
	whole, fraction, mixed := strings.Cut(spoken(words), " and ")
	if n, ok := fractions[strings.TrimPrefix(fraction, "a ")]; mixed && ok {
		w, ok := number(strings.Fields(whole))
		return 60*w + n, ok
	}
	n, ok := number(words)
	return 60 * n, ok
}

// halves are the words that say which half of the day is meant, and the last hour of the clock's face that they leave as it is.
var halves = map[string]bool{"p m": true, "pm": true, "p. m.": true, "in the afternoon": true, "in the evening": true, "at night": true, "tonight": true, "a m": false, "am": false, "a. m.": false, "in the morning": false, "o'clock": false}

var parts = map[string]string{"morning": "MO", "this morning": "MO", "afternoon": "AF", "this afternoon": "AF", "evening": "EV", "this evening": "EV", "night": "NI", "tonight": "NI", "noon": "12:00", "midday": "12:00", "midnight": "00:00"}

var digital = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

// timeOfDay is a time as Alexa writes it, "14:30"; without a half of the day it stays on the first one.
func timeOfDay(words []string) (string, bool) {
	said := spoken(words)
	if value, ok := parts[said]; ok {
		return value, true
	}
	afternoon := false
	for ending, later := range halves {
		if rest, ok := strings.CutSuffix(said, " "+ending); ok && len(rest) > 0 {
			said, afternoon = rest, later
			break
		}
	}
	hour, minute, ok := face(said)
	switch {
	case !ok:
		return "", false
	case afternoon && hour < 12:
		hour += 12
	case !afternoon && hour == 12 && said != spoken(words) && !strings.HasSuffix(spoken(words), "o'clock"):
		hour = 0
	}
	return fmt.Sprintf("%02d:%02d", hour, minute), true
}

// face reads a clock's face: "two", "two fifteen", "half past two", "quarter to five", "14:30".
func face(said string) (hour, minute int, ok bool) {
	if m := digital.FindStringSubmatch(said); m != nil {
		hour, _ = strconv.Atoi(m[1])
		minute, _ = strconv.Atoi(m[2])
		return hour, minute, true
	}
	for words, step := range map[string]int{"half past ": 30, "a quarter past ": 15, "quarter past ": 15, "a quarter to ": -15, "quarter to ": -15} {
		if rest, found := strings.CutPrefix(said, words); found {
			h, ok := number(strings.Fields(rest))
			total := (60*h + step + 12*60) % (12 * 60)
			return (total/60+11)%12 + 1, total % 60, ok && h >= 1 && h <= 12
		}
	}
	words := strings.Fields(said)
	if len(words) == 0 {
		return 0, 0, false
	}
	hour, ok = number(words[:1])
	if rest := words[1:]; ok && len(rest) > 0 {
		if rest[0] == "oh" && len(rest) == 2 {
			rest = rest[1:]
		}
		minute, ok = number(rest)
		ok = ok && (minute > 9 || len(words) == 3)
	}
	return hour, minute, ok && hour < 24 && minute < 60
}

var months = map[string]time.Month{}
var weekdays = map[string]time.Weekday{}

func init() {
	for m := time.January; m <= time.December; m++ {
		months[strings.ToLower(m.String())] = m
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		weekdays[strings.ToLower(d.String())] = d
	}
}

// date is a day, a week or a month as Alexa writes it. A weekday is the next one, and so is a day without a year, as
// Amazon documents it.
func date(words []string, now time.Time) (string, bool) {
	if len(words) > 1 && words[0] == "on" {
		words = words[1:]
	}
	const day = "2006-01-02"
	switch said := spoken(words); said {
	case "today", "now":
		return now.Format(day), true
	case "yesterday":
		return now.AddDate(0, 0, -1).Format(day), true
	case "tomorrow":
		return now.AddDate(0, 0, 1).Format(day), true
	case "this week", "last week":
		if said == "last week" {
			now = now.AddDate(0, 0, -7)
		}
		year, week := now.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week), true
	case "this month":
		return now.Format("2006-01"), true
	case "last month":
		return now.AddDate(0, 0, -now.Day()).Format("2006-01"), true
	}
	if wanted, ok := weekdays[words[len(words)-1]]; ok && len(words) <= 2 {
		ahead := int(wanted-now.Weekday()+7) % 7
		if len(words) == 2 && words[0] != "last" {
			return "", false
		}
		if len(words) == 2 && ahead >= 0 {
			ahead -= 7
		}
		return now.AddDate(0, 0, ahead).Format(day), true
	}
	return calendar(words, now)
}

// calendar is "november third" or "the third of november", this year or, when that is past, next year.
func calendar(words []string, now time.Time) (string, bool) {
	var month time.Month
	var left []string
	for _, word := range words {
		if m, ok := months[word]; ok && month == 0 {
			month = m
		} else if word != "the" && word != "of" {
			left = append(left, word)
		}
	}
	day, ok := ordinal(left)
	if month == 0 || !ok || day < 1 || day > 31 {
		return "", false
	}
	at := time.Date(now.Year(), month, day, 12, 0, 0, 0, now.Location())
	if at.Before(now.AddDate(0, 0, -1)) {
		at = at.AddDate(1, 0, 0)
	}
	return at.Format("2006-01-02"), at.Day() == day
}

var ordinals = map[string]string{"first": "one", "second": "two", "third": "three", "fifth": "five", "eighth": "eight", "ninth": "nine", "twelfth": "twelve", "twentieth": "twenty", "thirtieth": "thirty"}

// ordinal reads "twenty third", "3rd".
func ordinal(words []string) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	last := words[len(words)-1]
	cardinal, ok := ordinals[last]
	if !ok {
		cardinal = strings.TrimSuffix(last, "th")
		for _, ending := range []string{"st", "nd", "rd"} {
			if rest := strings.TrimSuffix(last, ending); plain(rest) {
				cardinal = rest
			}
		}
	}
	return number(append(words[:len(words)-1:len(words)-1], cardinal))
}
