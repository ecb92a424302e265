package memory

import (
	"slices"
	"sort"
)

// order keeps a partition's sort keys in order, in chunks, so that inserting in the middle of a hundred thousand
// keys moves a few hundred of them. No chunk is empty.
type order struct{ chunks [][]string }

// A variable, so that a test can split small ones.
var maxChunk = 512

// find returns the chunk that holds the key or would hold it.
func (o *order) find(key string) int {
	i := sort.Search(len(o.chunks), func(i int) bool { return o.chunks[i][0] > key })
	return max(0, i-1)
}

func (o *order) insert(key string) {
	if len(o.chunks) == 0 {
		o.chunks = [][]string{{key}}
		return
	}
	i := o.find(key)
	at, _ := slices.BinarySearch(o.chunks[i], key)
	o.chunks[i] = slices.Insert(o.chunks[i], at, key)
	if c := o.chunks[i]; len(c) > maxChunk {
		half := slices.Clone(c[maxChunk/2:])
		o.chunks[i] = c[:maxChunk/2]
		o.chunks = slices.Insert(o.chunks, i+1, half)
	}
}

func (o *order) remove(key string) {
	i := o.find(key)
	at, _ := slices.BinarySearch(o.chunks[i], key)
	o.chunks[i] = slices.Delete(o.chunks[i], at, at+1)
	if len(o.chunks[i]) == 0 {
		o.chunks = slices.Delete(o.chunks, i, i+1)
	}
}

// between calls visit for each key with from <= key < to, until it returns false; an empty bound is none.
func (o *order) between(from, to string, desc bool, visit func(key string) bool) {
	if desc {
		o.down(from, to, visit)
	} else {
		o.up(from, to, visit)
	}
}

func (o *order) up(from, to string, visit func(string) bool) {
	for i := o.find(from); i < len(o.chunks); i++ {
		at, _ := slices.BinarySearch(o.chunks[i], from)
		for _, key := range o.chunks[i][at:] {
			if to != "" && key >= to || !visit(key) {
				return
			}
		}
	}
}

func (o *order) down(from, to string, visit func(string) bool) {
	last := len(o.chunks) - 1
	if to != "" && last >= 0 {
		last = o.find(to)
	}
	for i := last; i >= 0; i-- {
		at := len(o.chunks[i])
		if to != "" {
			at, _ = slices.BinarySearch(o.chunks[i], to)
		}
		for at--; at >= 0; at-- {
			if o.chunks[i][at] < from || !visit(o.chunks[i][at]) {
				return
			}
		}
	}
}
