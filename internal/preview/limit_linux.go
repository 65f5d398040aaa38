package preview

import (
	"os/exec"
	"syscall"
	"unsafe"
)

// limited says that a process can be limited here.
const limited = true

// confine gives the program a group of its own, which is killed as a whole and with its parent. Apart, it is nobody in a
// user namespace, without network, other processes and System V memory.
func confine(cmd *exec.Cmd, apart bool) {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if apart {
		attr.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWPID
	}
	cmd.SysProcAttr = attr
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// limit sets the limits of a process that runs already but has been given nothing to read (prlimit(2)).
func limit(pid int, c Config) error {
	seconds := uint64(c.Time.Seconds()) + 1
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{syscall.RLIMIT_CPU, seconds}, {syscall.RLIMIT_AS, c.Memory}, {syscall.RLIMIT_FSIZE, 0}, {syscall.RLIMIT_CORE, 0}, {syscall.RLIMIT_NOFILE, 32},
	} {
		set := syscall.Rlimit{Cur: l.most, Max: l.most}
		_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), uintptr(l.resource), uintptr(unsafe.Pointer(&set)), 0, 0, 0)
		if errno != 0 && errno != syscall.ESRCH { // it has ended already
			return errno
		}
	}
	return nil
}
