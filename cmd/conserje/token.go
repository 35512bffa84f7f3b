package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// adminAccess is how commands reach the running engine: a 0600 file of the data folder.
type adminAccess struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

const accessFile = "admin.json"

// writeToken makes a new token for this run and leaves it where commands look.
func writeToken(dir, url string) (string, error) {
	a := adminAccess{URL: url, Token: rand.Text()}
	body, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, accessFile)
	if err := os.WriteFile(path+".new", body, 0o600); err != nil {
		return "", fmt.Errorf("admin token: %w", err)
	}
	return a.Token, os.Rename(path+".new", path)
}

// dropToken takes the token of an engine that ends away.
func dropToken(dir string) error { return os.Remove(filepath.Join(dir, accessFile)) }

// readToken finds the engine of a data folder; os.ErrNotExist when none runs there.
func readToken(dir string) (adminAccess, error) {
	var a adminAccess
	body, err := os.ReadFile(filepath.Join(dir, accessFile))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return a, errors.Join(fmt.Errorf("%s is not readable; start the engine again", accessFile), err)
	}
	return a, nil
}
