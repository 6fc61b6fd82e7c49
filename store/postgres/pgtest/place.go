package pgtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// binaries finds the folder of the server's programs: beside the initdb on the PATH, else the newest where Debian and its
// like keep them.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		real, err := filepath.EvalSymlinks(path)
		return filepath.Dir(real), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errors.New("no initdb on the PATH or in /usr/lib/postgresql/*/bin: install the PostgreSQL server (apt install postgresql)")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(strings.Split(path, "/")[4])
	return n
}

// unprivileged returns whom the server runs as: PostgreSQL refuses root, who then lends it another user.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUser := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGroup := strconv.ParseUint(account.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUser, errGroup)
	}
	return nil, errors.New("running as root, and there is neither a user postgres nor nobody to run the server as")
}

// roomInMemory is how many bytes a folder in memory must have free to be used.
const roomInMemory = 2 << 30

// folder makes the cluster's folder, in memory where there is plenty of it. Sockets lie in it too, so its path is short.
func (c *Cluster) folder() (string, error) {
	parent := os.TempDir()
	var room syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &room) == nil && room.Bavail*uint64(room.Bsize) > roomInMemory {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "tieout-pg-")
	if err != nil && parent != os.TempDir() {
		dir, err = os.MkdirTemp(os.TempDir(), "tieout-pg-")
	}
	if err != nil {
		return "", err
	}
	return dir, c.give(dir)
}

func (c *Cluster) give(path string) error {
	if c.owner == nil {
		return nil
	}
	return os.Chown(path, int(c.owner.Uid), int(c.owner.Gid))
}

func (c *Cluster) writeFile(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return c.give(path)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// keep starts the keeper: a shell that sleeps until the pipe it reads ends, which is when this process closes it or dies
// in whatever way. Then it stops the server and removes the folder.
func (c *Cluster) keep() error {
	const script = `cat >/dev/null; "$1/pg_ctl" stop --pgdata "$2/data" --mode immediate --wait; rm -rf "$2"`
	keeper := exec.Command("/bin/sh", "-c", script, "keeper", c.bin, c.dir)
	keeper.Dir = "/"
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.owner}
	pipe, err := keeper.StdinPipe()
	if err != nil {
		return err
	}
	if err := keeper.Start(); err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	c.lifeline, c.keeper = pipe, keeper
	return nil
}
