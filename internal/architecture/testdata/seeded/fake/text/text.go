// Package text stands in for an allowed library.
package text
