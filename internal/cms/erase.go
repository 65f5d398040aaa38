package cms

import (
	"crypto/rsa"
	"math/big"

	"elicense/internal/gost"
)

// Erase overwrites the private key; the identity signs nothing any more that could be relied on. It does what Go allows and
// no more: copies that the collector, the stack or package rsa have made may remain until the memory itself is given back.
func (i Identity) Erase() {
	switch key := i.Key.(type) {
	case *gost.PrivateKey:
		key.Erase()
	case *rsa.PrivateKey:
		numbers := append([]*big.Int{key.D, key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv}, key.Primes...)
		for _, n := range numbers {
			if n != nil {
				clear(n.Bits())
				n.SetInt64(0)
			}
		}
	}
}
