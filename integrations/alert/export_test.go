package alert

import "time"

// Hurry shortens the pause between tries, and the patience of one.
func (w *Webhook) Hurry(pause, patience time.Duration) *Webhook {
	w.pause, w.client.Timeout = pause, patience
	return w
}
