package evaluation

import (
	"math/rand/v2"
	"strings"
)

// hear makes of a spoken form what a recogniser may write. Each rule is named; the name is the case's kind.
type rule struct {
	name  string
	share int // of 100 cases
	make  func(*rand.Rand, string) string
}

var rules = []rule{
	{"clean", 20, func(_ *rand.Rand, s string) string { return s }},
	{"framed", 5, framed},
	{"possessive", 3, func(_ *rand.Rand, s string) string { return strings.TrimSuffix(s, "s") + "'s" }},
	{"spelled", 4, spelledOut},
	{"respelled", 18, wordwise(respell)},
	{"homophone", 8, homophone},
	{"misheard", 12, wordwise(mishear)},
	{"lost", 8, wordwise(lose)},
	{"added", 5, wordwise(add)},
	{"split", 5, split},
	{"joined", 4, join},
	{"twice", 8, func(r *rand.Rand, s string) string { return wordwise(either)(r, wordwise(either)(r, s)) }},
}

func either(r *rand.Rand, w string) string {
	return []func(*rand.Rand, string) string{respell, respell, mishear, lose, add}[r.IntN(5)](r, w)
}

// framed puts the sentence's own words around.
func framed(r *rand.Rand, s string) string {
	f := pick(r, []string{"the * matter", "* matter", "the * case", "customer *", "client *", "the *", "* account", "*'s file"})
	return strings.Replace(f, "*", s, 1)
}

// wordwise applies a rule to one word, of those with more than three letters if there are.
func wordwise(f func(*rand.Rand, string) string) func(*rand.Rand, string) string {
	return func(r *rand.Rand, s string) string {
		w := strings.Fields(s)
		var long []int
		for i := range w {
			if len(w[i]) > 3 && !isCarried(w[i]) {
				long = append(long, i)
			}
		}
		if len(long) == 0 {
			return s
		}
		i := long[r.IntN(len(long))]
		w[i] = f(r, w[i])
		return strings.Join(w, " ")
	}
}

// carried are words that a recogniser knows too well to write anything else: it hears an unknown name wrong, and numbers
// and the language's commonest words right.
const carried = " the of and v trust family estate versus against doctor company corporation limited inc. corp. ltd. llc llp pllc co. gmbh " +
	"street avenue road lane boulevard zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen " +
	"fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "

func isCarried(w string) bool { return strings.Contains(carried, " "+w+" ") }

// change is letters and what they may become. Written with ^ and $ for a word's ends; * is any letter in a group.
type change struct{ from, to string }

func changes(text string) (list []change) {
	for _, pair := range strings.Fields(text) {
		from, to, _ := strings.Cut(pair, ">")
		list = append(list, change{from, to})
	}
	return list
}

// same are other spellings of about the same sound.
var same = changes(`ph>f ck>k ^c>k ks>x x>cks qu>kw y$>ie ie$>y ey$>y y$>ey ei>ie ei>ey ai>ay ay>ai ea>ee ee>ea oo>u ou>oo gh> ^kn>n ^wr>r
sch>sh tz>ts dt>t tt>t ss>s ll>l nn>n rr>r mm>m ff>f pp>p bb>b ce>se ci>si z$>s ^wh>w ^rh>r mb$>m ge$>j ch>k th>t sen$>son son$>sen
er$>or er$>ar ar$>er or$>er on$>en en$>on an$>en man$>mann mann$>man berg$>burg burg$>berg stein$>stine stein$>steen el$>le le$>el
ky$>kie ski$>sky sky$>ski eau>o eaux$>o oux$>oo aux$>o ez$>es es$>ez w$> ow$>o o$>oe ue$>oo oy>oi au>aw aw>au our>or ^j>y ^x>z
^ts>s ^zh>j ^nk>k ^mb>b ng$>n gn>n cz>ch sz>s j>zh wicz$>vich ov$>off ev$>eff tsch>ch tch>ch dge>j i$>y i$>ee a$>ah sh>sch ^e>i`)

// alike are sounds that are taken for one another.
var alike = changes(`b>p p>b d>t t>d g>k k>g v>f f>v s>z z>s m>n n>m th>f th>d sh>ch ch>sh j>ch v>b b>v w>v v>w l>r r>l
e>i i>e a>e e>a o>a a>o u>o o>u oo>o ee>i i>ee ai>e ea>e ng>n n>ng`)

