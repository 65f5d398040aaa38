package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elicense/internal/account"
	"elicense/internal/config"
)

// An installation of a state without a key for the secrets of one-time codes is told so; any other is not.
func TestOpenSecretsAreTold(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environment, key string
		told             bool
	}{{"production", "", true}, {"production", key, false}, {"demo", "", false}} {
		var log bytes.Buffer
		a := &App{log: slog.New(slog.NewTextHandler(&log, nil)), Config: config.Config{Environment: c.environment, FactorKey: c.key}}
		if err := a.openAccounts(account.Hash{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "factor-key"); got != c.told {
			t.Errorf("%s with key %q: %q", c.environment, c.key, log.String())
		}
	}
}
