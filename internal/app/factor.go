package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"elicense/internal/account"
	"elicense/internal/config"
)

// openAccounts assembles accounts. An installation whose officials' secrets of one-time codes lie open in the database says so
// at every start.
func (a *App) openAccounts(passwords account.Hash) error {
	keys, err := a.Config.FactorKeys()
	if err != nil {
		return err
	}
	if len(keys) == 0 && a.Config.Environment == "production" {
		a.log.Warn("the secrets of one-time codes are stored unencrypted", "remedy", "make a key with `openssl rand -hex 32` and name its file in factor-key")
	}
	a.Accounts, err = account.New(a.Store, a.World, a.verifier, account.Settings{Origin: a.Config.Origin, Environment: a.Config.Environment,
		FactorRequired: a.Config.OfficeFactor != config.FactorOptional, FactorKeys: keys, Hash: passwords})
	return err
}

// makeFactorKey makes the demonstration's key; a file that exists stays.
func makeFactorKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	key := make([]byte, 32)
	_, err = rand.Read(key)
	if err == nil {
		_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	}
	return errors.Join(err, f.Sync(), f.Close())
}
