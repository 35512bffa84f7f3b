package main

import (
	"fmt"
	"time"

	"github.com/conserje/conserje/hotel"
)

// secret signs the run's webhooks. It opens nothing else.
const secret = "bench-secret"

// webhookPath is where every server of the child listens for webhooks.
const webhookPath = "/api/webhooks/whatsapp"

// server names what the child serves.
type server string

// The rungs of the ladder, each with all of the one before, and the engine.
const (
	serveEcho    server = "echo"    // fasthttp answers 200
	serveVerify  server = "verify"  // + signature
	serveDecode  server = "decode"  // + decoding
	serveDurable server = "durable" // + a group-committed insert of the row: a plain prototype
	serveAccept  server = "accept"  // the real transport and store, nobody nudged
	serveEngine  server = "engine"  // the whole engine
)

// spec tells the child what to be. It goes over its standard input, as JSON.
type spec struct {
	Serve      server        `json:"serve"`
	Dir        string        `json:"dir"` // data folder
	Graph      string        `json:"graph,omitempty"`
	Hotels     []string      `json:"hotels,omitempty"` // a URL for each property; empty = no hotel systems
	Properties int           `json:"properties"`
	PerSecond  float64       `json:"per_second"` // tier of each number
	PairBurst  int           `json:"pair_burst"`
	Pair       time.Duration `json:"pair"`
	OpenFor    time.Duration `json:"open_for,omitempty"` // of the hotel systems' breakers; 0 = the engine's default
	CPUProfile string        `json:"cpu_profile,omitempty"`
}

// usage is what the child says of itself.
type usage struct {
	CPU     time.Duration `json:"cpu"` // user and system, since its start
	Heap    uint64        `json:"heap"`
	Backlog hotel.Backlog `json:"backlog"`
	Turns   float64       `json:"turns"`   // committed
	Commits float64       `json:"commits"` // of the store
	Rows    float64       `json:"rows"`    // requests that shared them
	Error   string        `json:"error,omitempty"`
}

// propertyID names the i-th hotel.
func propertyID(i int) hotel.PropertyID { return hotel.PropertyID(fmt.Sprintf("hotel-%02d", i)) }

// numberID is the phone_number_id of the i-th hotel's number.
func numberID(i int) string { return fmt.Sprintf("10654035224%04d", i) }
