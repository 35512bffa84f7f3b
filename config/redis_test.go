package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedisProblems(t *testing.T) {
	t.Parallel()

	for want, settings := range map[string][]string{
		"REDIS_URL: is no address of a Redis":                      {"REDIS_URL=http://:topsecret@h"},
		"REDIS_URL: its path is no number":                         {"REDIS_URL=redis://:topsecret@h/first"},
		"REDIS_URL: its port is none":                              {"REDIS_URL=redis://:topsecret@h:0"},
		"REDIS_URL: has options":                                   {"REDIS_URL=rediss://:topsecret@h?ssl_cert_reqs=none"},
		"REDIS_HOST: is set beside REDIS_URL":                      {"REDIS_URL=redis://h", "REDIS_HOST=h"},
		"REDIS_PASSWORD: is set beside REDIS_URL":                  {"REDIS_URL=redis://h", "REDIS_PASSWORD=topsecret"},
		"REDIS_HOST: is no host name":                              {"REDIS_HOST=redis://h"},
		"REDIS_PORT: is no port":                                   {"REDIS_HOST=h", "REDIS_PORT=x"},
		"REDIS_PORT: is set, but no Redis is named":                {"REDIS_PORT=6379"},
		"REDIS_PASSWORD: is set, but no Redis is named":            {"REDIS_PASSWORD=topsecret"},
		"CHECK_REDIS_IN_READINESS: is set, but no Redis is named":  {"CHECK_REDIS_IN_READINESS=true"},
		"REDIS_PREFIX: is no prefix":                               {"REDIS_URL=redis://h", "REDIS_PREFIX=a b"},
		"REDIS_CA_FILE: is set, but nothing is encrypted":          {"REDIS_URL=redis://h", "REDIS_CA_FILE=redis_test.go"},
		"REDIS_CA_FILE: the file cannot be read":                   {"REDIS_URL=rediss://h", "REDIS_CA_FILE=/nowhere"},
		"REDIS_PORT: is set beside REDIS_URL; keep one of the two": {"REDIS_URL=redis://h", "REDIS_PORT=6379"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, settings...)
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "topsecret")
		})
	}

	_, err := load(t, "REDIS_URL=http://h", "REDIS_PORT=x", "REDIS_PREFIX=*", "REDIS_CA_FILE=/nowhere")
	for _, name := range []string{"REDIS_URL: is no", "REDIS_PORT: is set", "REDIS_PORT: is no", "REDIS_PREFIX:", "REDIS_CA_FILE: is", "REDIS_CA_FILE: the"} {
		require.ErrorContains(t, err, name, "all at once")
	}
}

func TestRedisAddress(t *testing.T) {
	t.Parallel()

	for want, settings := range map[string][]string{
		"":                               nil,
		"redis://h:6379/0":               {"REDIS_HOST=h"},
		"redis://:p%40w%2F@h:6380/0":     {"REDIS_HOST=h", "REDIS_PORT=6380", "REDIS_PASSWORD=p@w/"},
		"redis://[::1]:6379/0":           {"REDIS_HOST=::1"},
		"rediss://default:pw@h.test:1/2": {"REDIS_URL=rediss://default:pw@h.test:1/2", "CHECK_REDIS_IN_READINESS=true"},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, settings...)
			require.NoError(t, err)
			require.Equal(t, want, c.Redis.Address().Reveal())
			require.Equal(t, want != "", c.HasRedis())
		})
	}
}
