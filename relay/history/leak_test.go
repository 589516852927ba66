package history_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain wants that no goroutine is left when all tests have ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
