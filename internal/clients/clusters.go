package clients

import "strings"

// place says where letters are said so.
type place byte

const (
	anywhere place = iota
	first          // where the name begins
	last           // where it ends
	soft           // before e, i or y
	open           // before a vowel
	shut           // not before a vowel
)

// cluster is letters that are said in one way.
type cluster struct {
	from, to string
	at       place
}

// clusters are by their first letter, longest first. S is sh, C is ch, T is th.
var clusters = func() (table [256][]cluster) {
	places := map[byte]place{'^': first, '$': last, '+': soft, '>': open, '|': shut}
	for _, entry := range strings.Fields(`
		tsch=C sch=S tch=C ch=C sh=S ph=f th=T dt=t ck=k ^kn=n ^gn=n gn=n ^wr=r rh=r wh=w ^x=z x=ks qu=kw q=k ce$=s c+=s c=k cz=C
		sci=S sz=S ^ts=s tz=ts zh=j dge=j dg=j ge$=j ^pf=f ^nk=k ^mb=b ^ps=s ^ng=n ng=n mb$=m gh|= gh=g ough=o augh=o igh=i ight=it
		ssi>=S ti>=S
		eau=o aux$=o oux$=u eaux$=o ee=i ea=i ie=i ei=i ey=i ai=e ay=e oo=u ou=u ue=u oe=o ow=o au=o aw=o oy=oi oa=o ew=u eu=u ui=u
		^y>=y y>=i y=i e$= ia=ia
		w$= w|= wicz$=viC wics$=viC ov$=of ev$=ef ah|=a eh|=e oh|=o uh|=u ih|=i
		z$=s cc=k kk=k cks=ks cques=ks c$=k mc=mak ll=l`) {
		from, to, _ := strings.Cut(entry, "=")
		var at place
		if p, ok := places[from[0]]; ok {
			at, from = p, from[1:]
		} else if p, ok := places[from[len(from)-1]]; ok {
			at, from = p, from[:len(from)-1]
		}
		list := append(table[from[0]], cluster{from, to, at})
		for i := len(list) - 1; i > 0 && len(list[i].from) > len(list[i-1].from); i-- {
			list[i], list[i-1] = list[i-1], list[i]
		}
		table[from[0]] = list
	}
	return table
}()

// closeBy are sounds that recognition confuses, nearBy those that it confuses at times.
var (
	closeBy = strings.Fields("pb td kg fv sz SCj CT Tt Tf Ts sS vw vb zj")
	nearBy  = strings.Fields("lrn jyh kC zS td Td wb gj iy uw")
)
