// Package whatsapp speaks Meta's WhatsApp Cloud API: it verifies and decodes
// webhooks, and sends messages through the Graph API.
//
//	Meta --POST--> Verifier.Verify --> Decode --> hotel.Webhook      (transport, the hot path)
//	hotel.Message --> Client.Send --> Graph API --> wamid, or *hotel.Error by kind
//
// Verify hashes the raw bytes, because Meta signs its own escaped text and not
// the value behind it. Decode is lenient: whatever Meta adds, leaves out or
// writes as another type, the rest of the batch is decoded, and what gets no
// answer is named in Webhook.Ignored.
//
// A send has four ends: an id (accepted), a refusal by code (see classify), a
// request that certainly did not leave (hotel.NotSent), and one that may have
// left (hotel.InDoubt). The API has no idempotency key, so the difference
// between the last two is looked at on the wire, not guessed from the error.
package whatsapp
