// Package whatsapp imports another room.
package whatsapp

import _ "github.com/conserje/conserje/persistence/memory"
