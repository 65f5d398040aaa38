// Command elicense issues licences and permits: the external portal, the internal portal and what operators need, in
// one program.
package main

import (
	"os"

	"elicense/internal/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Stdout, os.Stderr)) }
