package account

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"strings"

	"elicense/internal/access"
	"elicense/internal/fault"
	"elicense/internal/port"
)

// KeyFactorSealed is the fault (Unavailable) of a second factor whose secret none of the installation's keys opens.
const KeyFactorSealed = "factor.sealed"

// sealedBefore stands before a secret that is encrypted; a plain one is base32, in which no colon is.
const sealedBefore = "v1:"

// seal encrypts the secret of a factor (AES-256-GCM, NIST SP 800-38D) with the first key, for this account only: the account's
// id is authenticated with it. Without keys it stays as it is.
func (s *Accounts) seal(f access.Factor) (access.Factor, error) {
	if len(s.set.FactorKeys) == 0 {
		return f, nil
	}
	aead, err := gcm(s.set.FactorKeys[0])
	if err != nil {
		return f, err
	}
	nonce := s.world.Random(aead.NonceSize())
	f.Secret = sealedBefore + base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, []byte(f.Secret), []byte(f.Official)))
	return f, nil
}

// factor gives a second factor with its secret open. Rows from before there was a key are plain: ChangeFactor encrypts them.
func (s *Accounts) factor(ctx context.Context, v port.View, official string) (access.Factor, bool, error) {
	f, ok, err := v.Office().Officials().Factor(ctx, official)
	if err != nil || !ok {
		return f, ok, err
	}
	text, sealed := strings.CutPrefix(f.Secret, sealedBefore)
	if !sealed {
		return f, true, nil
	}
	box, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = errors.New("no key opens the secret of the second factor")
	}
	for _, key := range s.set.FactorKeys {
		aead, wrong := gcm(key)
		if wrong != nil || len(box) < aead.NonceSize() {
			continue
		}
		if secret, wrong := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], []byte(f.Official)); wrong == nil {
			f.Secret = string(secret)
			return f, true, nil
		}
	}
	return f, true, fault.New(fault.Unavailable, KeyFactorSealed).Because(err)
}

// changeFactor writes a factor that was used, with its secret encrypted, into the unit of the caller.
func (s *Accounts) changeFactor(tx port.Tx, f access.Factor) error {
	f, err := s.seal(f)
	if err == nil {
		tx.Write().Office().Officials().ChangeFactor(f)
	}
	return err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
