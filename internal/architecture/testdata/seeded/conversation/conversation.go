// Package conversation rolls dice, and imports an allowed and, through hotel, a forbidden library.
package conversation

import (
	_ "math/rand"

	_ "golang.org/x/other"
	_ "golang.org/x/text"

	_ "github.com/conserje/conserje/hotel"
)
