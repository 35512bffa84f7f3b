// Package transport ships its own test package, and reaches forbidden rooms through a shared one.
package transport

import (
	_ "github.com/conserje/conserje/internal/metrics"
	_ "github.com/conserje/conserje/transport/transporttest"
)
