// Package hotel imports more than the standard library.
package hotel

import _ "golang.org/x/other"