func respell(r *rand.Rand, w string) string { return apply(r, w, same) }
func mishear(r *rand.Rand, w string) string { return apply(r, w, alike) }

// apply makes one of the changes that fit, at one of its places; the first letter counts as any other.
func apply(r *rand.Rand, w string, list []change) string {
	type place struct {
		at, length int
		to         string
	}
	var fits []place
	for _, c := range list {
		from := strings.Trim(c.from, "^$")
		for at := 0; at+len(from) <= len(w); at++ {
			first, last := c.from[0] == '^' && at > 0, strings.HasSuffix(c.from, "$") && at+len(from) < len(w)
			if !first && !last && w[at:at+len(from)] == from {
				fits = append(fits, place{at, len(from), c.to})
			}
		}
	}
	if len(fits) == 0 {
		return w
	}
	p := fits[r.IntN(len(fits))]
	return w[:p.at] + p.to + w[p.at+p.length:]
}

const vowels = "aeiouy"

func vowel(b byte) bool { return strings.IndexByte(vowels, b) >= 0 }

// lose drops a sound that is often not heard.
func lose(r *rand.Rand, w string) string {
	var weak []int
	for i := range len(w) {
		final, between := i == len(w)-1, i > 0 && i < len(w)-1
		switch {
		case final && strings.IndexByte("dtskgnrl", w[i]) >= 0,
			i == 0 && w[i] == 'h',
			between && strings.IndexByte("rlnhw", w[i]) >= 0 && !vowel(w[i+1]),
			between && strings.IndexByte("dtpk", w[i]) >= 0 && !vowel(w[i+1]) && !vowel(w[i-1]),
			between && vowel(w[i]) && i > 1 && !vowel(w[i-1]) && !vowel(w[i+1]):
			weak = append(weak, i)
		}
	}
	if len(weak) == 0 {
		return w
	}
	i := weak[r.IntN(len(weak))]
	return w[:i] + w[i+1:]
}

// add puts in a sound that was not said.
func add(r *rand.Rand, w string) string {
	last := w[len(w)-1]
	switch d := r.IntN(6); {
	case d == 0 && last != 's':
		return w + "s"
	case d == 1 && (last == 'n' || last == 'l' || last == 'r'):
		return w + pick(r, []string{"d", "t"})
	case d == 2 && vowel(last):
		return w + pick(r, []string{"r", "n", "h", "l"})
	case d == 3 && vowel(w[0]):
		return pick(r, []string{"h", "n", "y"}) + w
	case d == 4:
		return w + pick(r, []string{"er", "y", "a", "ing"})
	}
	for i := 1; i < len(w)-1; i++ {
		if !vowel(w[i]) && !vowel(w[i-1]) && r.IntN(2) == 0 {
			return w[:i] + pick(r, []string{"a", "e", "i", "o"}) + w[i:]
		}
	}
	for i := 1; i < len(w); i++ {
		if vowel(w[i-1]) && !vowel(w[i]) && r.IntN(2) == 0 {
			return w[:i] + pick(r, []string{"n", "r", "l", "s", "t"}) + w[i:]
		}
	}
	return w
}

// split writes a word as two: before a consonant that a vowel follows.
var split = wordwise(func(r *rand.Rand, w string) string {
	var places []int
	for i := 2; i < len(w)-2; i++ {
		if !vowel(w[i]) && vowel(w[i+1]) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return w
	}
	i := places[r.IntN(len(places))]
	return w[:i] + " " + w[i:]
})

// join writes two words as one.
func join(r *rand.Rand, s string) string {
	w := strings.Fields(s)
	var places []int
	for i := 1; i < len(w); i++ {
		if !isCarried(w[i-1]) && !isCarried(w[i]) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return s
	}
	i := places[r.IntN(len(places))]
	return strings.Join(w[:i], " ") + strings.Join(w[i:], " ")
}

// spelledOut spells the first word, as letters with points, with spaces, or in capitals' names.
func spelledOut(r *rand.Rand, s string) string {
	first, rest, _ := strings.Cut(s, " ")
	if len(first) > 9 || !letters(first) || isCarried(first) {
		return s
	}
	end := pick(r, []string{". ", " "})
	var b strings.Builder
	for _, l := range first {
		b.WriteString(string(l) + end)
	}
	return strings.TrimSpace(b.String() + rest)
}

func letters(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return w != ""
}

