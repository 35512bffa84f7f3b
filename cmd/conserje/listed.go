package main

import (
	"encoding/json"
	"io"
)

// printJSON prints a list, each as the admin API writes it; [] when it is empty.
func printJSON[T any](w io.Writer, list []T, as func(T) any) error {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = as(x)
	}
	return json.NewEncoder(w).Encode(out)
}
