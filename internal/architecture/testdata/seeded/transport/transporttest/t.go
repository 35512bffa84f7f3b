// Package transporttest is for tests.
package transporttest
