package postgres

import "syscall"

// dieWithParent has the kernel stop the server when the process that started it is killed.
func dieWithParent(a *syscall.SysProcAttr) *syscall.SysProcAttr {
	a.Pdeathsig = syscall.SIGQUIT
	return a
}
