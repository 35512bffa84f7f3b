// Package other stands in for a library that nobody allowed.
package other
