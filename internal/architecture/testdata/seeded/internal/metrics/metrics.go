// Package metrics is allowed to all, and brings what is not.
package metrics

import (
	_ "github.com/asynkron/protoactor-go/actor"

	_ "github.com/conserje/conserje/integrations/whatsapp"
)
