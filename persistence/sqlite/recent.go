package sqlite

// recent is a map that forgets: two generations of at most size entries each,
// of which the older is dropped when the younger is full. What is read moves
// to the younger. It belongs to one goroutine.
type recent[K comparable, V any] struct {
	young, old map[K]V
	size       int
}

func newRecent[K comparable, V any](size int) *recent[K, V] {
	return &recent[K, V]{young: map[K]V{}, size: size}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	if v, ok := r.young[k]; ok {
		return v, true
	}
	v, ok := r.old[k]
	if ok {
		r.put(k, v)
	}
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if len(r.young) >= r.size {
		r.old, r.young = r.young, make(map[K]V, r.size/4)
	}
	r.young[k] = v
}

// remove forgets one entry.
func (r *recent[K, V]) remove(k K) {
	delete(r.young, k)
	delete(r.old, k)
}

// clear forgets everything.
func (r *recent[K, V]) clear() {
	r.old, r.young = nil, map[K]V{}
}
