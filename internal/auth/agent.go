package auth

import "strings"

// What a User-Agent header names, in the order in which the names must be looked for: each browser also names those it
// wants to be taken for.
var (
	browsers = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"AmazonAlexa", "Alexa app"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"},
	}
)

// family is what kind of device a User-Agent header tells of, "Firefox on Windows": enough to know one's own, with no
// version and no place.
func family(agent string) string {
	browser, system := named(agent, browsers), named(agent, systems)
	switch {
	case browser == "" && system == "":
		return "An unknown device"
	case browser == "":
		return "A browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func named(agent string, names [][2]string) string {
	for _, n := range names {
		if strings.Contains(agent, n[0]) {
			return n[1]
		}
	}
	return ""
}
