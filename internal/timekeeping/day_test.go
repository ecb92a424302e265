package timekeeping

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zoneOf(t interface{ Fatal(...any) }, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestASpanIsSplitAtTheZonesMidnights(t *testing.T) {
	tests := []struct{ name, zone, from, to, want string }{
		{"an ordinary midnight", "America/New_York", "2026-11-23T23:30:00-05:00", "2026-11-24T00:45:00-05:00",
			"2026-11-23 1800, 2026-11-24 2700"},
		{"UTC's midnight is none", "America/New_York", "2026-11-23T18:00:00-05:00", "2026-11-23T20:00:00-05:00", "2026-11-23 7200"},
		{"a day of 23 hours", "America/New_York", "2026-03-07T23:00:00-05:00", "2026-03-09T01:00:00-04:00",
			"2026-03-07 3600, 2026-03-08 82800, 2026-03-09 3600"},
		{"a day of 25 hours", "America/New_York", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "2026-11-01 90000"},
		{"the hour that comes twice", "America/New_York", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", "2026-11-01 3600"},
		{"no midnight: the clock goes from 24:00 to 1:00", "Africa/Cairo", "2026-04-23T23:00:00+02:00", "2026-04-24T02:00:00+03:00",
			"2026-04-23 3600, 2026-04-24 3600"},
		{"midnight twice: from 1:00 back to 0:00", "America/Havana", "2026-10-31T23:30:00-04:00", "2026-11-01T00:30:00-05:00",
			"2026-10-31 1800, 2026-11-01 5400"},
		{"a date that was left out", "Pacific/Apia", "2011-12-29T23:00:00-10:00", "2011-12-31T01:00:00+14:00",
			"2011-12-29 3600, 2011-12-31 3600"},
		{"half an hour's zone", "Asia/Kolkata", "2026-11-23T18:00:00Z", "2026-11-23T19:00:00Z", "2026-11-23 1800, 2026-11-24 1800"},
		{"nothing", "UTC", "2026-11-23T18:00:00Z", "2026-11-23T18:00:00Z", ""},
	}
	for _, tt := range tests {
		spans := []Span{{instant(t, tt.from), instant(t, tt.to)}}
		if got := toldPieces(pieces(spans, zoneOf(t, tt.zone))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func toldPieces(list []piece) string {
	var out []string
	for _, p := range list {
		out = append(out, fmt.Sprintf("%s %d", p.day, p.seconds))
	}
	return strings.Join(out, ", ")
}

func TestSpansOfOneDayAreOneEntry(t *testing.T) {
	from := instant(t, "2026-11-23T10:00:00Z")
	at := func(minutes int) time.Time { return from.Add(time.Duration(minutes) * time.Minute) }
	list := pieces([]Span{{at(0), at(10)}, {at(60), at(65)}, {at(20 * 60), at(20*60 + 1)}}, time.UTC)
	if got := toldPieces(list); got != "2026-11-23 900, 2026-11-24 60" {
		t.Error(got)
	}
	if !list[0].start.Equal(at(0)) || !list[0].stop.Equal(at(65)) {
		t.Error("an entry goes from the first start to the last stop", list[0])
	}
}

func TestAClockOfMonthsStillFitsACommit(t *testing.T) {
	from := instant(t, "2026-01-01T12:00:00Z")
	list := pieces([]Span{{from, from.AddDate(0, 6, 0)}}, time.UTC)
	total := int64(0)
	for _, p := range list {
		total += p.seconds
	}
	if len(list) != maxDays || total != 181*86400 {
		t.Error(len(list), total)
	}
}

func TestPiecesLoseNoSecondAndNoneIsOfTwoDays(t *testing.T) {
	zones := []string{"America/New_York", "Europe/London", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		zone := zoneOf(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "from"), 0).UTC()
		var spans []Span
		want := int64(0)
		for range rapid.IntRange(1, 5).Draw(t, "spans") {
			length := rapid.Int64Range(1, 3*86400).Draw(t, "length")
			stop := at.Add(time.Duration(length) * time.Second)
			spans, want = append(spans, Span{at, stop}), want+length
			at = stop.Add(time.Duration(rapid.Int64Range(0, 86400).Draw(t, "gap")) * time.Second)
		}
		got, day := int64(0), ""
		for _, p := range pieces(spans, zone) {
			last := p.stop.Add(-time.Second).In(zone).Format(dayFormat)
			if first := p.start.In(zone).Format(dayFormat); first != p.day || last != p.day {
				t.Fatalf("a piece of %s reaches from %s to %s", p.day, first, last)
			}
			if p.day <= day || p.seconds <= 0 {
				t.Fatalf("%s after %s, %d s", p.day, day, p.seconds)
			}
			got, day = got+p.seconds, p.day
		}
		if got != want {
			t.Fatalf("%d s of %d", got, want)
		}
	})
}