// homophone takes a word that is said alike, where there is one; else another spelling.
func homophone(r *rand.Rand, s string) string {
	w := strings.Fields(s)
	for _, i := range r.Perm(len(w)) {
		if others := homophones[w[i]]; len(others) > 0 {
			w[i] = pick(r, others)
			return strings.Join(w, " ")
		}
	}
	return wordwise(respell)(r, s)
}

var homophones = func() map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(alikeWords), "\n") {
		for _, group := range strings.Split(line, ";") {
			words := strings.Split(strings.TrimSpace(group), ",")
			for i, w := range words {
				for j, other := range words {
					if i != j {
						m[w] = append(m[w], other)
					}
				}
			}
		}
	}
	return m
}()

// alikeWords are groups of words that are said alike, or nearly: names, and words that a recogniser knows better.
const alikeWords = `
nguyen,win,nwin,newen; wright,right,rite,write; knight,night,nite; reed,reid,read; stein,stine; cohen,cohn,cone,koen; moore,more,moor
hall,haul; hughes,hews,hues,use; lee,leigh,li,lea; clark,clarke; smith,smyth,smythe; schmidt,schmitt,shmit; meyer,mayer,maier,meier
myers,meyers,miers; brown,browne,braun; green,greene; gray,grey; stewart,stuart; philips,phillips,fillips; allen,alan,allan; ann,anne
katherine,catherine,kathryn; jeffrey,geoffrey,jeffery; steven,stephen; stevens,stephens; brian,bryan,brien; sean,shawn,shaun
sara,sarah; teresa,theresa; eric,erik,erick; mark,marc; jon,john; thompson,thomson,tomson; johnson,johnston,jonson; andersen,anderson
peterson,petersen,pederson; hansen,hanson; larsen,larson; olsen,olson; nielsen,nelson,neilson; carlson,karlson; erickson,ericsson
baker,bakker; bell,belle; bush,bosch; cook,cooke,kook; cox,cocks,cocs; day,dey; dean,deen,dene; fisher,fischer; ford,forde
fox,fawkes,foks; gardner,gardiner,gardener; hart,heart; hayes,hays,haze; hicks,hix; holmes,homes; hunt,hunte; king,kinge; kelly,kelley
knox,nox; lane,layne,lain; lewis,louis; lynch,linch; lyons,lions; mann,man; mills,mils; neal,neil,kneel; payne,pain,paine,pane
pierce,pearce,peirce; price,prise; ray,rae,wray; rhodes,roads,rodes; rice,ryce; rose,rows; ross,ros; rowe,row,roe; shaw,shore; sims,simms
stokes,stoax; sun,son,sunn; tate,tait; terry,terri,teri; tyler,tiler; vaughn,vaughan,von; wade,wayed; walsh,walls,welsh; ward,warred
watts,whats,watt; webb,web; wells,whales; white,wight,wite; wood,would; young,yung,jung; xu,shoo,su; zhang,jang,chang; zhao,jao,chow
wang,wong; wu,woo; li,lee; liu,leo,lew; chen,chin; zhou,joe,jo; xiao,shaw; qin,chin; cao,tsao; hsu,shoo; kwok,quack; huynh,win,hwin
pham,fam; phan,fan; tran,trahn; hoang,wong,hwang; vu,voo; le,lay; ngo,no,go; bui,booey; duong,zuong; dinh,din; jimenez,himenez
jose,hosay; jorge,horhay; juan,wan,whan; javier,havier; joaquin,wakeen; guillermo,giyermo; vasquez,vazquez,basquez; perez,peres
gonzalez,gonzales; hernandez,ernandez; rodriguez,rodrigues,rodriquez; diaz,dias; cruz,cruise,crews; pena,penya; munoz,munyoz
garcia,garsia,garcea; castillo,castiyo; patel,pattel,patil; shah,sha,shaw; singh,sing,sing; khan,con,kahn; rao,row,rau; iyer,ire,ayer
joshi,joeshee; chaudhry,chowdhury,chaudry; siddiqui,sidiki; qureshi,koreshi; ahmed,ahmad,achmed; hussain,hussein,hosein; mohamed,mohammed,muhammad
kowalski,kovalsky,kowalsky; nowak,novak; wojcik,voychick; szabo,sabo; nagy,nadge; kovacs,kovach; horvath,horvat; dvorak,dvorjack
rossi,rosy,rossie; russo,rousseau; ricci,richie,reachy; greco,grecko; caruso,karuso; deluca,de luca; dimarco,di marco; beaulieu,bewley
dubois,dubwa,du bois; leroy,le roy; roux,rue,roo; lefebvre,lefever; gauthier,gotier,gochay; hebert,abear; boudreaux,boudreau,boodro
thibodeaux,tibbadow; tremblay,trombley; pelletier,pelchy; koch,coke,cook; kruger,krueger,kroeger; schroeder,shrader,schrader
schwartz,schwarz,shorts; schultz,shults,schulz; weber,webber; huber,hoover; klein,kline,cline; roth,wroth; krause,kraus,crouse
zimmermann,zimmerman; devries,de vries; vandyke,van dyke; vandenberg,van den berg; deboer,de boer,debore; smit,smith; jansen,janssen,yansen
levy,levi,leavy; levine,lavine; katz,cats; kaplan,caplan; shapiro,chapiro; bernstein,burnstein; goldstein,goldstine; rosenthal,rosenthall
o'brien,o brien,obrien,o'bryan; o'connor,o connor,o'conner; o'neill,o neil,oneal; o'reilly,o riley,orielly; o'sullivan,o sullivan; o'donnell,o donnell
doherty,dougherty,dockerty; gallagher,gallaher; kavanagh,cavanaugh; geoghegan,gaygan,gagan; mckay,mackay,mackie; mcleod,mccloud
mcdonald,macdonald,mc donald; mckenzie,mackenzie; mccormack,mccormick; mclaughlin,mclachlan; mcgrath,mcgraw; menzies,mingis,menzees
beauchamp,beecham; cholmondeley,chumley; mainwaring,mannering; leicester,lester; worcester,wooster; pepys,peeps; colquhoun,cahoon
urquhart,erkart; dalziel,dee ell; marjoribanks,marchbanks; featherstone,feather stone; siobhan,shivon,chevonne; niamh,neev,neve; saoirse,seersha,sersha
aoife,eefa; eoin,owen; ciara,keira,kira; padraig,patrick,porick; ngozi,angosi; kwame,kwami; phuong,fong; thanh,tan; anh,on,ann; linh,lin
mei,may; wei,way; ming,min; jing,ging; hui,hway; jun,june; priya,preya; deepa,deeper; neha,naya; anjali,angeli; lakshmi,luxmi; rajesh,rajash
yusuf,yousef,joseph; layla,leila; noor,nor; tariq,tarik; karim,kareem; omar,omer; dmitri,dimitri; sergei,sergey; piotr,peter; tomasz,thomas
giovanni,jovanni; giulia,julia; luca,luka; genevieve,jenevieve; helene,helen; jurgen,yurgen; bjorn,byorn; astrid,astrud; rivka,rifka; yael,yale
acorn,a corn,akorn; anchor,anker; apex,a pecks; arbor,harbor; aspen,aspin; aurora,a rora; birch,burch; bristol,bristle; cascade,cask aid
cedar,seeder; citadel,sit adel; cobalt,co bolt; coral,choral; cypress,cyprus; delta,delter; eagle,ego; echo,ecko; emerald,emeralt; falcon,falkin
granite,granit; harbor,arbor; hawthorn,hawthorne; hearthstone,heart stone; heritage,hair itage; ivory,ivry; jade,jayed; juniper,june iper
keystone,key stone; laurel,lorel; lotus,lotis; maple,maypole; mercury,merkury; meridian,meridien; monarch,mon ark; oasis,o asis; onyx,onix
orion,o'ryan; pacific,specific; paragon,perigon; phoenix,fenix,feenix; pinnacle,penicle; polaris,polarus; prism,prison; quartz,courts
sable,cable; saffron,saffrin; sequoia,sekoia; sierra,ciera; sterling,stirling; summit,submit; sycamore,sick amore; thistle,fissile
titan,tighten; topaz,toe paz; trident,try dent; triton,tritan; vertex,vortex; vista,vesta; walnut,wall nut; willow,will oh; windsor,winsor
zenith,xenith; zephyr,zeffer; foods,foot; works,work; shoes,shoe; glass,class; paper,pepper; steel,steal; mining,minding; marine,moraine
medical,metical; dental,rental; dairy,diary; market,marked; capital,capitol; tools,tulles; toys,toy; sports,ports; salon,saloon
sons,suns,son; partners,partner; associates,associate; brothers,brother; holdings,holding; systems,system; motors,motor; farms,farm
`
