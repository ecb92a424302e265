package evaluation

import (
	"math/rand/v2"
	"strings"
)

// parts make rarer surnames: a beginning and an end of one origin.
var parts = [][2][]string{
	{strings.Fields("Ash Brad Hart Stan Wal Hal Mor Elling Whit Black Hather Kings Langs Mid Nor Pem Ridge Shel Thorn Wake Win Bur Col Den Fair Green Hol Lock Mar Pen Rock Stock Sut Tal Wex"),
		strings.Fields("ford ley ton well wood worth by ham don field bury combe stead wick more shaw croft gate man more thorpe")},
	{strings.Fields("Stein Berg Gold Rosen Baum Feld Linden Hoch Ober Nieder Eisen Silber Birken Grun Weiss Schwarz Kalten Linder Acker Brunn Hof Kirch Stadt Wasser Winkel"),
		strings.Fields("mann bach berger meier hauser stein feld haus hofer dorf walder egger huber bauer mayer schmidt")},
	{strings.Fields("Bar Bell Cant Capr Cast Fior Gal Lomb Mart Mont Nap Pell Ragon Salv Tav Ven Vit Zan Mazz Pin Rom Sant Tort Guid"),
		strings.Fields("ini ello etti one ucci aldi oni elli acci ino ardi isi ano eri otto azzo")},
	{strings.Fields("Kow Jab Wis Zab Mal Dab Kor Lis Gor Sob Pol Krasn Bor Star Wol Zal Tom Mich Piet Jan Grab Rutk Czern"),
		strings.Fields("owski icki ewicz enko ov iak inski czyk uk alski ovic ek aczek")},
	{strings.Fields("Papa Theo Kara Stama Deme Niko Anto Kosta Pana Vasil Hatzi Mavro Christo Geor Kyria"),
		strings.Fields("doulos poulos nidis nakis giannis kos theou lakis tzis matis ridis")},
	{strings.Fields("Yama Taka Naka Mura Kawa Oka Hara Ishi Mori Ta Fuji Hashi Kita Nishi Matsu Shima Ueno Kuro"),
		strings.Fields("moto hashi mura yama da saki shima gawa no hara uchi naga mine bayashi")},
	{strings.Fields("Mc Mac O' Fitz"), strings.Fields("Allister Kinnon Carrick Farland Gillis Intyre Nally Namara Quillan Sorley Tavish Vey Hale Keefe Shea Dowd Grady Leary Malley Mara Rourke Toole Gibbon Simmons Maurice Patrick Garrity Ardle Bride")},
	{strings.Fields("Krishna Rama Venka Subra Nara Raja Shiva Ananth Bala Chandra Gopala Hari Jaya Lakshmi Muthu Param Sesha Sundara"),
		strings.Fields("murthy swamy raman nathan rajan krishnan charya lingam tesan yanan kumaran mani sekar")},
	{strings.Fields("Ader Ogun Olu Ade Oko Chi Nwa Aya Bami Fola Ojo Ikpe Ugo Eme Ona"), strings.Fields("bayo leye wale mola nkwo nedu chukwu yemi dele rinde kachi zie nna tunde kunle")},
	{strings.Fields("Sark Petros Harout Grig Karap Manouk Bedros Avak Haig Kev Nal Tor Kaz Der"), strings.Fields("isian ossian ounian orian etian ekian orkian azian bandian enian")},
	{strings.Fields("Dom Ver Alv Men Bar Fab Gir Lob Mar Nav Ord Que Rosal Sala Tru Val Villa Zam Cer Esc"), strings.Fields("inguez gara arez doza rientos regat alde anez quez arro onez sada ello tierra illo verde nueva ora vantes obedo")},
	{strings.Fields("Lind Berg Dahl Eng Hag Holm Lund Nord Sand Strand Sund West Ost Ek Gran Hall Sjo Soder"), strings.Fields("strom qvist gren berg holm mark dahl lund blad stedt vall gaard")},
}

// rare makes a surname that few have.
func rare(r *rand.Rand) string {
	p := parts[r.IntN(len(parts))]
	return pick(r, p[0]) + pick(r, p[1])
}

var (
	onsets = strings.Fields("b br c cr d dr f fl g gl gr h j k kr l m n p pl pr qu r s sc sk sl sp st t tr v w x z ch sh th")
	nuclei = strings.Fields("a e i o u a e i o u ai ea io ee oo ia")
	codas  = strings.Fields("n r l x s m nt rd ck st nd lt rk sk ss th p t d")
)

// coined makes a word that only a trade name is.
func coined(r *rand.Rand) string {
	var b strings.Builder
	for range 2 + r.IntN(2) {
		b.WriteString(pick(r, onsets) + pick(r, nuclei))
	}
	if r.IntN(2) == 0 {
		b.WriteString(pick(r, codas))
	}
	w := b.String()
	return strings.ToUpper(w[:1]) + w[1:]
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }
