//go:build unix && !linux

package postgres

import "syscall"

// dieWithParent does nothing where the kernel offers nothing.
func dieWithParent(a *syscall.SysProcAttr) *syscall.SysProcAttr { return a }
