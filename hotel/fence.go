package hotel

import "context"

type fenceKey struct{}

// WithFence hands a fence to whoever writes a request that changes something
// outside: an engine whose claim may be another's by now holds it back. A fence
// that ctx has already is asked first.
func WithFence(ctx context.Context, fence func() error) context.Context {
	both := fence
	if outer, ok := ctx.Value(fenceKey{}).(func() error); ok {
		both = func() error {
			if err := outer(); err != nil {
				return err
			}
			return fence()
		}
	}
	return context.WithValue(ctx, fenceKey{}, both)
}

// Fence asks, right before such a request is written, whether it may leave. Its
// error is NotSent. Without a fence everything may.
func Fence(ctx context.Context) error {
	if fence, ok := ctx.Value(fenceKey{}).(func() error); ok {
		return fence()
	}
	return nil
}
