package pgtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Cluster is a private PostgreSQL server.
type Cluster struct {
	dir, bin  string
	password  string
	port      int
	owner     *syscall.Credential // nil = whoever runs the tests
	keeper    *exec.Cmd           // ends the server and removes the folder
	lifeline  io.Closer           // when it closes
	server    *server             // nil while stopped
	turn      sync.Mutex
	templates map[string]bool
	made      int
	owned     bool // by one test
}

// settings suit short tests on small machines. Nothing weakens what a commit promises: fsync and synchronous_commit
// stay on, which costs nothing where the folder is in memory.
var settings = []string{"listen_addresses='127.0.0.1'", "shared_buffers=64MB", "max_connections=200", "jit=off", "autovacuum=off",
	"checkpoint_timeout=1h", "max_wal_size=4GB", "min_wal_size=64MB", "log_min_messages=warning", "log_line_prefix='%m [%p] '", "lc_messages=C",
	"timezone=UTC"}

func start(more []string) (c *Cluster, err error) {
	c = &Cluster{password: rand.Text(), templates: map[string]bool{}}
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	if c.dir, err = c.folder(); err != nil {
		return nil, err
	}
	if err := errors.Join(c.keep(), c.initialise(more)); err != nil {
		c.remove()
		return nil, err
	}
	return c, nil
}

// initialise makes the cluster and starts it on a free port; another process may take that port first.
func (c *Cluster) initialise(more []string) error {
	secret := filepath.Join(c.dir, "password")
	if err := c.writeFile(secret, c.password); err != nil {
		return err
	}
	if err := c.tool("initdb", "--pgdata", c.data(), "--username", superuser, "--pwfile", secret, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"); err != nil {
		return err
	}
	all := append(slices.Clone(settings), "unix_socket_directories='"+c.dir+"'")
	conf := strings.Join(append(all, more...), "\n") + "\n"
	if err := c.writeFile(filepath.Join(c.data(), "postgresql.auto.conf"), conf); err != nil {
		return err
	}
	var err error
	for range 5 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.start(); err == nil {
			return nil
		}
	}
	return err
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// Address is where the server listens, as host and port.
func (c *Cluster) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

// remove ends the server and its folder with it.
func (c *Cluster) remove() {
	if c.lifeline != nil {
		c.lifeline.Close()
		c.keeper.Wait()
	}
	os.RemoveAll(c.dir)
}

// tool runs one of PostgreSQL's programs to its end.
func (c *Cluster) tool(name string, args ...string) error {
	said, err := c.command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, said)
	}
	return nil
}

// command is one of PostgreSQL's programs, run as the owner of the cluster.
func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+c.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.owner}
	return cmd
}
