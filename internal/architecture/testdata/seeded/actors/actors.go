// Package actors may import protoactor; its test reaches another room.
package actors

import _ "github.com/asynkron/protoactor-go/actor"
