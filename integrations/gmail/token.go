package gmail

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/conserje/conserje/hotel"
)

// newSource makes a token source that asks at its first use. Its context lives
// as long as the process: the source keeps it for its HTTP client. c.mu is held,
// or c is new.
func (c *Client) newSource() oauth2.TokenSource {
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, c.http)
	return c.oauth.TokenSource(ctx, &oauth2.Token{RefreshToken: c.refresh})
}

func (c *Client) current() oauth2.TokenSource {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source
}

// replace drops a source whose token was refused; when somebody else did so
// already, theirs is used.
func (c *Client) replace(refused oauth2.TokenSource) oauth2.TokenSource {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.source == refused {
		c.source = c.newSource()
	}
	return c.source
}

// token asks the source, which caches and lets one caller refresh for all. A
// caller whose time is up leaves; the refresh goes on for the next.
func (c *Client) token(ctx context.Context, source oauth2.TokenSource) (string, error) {
	type answer struct {
		token *oauth2.Token
		err   error
	}
	ready := make(chan answer, 1)
	go func() {
		t, err := source.Token()
		ready <- answer{t, err}
	}()
	select {
	case <-ctx.Done():
		return "", &hotel.Error{Op: op, Kind: hotel.NotSent, Code: "token", Err: ctx.Err()}
	case a := <-ready:
		if a.err != nil {
			return "", tokenError(a.err)
		}
		c.keep(a.token.RefreshToken)
		return a.token.AccessToken, nil
	}
}

// keep remembers a refresh token that replaces ours.
func (c *Client) keep(refresh string) {
	c.mu.Lock()
	changed := refresh != "" && refresh != c.refresh
	if changed {
		c.refresh = refresh
	}
	c.mu.Unlock()
	if changed && c.renewed != nil {
		c.renewed(refresh)
	}
}

// tokenError gives an error of the token endpoint its kind. Nothing was sent in
// any case. invalid_grant and the other refusals are permanent: a person must
// renew the consent or mend the client.
func tokenError(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return &hotel.Error{Op: op, Kind: hotel.NotSent, Code: "token", Err: cause(err)}
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	code := refused.ErrorCode
	if code == "" || code == "temporarily_unavailable" || code == "server_error" || status >= 500 ||
		status == http.StatusTooManyRequests {
		return &hotel.Error{Op: op, Kind: hotel.NotSent, Code: "token", Err: fmt.Errorf("token endpoint answered %d", status)}
	}
	return &hotel.Error{Op: op, Kind: hotel.Unauthorised, Scope: hotel.ScopeNumber, Code: code,
		Err: fmt.Errorf("token endpoint answered %d %s", status, code)}
}
