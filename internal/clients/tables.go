package clients

// What a heard name may differ in from the name as written. Data, so that a confusion found in use is one more line.

// spelled maps a word to the one form under which it is compared.
var spelled = map[string]string{
	"corp": "corporation", "inc": "incorporated", "ltd": "limited", "co": "company", "bros": "brothers",
	"intl": "international", "assoc": "associates", "assocs": "associates", "mfg": "manufacturing",
	"vs": "v", "versus": "v", "against": "v", "dr": "doctor", "mt": "mount",
}

// suffixes say what kind of organisation it is, and are often left out in speech.
var suffixes = set("incorporated", "corporation", "company", "limited", "llc", "llp", "lp", "plc", "pllc", "pc", "pa",
	"gmbh", "ag", "sa", "sas", "sarl", "spa", "srl", "nv", "bv", "ab", "oy", "as", "pty", "pte", "kg", "kk")

// kinds say what somebody is, not who. They are left out in speech more often than they are wrong.
var kinds = set("trust", "family", "estate", "foundation", "office", "revocable", "children", "holdings", "holding", "group", "partners",
	"partner", "associates", "sons", "brothers", "daughters", "industries", "systems", "services", "solutions", "technologies", "logistics",
	"enterprises", "international")

// titles come before a person's name.
var titles = set("doctor", "mr", "mrs", "ms", "miss", "professor", "judge", "sir", "dame", "father", "sister")

// leading and trailing words belong to the sentence, not to the name, unless nothing else is left.
var (
	leading  = set("the", "customer", "client", "matter", "case", "file", "account", "for", "with", "my", "our", "of")
	trailing = set("matter", "case", "file", "account", "client", "customer", "please", "bill", "invoice")
)

// joined are beginnings of names that speech recognition writes as words of their own: "o brien", "mc donald".
var joined = set("o", "d", "l", "mc", "mac", "fitz")

// vague are first words that do not name anybody by themselves, so that a short form takes the second word too.
var vague = set("first", "1", "2", "3", "national", "american", "united", "general", "global", "new", "north", "south",
	"east", "west", "northern", "southern", "eastern", "western", "great", "royal", "saint", "st", "san", "santa", "los",
	"las", "van", "von", "der", "bank", "city", "county", "state", "estate", "family", "law",
	"doctor", "mount", "fort", "mr", "mrs", "ms", "group", "trust")

// little words never stand for a name.
var little = set("of", "the", "de", "la", "le", "el", "du", "del", "for")

// said gives the sounds of names that are not said as they are spelled, each as a recogniser would write it.
var said = map[string][]string{
	"nguyen":            {"win", "nwin"},
	"ng":                {"ing"},
	"hughes":            {"hews"},
	"siobhan":           {"shivon"},
	"sean":              {"shawn"},
	"niamh":             {"neev"},
	"saoirse":           {"seersha"},
	"caoimhe":           {"keeva"},
	"cholmondeley":      {"chumley"},
	"featherstonehaugh": {"fanshaw"},
	"beauchamp":         {"beecham"},
	"menzies":           {"mingis"},
	"geoghegan":         {"gaygan"},
	"mainwaring":        {"mannering"},
	"wriothesley":       {"rizley"},
	"leicester":         {"lester"},
	"worcester":         {"wooster"},
	"gloucester":        {"gloster"},
	"yosemite":          {"yosemity"},
	"xiong":             {"shong"},
	"xu":                {"shoo"},
	"zhang":             {"jang"},
	"qin":               {"chin"},
	"cao":               {"tsow"},
	"pham":              {"fam"},
	"huynh":             {"win"},
	"joaquin":           {"wakeen"},
	"jorge":             {"horhay"},
	"jose":              {"hosay"},
	"jimenez":           {"himenez"},
	"krzyzewski":        {"shashefski"},
	"phuong":            {"fong"},
	"goethe":            {"gerta"},
	"thoreau":           {"thorow"},
	"beaulieu":          {"bewley"},
	"hermes":            {"ermez"},
	"cox":               {"cocks"},
	"wright":            {"rite"},
}

// classes put sounds that recognition confuses into one. A sound that is not here is dropped: vowels, h, w, y.
var classes = map[byte]byte{
	'b': 'p', 'p': 'p', 'c': 'k', 'k': 'k', 'g': 'k', 'q': 'k', 'd': 't', 't': 't', 'T': 't', 'f': 'f', 'v': 'f',
	's': 's', 'z': 's', 'S': 's', 'C': 's', 'j': 's', 'l': 'l', 'r': 'r', 'm': 'n', 'n': 'n',
}

// letters are those that do not decompose into a letter and a mark.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "ng",
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
