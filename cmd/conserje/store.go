package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/conserje/conserje/hotel"
	"github.com/conserje/conserje/persistence/sqlite"
)

// openStore opens the embedded store; its error names the setting and the fix.
func openStore(ctx context.Context, c sqlite.Config) (*sqlite.Store, error) {
	s, err := sqlite.Open(ctx, c)
	return s, storeError(c.Dir, err)
}

// storeError says in the words of who starts it why a folder's store does not
// open. Its kind stays to be asked for.
func storeError(dir string, err error) error {
	e, ok := errors.AsType[*hotel.Error](err)
	switch {
	case !ok:
		return err
	case e.Kind == hotel.Conflict:
		return fmt.Errorf("DATA_DIR=%s is in use: %w", dir, err)
	case e.Kind == hotel.Invalid:
		return fmt.Errorf("DATA_DIR=%s cannot hold the store (name a folder that this user may write): %w", dir, err)
	default:
		return fmt.Errorf("DATA_DIR=%s: the store does not open (is the disk full, or the database another program's?): %w", dir, err)
	}
}
