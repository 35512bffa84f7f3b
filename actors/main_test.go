package actors_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Every engine is drained by its test's cleanup: nothing may be left. A pill
// that a drain has given up waiting for keeps one of protoactor's futures for
// up to 10 s; no test gives up.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
