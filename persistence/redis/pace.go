package redis

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"

	"github.com/conserje/conserje/hotel"
)

// Take takes n permits of a bucket, all or none; without them it says when
// there will be n. Unavailable: Redis is away, the caller keeps its own pace.
//
// AllowAtMost, which grants what is there, is not for us: at its limit it
// charges the bucket for the broken part of a permit that it does not grant.
func (c *Client) Take(ctx context.Context, bucket string, perSecond float64, burst, n int) (ok bool, wait time.Duration, err error) {
	limit := redis_rate.Limit{Rate: max(1, int(perSecond*3600)), Period: time.Hour, Burst: max(1, burst, n)}
	err = c.do(ctx, "take", func(ctx context.Context) (string, error) {
		r, err := c.limiter.AllowN(ctx, c.key("pace", bucket), limit, n)
		if err != nil {
			return "", err
		}
		if ok = r.Allowed >= n; ok {
			return "granted", nil
		}
		wait = max(time.Millisecond, r.RetryAfter)
		return "refused", nil
	})
	if err != nil {
		return false, 0, &hotel.Error{Op: "redis.Take", Kind: hotel.Unavailable, Err: err}
	}
	return ok, wait, nil
}
