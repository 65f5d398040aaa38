package config

import (
	"encoding/hex"
	"errors"
	"strings"
)

// factorKeySize is that of an AES-256 key, in bytes.
const factorKeySize = 32

// FactorKeys reads the keys that encrypt the secrets of one-time codes, the one that encrypts first; none where no file is
// named. The error begins with the setting and never holds anything of what was read.
func (c Config) FactorKeys() ([][]byte, error) {
	if c.FactorKey == "" {
		return nil, nil
	}
	text, err := readSmall("factor-key", c.FactorKey, 64<<10)
	if err != nil {
		return nil, err
	}
	var keys [][]byte
	for _, line := range strings.Fields(string(text)) {
		key, err := hex.DecodeString(line)
		if err != nil || len(key) != factorKeySize {
			return nil, errors.New("factor-key: every line is 64 hexadecimal digits, as `openssl rand -hex 32` makes them")
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("factor-key: the file holds no key")
	}
	return keys, nil
}
