package qloappstest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/conserje/conserje/integrations/qloapps/qloappstest"
)

// A load run asks a stand-in for thousands of bookings: neither a create nor a
// look-up may become slow as they pile up.
func BenchmarkFilledHotel(b *testing.B) {
	for _, held := range []int{0, 5000} {
		s, err := qloappstest.New(qloappstest.Config{Property: qloappstest.Hotel(20)})
		require.NoError(b, err)
		night := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		book := func(n int) {
			in := night.AddDate(0, 0, n/20)
			serveOne(b, s, "POST", "/api/bookings?output_format=JSON", create(fmt.Sprintf("WA-%d", n), in.Format(time.DateOnly), in.AddDate(0, 0, 1).Format(time.DateOnly)))
		}
		n := 0
		for ; n < held; n++ {
			book(n)
		}
		b.Run(fmt.Sprintf("create/held=%d", held), func(b *testing.B) {
			for b.Loop() {
				book(n)
				n++
			}
		})
		b.Run(fmt.Sprintf("lookup/held=%d", held), func(b *testing.B) {
			for b.Loop() {
				serveOne(b, s, "GET", "/api/orders?filter[source]=[WA-0]&display=[id,reference]&output_format=JSON", "")
			}
		})
	}
}

func serveOne(b *testing.B, s *qloappstest.Server, method, target, body string) {
	b.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.SetBasicAuth(qloappstest.DemoKey, "")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	require.Equal(b, http.StatusOK, w.Code)
}
