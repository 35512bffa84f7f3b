package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Problem is one thing that must be mended before the engine starts.
type Problem struct {
	Name string // the variable, or file:line and field
	What string
	Fix  string
}

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s; %s", p.Name, p.What, p.Fix) }

// problems collects them; none stops the search for the next.
type problems []*Problem

// add adds one, once: two rules may find the same.
func (ps *problems) add(name, what, fix string) {
	p := &Problem{Name: name, What: what, Fix: fix}
	if !slices.ContainsFunc(*ps, func(q *Problem) bool { return *q == *p }) {
		*ps = append(*ps, p)
	}
}

// err joins them in order of name; nil when there are none.
func (ps *problems) err() error {
	sorted := slices.Clone(*ps)
	slices.SortStableFunc(sorted, func(a, b *Problem) int { return cmp.Compare(a.Name, b.Name) })
	errs := make([]error, len(sorted))
	for i, p := range sorted {
		errs[i] = p
	}
	return errors.Join(errs...)
}
