//go:build !js

package main

import (
	"fmt"
	"os"
)

// main says where this program belongs.
func main() {
	fmt.Fprintln(os.Stderr, "signer: this program runs in a browser; `make signer` builds it")
	os.Exit(2)
}
