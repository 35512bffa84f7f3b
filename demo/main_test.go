package demo_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// built is the folder of the program that the browser's tests start.
var built string

func TestMain(m *testing.M) {
	var err error
	if built, err = os.MkdirTemp("", "conserje-demo"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(built) // a temporary folder
		os.Exit(code)
	}))
}
