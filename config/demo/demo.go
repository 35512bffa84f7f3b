// Package demo holds the demo's hotel: Posada del Cerro, which does not exist.
package demo

import (
	_ "embed"

	"github.com/conserje/conserje/config"
)

//go:embed posada-del-cerro.yaml
var posada []byte

// Hotel is the demo hotel's file, to be read as any hotel's is.
func Hotel() config.Document {
	return config.Document{Name: "posada-del-cerro.yaml", Data: posada}
}
