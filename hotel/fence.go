package hotel

import "context"

type fenceKey struct{}

// WithFence hands a fence to whoever writes a request that changes something
// outside: an engine whose claim may be another's by now holds it back.
func WithFence(ctx context.Context, fence func() error) context.Context {
	return context.WithValue(ctx, fenceKey{}, fence)
}

// Fence asks, right before such a request is written, whether it may leave. Its
// error is NotSent. Without a fence everything may.
func Fence(ctx context.Context) error {
	if fence, ok := ctx.Value(fenceKey{}).(func() error); ok {
		return fence()
	}
	return nil
}
