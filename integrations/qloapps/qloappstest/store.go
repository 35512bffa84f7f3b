package qloappstest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// The records of the shop's database, as far as the API shows them.
type (
	customer struct {
		ID        int
		FirstName string
		LastName  string
		Email     string
		Phone     string
		Added     string
	}
	order struct {
		ID          int
		Customer    int
		State       int
		Currency    string
		Rate        float64 // of Currency when it was made; 0 = 1
		Language    int     // 0 = 1
		Source      string
		Reference   string
		Payment     string
		PaymentType int
		Paid        float64
		Remarks     []string
		Added       string
		Updated     string
	}
	service struct {
		ID       int
		Quantity int
		Price    float64 // whole stay, without tax, per piece
	}
	row struct { // room_bookings
		ID        int
		Order     int
		Room      int
		RoomType  int
		Customer  int
		From, To  string // YYYY-MM-DD
		Adults    int
		Children  int
		Ages      []int
		AgesText  bool    // the ages were sent as text, as XML does
		Price     float64 // whole stay, without tax, room only
		Tax       float64
		Services  []service
		Status    int // 1 allotted, 2 checked in, 3 checked out
		Refunded  bool
		Cancelled bool
		BackOrder bool
		Added     string
	}
	history struct {
		ID    int
		Order int
		State int
		Added string
	}
)

// rate is what one of the shop's currency was worth in the order's.
func (o order) rate() float64 {
	if o.Rate == 0 {
		return 1
	}
	return o.Rate
}

func (o order) language() int { return max(o.Language, 1) }

// change is what one request did: one line of the log, whole or not at all.
type change struct {
	Reset     bool       `json:",omitempty"`
	Customers []customer `json:",omitempty"`
	Orders    []order    `json:",omitempty"`
	Rows      []row      `json:",omitempty"`
	Gone      []int      `json:",omitempty"` // ids of rows that a move deleted
	Dropped   []int      `json:",omitempty"` // ids of orders that were deleted; their rows stay
	Histories []history  `json:",omitempty"`
}

// store holds the records and their log.
type store struct {
	mu        sync.Mutex
	customers []customer
	orders    []order
	rows      []row
	byRoom    map[int][]int // ids of rows, so that a check does not look at every booking ever made
	byOrder   map[int][]int
	histories []history
	nextRow   int // ids are given before rows are inserted, so that a race can insert them out of order
	nextOrder int
	log       *os.File // nil = memory only
}

const logName = "qloapps.jsonl"

// openStore replays the log of dir; fresh tells that there was nothing in it.
func openStore(dir string) (st *store, fresh bool, err error) {
	st = &store{byRoom: map[int][]int{}, byOrder: map[int][]int{}}
	if dir == "" {
		return st, true, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, fmt.Errorf("qloappstest: %w", err)
	}
	path := filepath.Join(dir, logName)
	whole, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, false, fmt.Errorf("qloappstest: %w", err)
	}
	// A kill in the middle of a write leaves half a line: it was answered to nobody.
	whole = whole[:bytes.LastIndexByte(whole, '\n')+1]
	if err := st.replay(whole); err != nil {
		return nil, false, fmt.Errorf("qloappstest: replay %s: %w", logName, err)
	}
	if st.log, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, false, fmt.Errorf("qloappstest: %w", err)
	}
	if err := st.log.Truncate(int64(len(whole))); err != nil {
		return nil, false, fmt.Errorf("qloappstest: %w", err)
	}
	if _, err := st.log.Seek(0, 2); err != nil {
		return nil, false, fmt.Errorf("qloappstest: %w", err)
	}
	return st, len(whole) == 0, nil
}

func (st *store) replay(whole []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(whole))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c change
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return err
		}
		st.apply(c)
	}
	return lines.Err()
}

// commit logs a change and applies it. The caller holds mu.
func (st *store) commit(c change) error {
	if st.log != nil {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if _, err := st.log.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	st.apply(c)
	return nil
}

func (st *store) apply(c change) {
	if c.Reset {
		st.customers, st.orders, st.rows, st.histories = nil, nil, nil, nil
		st.byRoom, st.byOrder = map[int][]int{}, map[int][]int{}
		st.nextRow, st.nextOrder = 0, 0
	}
	for _, v := range c.Customers {
		st.customers = upsert(st.customers, v, func(e customer) int { return e.ID })
	}
	for _, v := range c.Orders {
		st.orders = upsert(st.orders, v, func(e order) int { return e.ID })
		st.nextOrder = max(st.nextOrder, v.ID)
	}
	for _, v := range c.Rows {
		if st.row(v.ID) == nil {
			st.byRoom[v.Room] = append(st.byRoom[v.Room], v.ID)
			st.byOrder[v.Order] = append(st.byOrder[v.Order], v.ID)
		}
		st.rows = upsert(st.rows, v, func(e row) int { return e.ID })
		st.nextRow = max(st.nextRow, v.ID)
	}
	for _, id := range c.Gone {
		st.drop(id)
	}
	for _, id := range c.Dropped {
		st.orders = slices.DeleteFunc(st.orders, func(o order) bool { return o.ID == id })
	}
	st.histories = append(st.histories, c.Histories...)
}

// upsert keeps the list sorted by id.
func upsert[T any](all []T, v T, id func(T) int) []T {
	i, found := slices.BinarySearchFunc(all, id(v), func(e T, want int) int { return id(e) - want })
	if found {
		all[i] = v
		return all
	}
	return slices.Insert(all, i, v)
}

func (st *store) order(id int) *order {
	i, found := slices.BinarySearchFunc(st.orders, id, func(o order, id int) int { return o.ID - id })
	if !found {
		return nil
	}
	return &st.orders[i]
}

func (st *store) row(id int) *row {
	i, found := slices.BinarySearchFunc(st.rows, id, func(r row, id int) int { return r.ID - id })
	if !found {
		return nil
	}
	return &st.rows[i]
}

func (st *store) drop(id int) {
	gone := st.row(id)
	if gone == nil {
		return
	}
	same := func(other int) bool { return other == id }
	st.byRoom[gone.Room] = slices.DeleteFunc(st.byRoom[gone.Room], same)
	st.byOrder[gone.Order] = slices.DeleteFunc(st.byOrder[gone.Order], same)
	st.rows = slices.DeleteFunc(st.rows, func(r row) bool { return r.ID == id })
}

func (st *store) customer(id int) *customer {
	i, found := slices.BinarySearchFunc(st.customers, id, func(c customer, id int) int { return c.ID - id })
	if !found {
		return nil
	}
	return &st.customers[i]
}

func (st *store) rowsOf(order int) []row {
	var mine []row
	for _, id := range st.byOrder[order] {
		mine = append(mine, *st.row(id))
	}
	return mine
}

// free tells whether nothing holds the room between the dates.
func (st *store) free(room int, from, to string) bool {
	for _, id := range slices.Backward(st.byRoom[room]) { // the latest are the likeliest
		r := st.row(id)
		if !r.Refunded && r.From < to && from < r.To {
			return false
		}
	}
	return true
}

func (st *store) close() error {
	if st.log == nil {
		return nil
	}
	return st.log.Close()
}
