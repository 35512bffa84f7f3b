// Package actor stands in for the library.
package actor
