package main

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/conserje/conserje/actors"
	"github.com/conserje/conserje/integrations/gmail"
	"github.com/conserje/conserje/persistence/redis"
)

// openRedis makes the client of what engines share, when one is named. It dials
// in the background: an engine starts, and works, without it.
func (a *app) openRedis() error {
	if !a.cfg.HasRedis() {
		return nil
	}
	c, err := redis.Open(redis.Config{
		URL: a.cfg.Redis.Address().Reveal(), CAFile: a.cfg.Redis.CAFile, Prefix: a.cfg.Redis.Prefix,
		HashKey: redisKey(a.cfg.WhatsApp.AppSecret.Reveal()), Metrics: a.metrics, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.redis = c
	a.closers = append(a.closers, func() { a.logged("redis", c.Close()) })
	return nil
}

// redisKey is what keys are hashed with: all engines of an installation have the app's secret.
func redisKey(secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("conserje: keys in redis"))
	return mac.Sum(nil)
}

// share lets the engine share with others what Redis is for.
func (a *app) share(c *actors.Config) {
	if a.redis != nil { // a nil client in an interface would be one
		c.Shared, c.Pace = a.redis, a.redis
		c.Settings.MailsPerMinute = a.mailsPerMinute()
	}
}

// mailsPerMinute is the pace of the Gmail account; 0 = there is none, or no limit.
func (a *app) mailsPerMinute() int {
	if a.cfg.Gmail.RefreshToken.IsZero() || a.cfg.Gmail.PerMinute < 0 {
		return 0
	}
	if a.cfg.Gmail.PerMinute == 0 {
		return gmail.PerMinute
	}
	return a.cfg.Gmail.PerMinute
}
